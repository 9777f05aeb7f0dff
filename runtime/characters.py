"""Where a value ends within a text: the characters that bound one, by a table that all evaluators share.

Interpreters differ in the version of Unicode that they know, so its classes stand in `characters.json`.
"""

from __future__ import annotations

import json
import pkgutil
from bisect import bisect_right
from functools import cache, lru_cache

APOSTROPHES = "'\u2019"
DIGITS = "0123456789"
SHORTEST = 3  # characters of a text that can stand in another


@cache
def _table() -> dict[str, tuple[list[int], list[int]]]:
    """The first and the last characters of the ranges of each class."""
    content = pkgutil.get_data(__package__, "characters.json")  # importlib.resources takes longer
    assert content is not None
    found = json.loads(content)
    return {
        kind: ([first for first, _ in ranges], [last for _, last in ranges])
        for kind, ranges in found.items()
        if isinstance(ranges, list)
    }


@lru_cache(maxsize=8_192)
def is_of(kind: str, character: str) -> bool:
    """Whether a character is of a class of the table."""
    firsts, lasts = _table()[kind]
    at = bisect_right(firsts, ord(character)) - 1
    return at >= 0 and ord(character) <= lasts[at]


def class_of(*kinds: str) -> str:
    """Write classes of the table as ranges, such as stand between brackets in a pattern of `re`."""
    return "".join(
        f"\\U{first:08x}-\\U{last:08x}" for kind in kinds for first, last in zip(*_table()[kind], strict=True)
    )  # fmt: skip


def can_be_quoted(text: str) -> bool:
    """Whether a text is long enough, and has enough in it, to stand in another."""
    return len(text) >= SHORTEST and any(is_of("letters_and_digits", each) for each in text)


def stands_in(value: str, text: str) -> bool:
    """Whether a value stands in a text as a whole token."""
    return can_be_quoted(value) and is_token_of(value, text)


def is_token_of(value: str, text: str) -> bool:
    """Whether a value that can be quoted stands in a text."""
    at = text.find(value)
    while at >= 0:
        if is_bounded(text, at, at + len(value)):
            return True
        at = text.find(value, at + 1)
    return False


def is_bounded(text: str, start: int, end: int, *, number: bool = False) -> bool:
    """Whether a stretch of a text is a token: neither side goes on with it."""
    return _ends(text, start - 1, -1, "opening", '<"', number=number) and _ends(
        text, end, 1, "closing", '>"', number=number
    )


def _ends(text: str, at: int, step: int, bracket: str, signs: str, *, number: bool) -> bool:
    """Whether what follows, read away from the token, does not go on with it."""
    end = len(text) if step > 0 else -1
    if at == end:
        return True
    first = text[at]
    if number and (first == "%" or is_of("currency", first)):
        beyond = text[at + step] if at + step != end else " "
        return not (beyond in DIGITS or (first == "%" and is_of("letters_and_digits", beyond)))
    if is_of("white_space", first):
        return True
    if first in APOSTROPHES:
        return at + step == end or is_of("white_space", text[at + step])
    if first in signs or is_of(bracket, first):
        return True
    while at != end:
        if is_of("white_space", text[at]):
            return True
        if text[at] in APOSTROPHES or not is_of("punctuation", text[at]):
            return False
        at += step
    return True
