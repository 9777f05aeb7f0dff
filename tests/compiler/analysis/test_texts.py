"""Sets of strings, compared with brute force over all short strings of a small alphabet."""

from __future__ import annotations

from functools import cache
from itertools import islice, product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.domains.texts import (
    FRESH,
    Glob,
    Language,
    OneOf,
    Path,
    Texts,
)
from agpc.compiler.analysis.procedure.verdict import Undetermined

ALPHABET = "ab/.*"
LENGTH = 5


@cache
def short_strings() -> tuple[str, ...]:
    return tuple(
        "".join(each) for length in range(LENGTH + 1) for each in product(ALPHABET, repeat=length)
    )


globs = st.lists(
    st.sampled_from(["a", "b", "/", ".", "*", "?", "\\*"]), max_size=5
).map(lambda parts: Glob("".join(parts)))  # fmt: skip
paths = st.sampled_from(
    ["/", "/a", "/a/b", "/.a", "/..b", "/*", "/a.", "/ab", "", "a", "a/b", "..b"]
).map(Path)
words = st.lists(st.sampled_from(ALPHABET), max_size=3).map("".join)
lists = st.frozensets(words, max_size=4).map(OneOf)
languages: st.SearchStrategy[Language] = st.one_of(globs, globs, paths, lists)
sets = st.builds(Texts, st.frozensets(languages, max_size=3), st.frozensets(languages, max_size=3))

EVERYTHING_BUT_GLOB = Texts(outside=frozenset((Glob("*"),)))
NO_PATH = Texts(frozenset((Path("/a"), Glob("/a/*/"))))


@given(languages, words)
def test_an_automaton_accepts_what_its_language_contains(language: Language, text: str) -> None:
    state = language.start()
    for letter in text:
        state = language.step(state, letter)
    assert language.accepts(state) == language.contains(text)


@given(sets)
@example(EVERYTHING_BUT_GLOB)
@example(NO_PATH)
@example(Texts(outside=frozenset((OneOf(frozenset()),))))
@example(Texts(frozenset((OneOf(frozenset()),))))
@example(Texts(frozenset((Path("/"),)), frozenset((Path("/"),))))
def test_members_are_members_and_there_are_some_wherever_brute_force_finds_one(
    texts: Texts,
) -> None:
    found = list(islice(texts.members(), 20))
    assert all(map(texts.contains, found)), "sound"
    assert len(set(found)) == len(found), "each once"
    if not found:
        assert not any(map(texts.contains, short_strings())), "complete"


@given(sets)
def test_few_members_are_given_whole(texts: Texts) -> None:
    if any(isinstance(each, OneOf) for each in texts.inside):
        assert set(texts.members()) >= set(filter(texts.contains, short_strings()))


@given(sets, sets)
def test_meet_and_complement_are_those_of_sets(one: Texts, other: Texts) -> None:
    both, outside = one & other, one.complement()
    for text in short_strings()[::7]:
        assert both.contains(text) == (one.contains(text) and other.contains(text))
        assert any(each.contains(text) for each in outside) != one.contains(text)


@given(sets)
def test_a_set_and_each_part_of_its_complement_have_nothing_in_common(texts: Texts) -> None:
    for each in texts.complement():
        assert next(iter((texts & each).members()), None) is None


def test_a_wildcard_finds_a_character_that_no_pattern_has() -> None:
    every = frozenset(Glob(f"{letter}") for letter in (*FRESH, "é", "¡"))
    texts = Texts(frozenset((Glob("?"),)), every)
    assert next(iter(texts.members()), None) is not None


@pytest.mark.parametrize("length", [1_000, 1_000_000])
def test_a_long_literal_is_matched_without_walking(length: int) -> None:
    long = "k" * length
    assert next(iter(Texts(frozenset((Glob(long + "*"),))).members())) == long
    unlike = Texts(frozenset((Glob("k*"),)), frozenset((OneOf(frozenset((long,))),)))
    assert next(iter(unlike.members())) == "k"


def test_patterns_that_are_too_long_are_undetermined() -> None:
    texts = Texts(frozenset((Glob("a*b"),)), frozenset((Glob("a" * 1_000_000 + "*"), Glob("ab"))))
    with pytest.raises(Undetermined):
        list(islice(texts.members(), 2))


STARS = frozenset(
    Glob("*" + "*".join(f"{first}{second}" for first in "abcde") + "*") for second in "qrstuvwxyz"
)


def test_many_patterns_with_many_stars_have_a_member() -> None:
    assert next(iter(Texts(STARS).members()))


def test_one_pattern_within_one_that_is_left_out_is_enough() -> None:
    assert list(Texts(STARS, frozenset((Glob("*a*b*"),))).members()) == []


def test_many_patterns_with_many_stars_and_exceptions_are_undetermined() -> None:
    texts = Texts(STARS, frozenset((Glob("*eq*ar*"), Glob("*ez*ay*"))))
    with pytest.raises(Undetermined):
        list(texts.members())
