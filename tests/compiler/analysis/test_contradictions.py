"""Findings about contradictions and dead rules, expected in the policy beside the rule: `### CODE`.

A fixture is about one finding. A missing one fails, and so does one too many: most rules in the
fixtures only come close. `AGP2999` (undetermined) counts as one too many.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pytest

from agpc.compiler import ir
from agpc.compiler.analysis.run import FINDINGS, analyze
from agpc.compiler.compile import compile_sources
from agpc.compiler.diagnostics import Diagnostic
from agpc.compiler.source import Source

FIXTURES = sorted((Path(__file__).parent / "findings").glob("2*.agp"))
CODES = [code for code in FINDINGS if code.startswith("AGP2")]
MARK = re.compile(r"### ((?:AGP\d{4} ?)+)")


def policy_of(text: str) -> ir.Policy:
    compilation = compile_sources([Source("fixture.agp", text)])
    assert compilation.policy is not None, compilation.diagnostics
    return compilation.policy


def findings(text: str, codes: Collection[str]) -> list[Diagnostic]:
    return list(analyze(policy_of(text), codes=codes))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_each_finding_is_reported_where_it_is_and_no_other(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = Counter(
        (number, code)
        for number, line in enumerate(text.split("\n"), start=1)
        for match in MARK.finditer(line)
        for code in match[1].split()
    )
    found = findings(text, [f"AGP{path.stem[:4]}"])
    got = Counter((each.labels[0].span.line, each.code) for each in found)
    said = {(each.labels[0].span.line, each.code): each.message for each in found}
    assert wanted, "a fixture without expectations tests nothing"
    assert {place: said[place] for place in got - wanted} == {}, "unexpected"
    assert sorted(wanted - got) == [], "missing"


def test_every_code_has_a_fixture() -> None:
    seen = {
        code
        for path in FIXTURES
        for match in MARK.finditer(path.read_text(encoding="utf-8"))
        for code in match[1].split()
    }
    assert seen == set(CODES)
