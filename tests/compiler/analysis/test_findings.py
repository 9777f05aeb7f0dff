"""Findings, expected in a policy beside the line that gives them.

A missing one fails, and so does one too many: most rules in the fixtures only come close. `AGP2999`
(undetermined) counts as one too many.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib import import_module

import pytest

from agpc.compiler.analysis.answers import Answers
from agpc.compiler.analysis.inquiry import Inquiry
from agpc.compiler.analysis.limits import Limits
from agpc.compiler.analysis.run import ABOUT, FINDINGS, analyze, finders
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


@pytest.mark.parametrize("code", ABOUT)
def test_a_finding_is_not_there_without_what_it_is_about(code: str) -> None:
    """It is not even loaded then, so it must not have anything else to say."""
    policy = policy_of(FIXTURES[code])
    assert any(getattr(policy, each) for each in ABOUT[code])
    without = replace(policy, **{each: () for each in ABOUT[code]})
    limits = Limits(retention=1)
    module = import_module(f"agpc.compiler.analysis.findings.{FINDINGS[code]}")
    inquiry = Inquiry(Answers().world(without, limits), limits)
    if hasattr(module, "find"):
        assert list(module.find(inquiry)) == []
    else:
        assert [
            each for allow in without.allows for each in module.about_allow(inquiry, allow)
        ] == []
    assert code not in [each for each, _ in finders([code], without)]
    assert code in [each for each, _ in finders([code], policy)]
