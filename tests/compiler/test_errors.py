"""Errors are expected in the policy under test, beside the line: `### CODE "underlined text"`.

A missing or an unexpected diagnostic fails, and the underlined text is asserted, not columns.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.codes import CODES
from agpc.compiler.report.source import Source

HERE = Path(__file__).parent
FIXTURES = sorted((HERE / "errors").glob("*.agp"))
MARK = re.compile(r'### (AGP\d{4}) "(.*?)"(?= ###|\s*$)')


def expected(text: str) -> Counter[tuple[int, str, str]]:
    return Counter(
        (number, match[1], match[2])
        for number, line in enumerate(text.split("\n"), start=1)
        for match in MARK.finditer(line)
    )


def found(source: Source) -> Counter[tuple[int, str, str]]:
    lines = source.lines()
    results: Counter[tuple[int, str, str]] = Counter()
    for each in compile_sources([source]).diagnostics:
        span = each.labels[0].span
        end = span.end_column if span.end_line == span.line else len(lines[span.line - 1]) + 1
        results[span.line, each.code, lines[span.line - 1][span.column - 1 : end - 1]] += 1
    return results


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_error_is_reported_where_it_is_and_no_other(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted, got = expected(text), found(Source(path.name, text))
    assert wanted, "a fixture without expectations tests nothing"
    assert sorted((got - wanted).items()) == [], "unexpected"
    assert sorted((wanted - got).items()) == [], "missing"


def test_every_code_of_names_types_and_rules_has_a_fixture() -> None:
    texts = [path.read_text(encoding="utf-8") for path in FIXTURES]
    seen = {code for text in texts for _, code, _ in expected(text)}
    codes = {code for code in CODES if "AGP1100" < code < "AGP1600"}
    assert codes - seen == set()
