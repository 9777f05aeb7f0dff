"""Findings, expected in a policy beside the line that gives them.

A missing one fails, and so does one too many: most rules in the fixtures only come close. `AGP2999`
(undetermined) counts as one too many.
"""

from __future__ import annotations

from collections import Counter

import pytest

from agpc.compiler.analysis.inquiry import Limits
from agpc.compiler.analysis.run import FINDINGS, analyze
from agpc.runtime.values import read_time

from .finding_fixtures import FIXTURES, expected, policy_of

LIMITS = Limits(retention=90 * 86_400)
AT = read_time("2026-11-24T00:00:00Z")


@pytest.mark.parametrize("code", FIXTURES)
def test_each_finding_is_reported_where_it_is_and_no_other(code: str) -> None:
    wanted = expected(FIXTURES[code])
    found = list(analyze(policy_of(FIXTURES[code]), codes=[code], limits=LIMITS, at=AT))
    got = Counter((each.labels[0].span.line, each.code) for each in found)
    said = {(each.labels[0].span.line, each.code): each.message for each in found}
    assert {place: said[place] for place in got - wanted} == {}, "unexpected"
    assert sorted(wanted - got) == [], "missing"


def test_every_code_has_a_fixture_that_gives_it_and_no_other() -> None:
    assert {code: {each for _, each in expected(text)} for code, text in FIXTURES.items()} == {
        code: {code} for code in FINDINGS
    }
