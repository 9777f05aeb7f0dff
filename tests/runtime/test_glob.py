"""Globs, against a matcher that tries everything."""

from __future__ import annotations

import fnmatch
import time

import pytest
from generators import hostile_text
from hypothesis import given
from hypothesis import strategies as st

from agpc.runtime.glob import (
    Wildcard,
    glob_match,
    parse_glob,
    quote_glob,
)

LETTERS = st.text("ab*?\\", max_size=8)
PATTERNS = st.lists(
    st.sampled_from(("a", "b", "ab", "*", "?", "\\*", "\\?", "\\\\")), max_size=7
).map("".join)


def naive(parts: tuple[str | Wildcard, ...], text: str) -> bool:
    """Whether a glob matches, by trying every length for every `*`."""
    if not parts:
        return text == ""
    part, rest = parts[0], parts[1:]
    if part is Wildcard.ANY:
        return any(naive(rest, text[start:]) for start in range(len(text) + 1))
    if part is Wildcard.ONE:
        return text != "" and naive(rest, text[1:])
    assert isinstance(part, str)
    return text.startswith(part) and naive(rest, text[len(part) :])


@given(PATTERNS, LETTERS)
def test_a_glob_matches_what_trying_everything_matches(pattern: str, text: str) -> None:
    parts = parse_glob(pattern)
    assert glob_match(parts, text) == naive(parts, text)


@given(st.text("ab*?", max_size=7), st.text("ab\n", max_size=8))
def test_without_escapes_a_glob_is_that_of_the_standard_library(pattern: str, text: str) -> None:
    assert glob_match(parse_glob(pattern), text) == fnmatch.fnmatchcase(text, pattern)


@given(hostile_text(), hostile_text())
def test_a_quoted_text_matches_itself_alone(text: str, other: str) -> None:
    parts = parse_glob(quote_glob(text))
    assert glob_match(parts, text)
    assert glob_match(parts, other) == (text == other)
    assert glob_match(parse_glob(f"*{quote_glob(text)}*"), f"{other}{text}{other}")


@given(hostile_text())
def test_what_matches_anything_matches_anything(text: str) -> None:
    assert glob_match(parse_glob("*"), text)
    assert glob_match(parse_glob("?" * len(text)), text)
    assert not glob_match(parse_glob("?" * (len(text) + 1)), text)


@given(st.text("abT", min_size=1, max_size=4))
def test_case_matters(text: str) -> None:
    assert not glob_match(parse_glob(text.swapcase()), text)


@pytest.mark.parametrize("pattern", ["\\", "a\\", "\\n", "\\a*", "*\\", "\\\\\\"])
def test_a_backslash_that_means_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="means nothing"):
        parse_glob(pattern)


def test_matching_is_not_exponential() -> None:
    start = time.perf_counter()
    assert not glob_match(parse_glob("*a" * 30 + "b"), "a" * 5_000)
    assert not glob_match(parse_glob("*a?" * 20 + "b"), "a" * 2_000)
    assert time.perf_counter() - start < 2
