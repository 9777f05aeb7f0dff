"""Globs match what a regular expression that is written for them matches."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.runtime.glob import Wildcard, glob_match, parse_glob, quote_glob

FEW = st.text(alphabet="ab", max_size=6)


def as_expression(pattern: str) -> str:
    wildcards = {Wildcard.ANY: "(?s:.*)", Wildcard.ONE: "(?s:.)"}
    return "".join(
        wildcards[part] if isinstance(part, Wildcard) else re.escape(part)
        for part in parse_glob(pattern)
    )


@given(st.text(alphabet="ab*?", max_size=7), FEW)
def test_glob_matches_as_its_regular_expression(pattern: str, text: str) -> None:
    expected = re.fullmatch(as_expression(pattern), text) is not None
    assert glob_match(parse_glob(pattern), text) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("t*", "spiffe://t", False),
        ("t*", "t", True),
        ("a", "ba", False),
        ("a", "a", True),
        ("*a", "ba", True),
        ("a*b", "ab", True),
        ("a*ab", "ab", False),
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("?", "🙂", True),
        ("\\*", "*", True),
        ("\\*", "a", False),
        ("a*", "a\nb", True),
        ("A*", "a", False),
    ],
)
def test_glob(pattern: str, text: str, expected: bool) -> None:
    assert glob_match(parse_glob(pattern), text) is expected


@given(st.text(max_size=5))
def test_quoted_text_matches_itself_alone(text: str) -> None:
    parts = parse_glob(quote_glob(text))
    assert glob_match(parts, text)
    assert not glob_match(parts, text + "x")
    assert not glob_match(parts, "x" + text)


@pytest.mark.parametrize("pattern", ["\\", "a\\b", "\\n"])
def test_a_stray_backslash_is_an_error(pattern: str) -> None:
    with pytest.raises(ValueError, match="backslash"):
        parse_glob(pattern)


def test_many_wildcards_take_no_exponential_time() -> None:
    start = time.perf_counter()
    assert not glob_match(parse_glob("*a" * 30 + "b"), "a" * 5_000)
    assert time.perf_counter() - start < 2
