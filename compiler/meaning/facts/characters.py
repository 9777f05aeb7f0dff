"""Where a value ends within a text: the characters that bound one, by a table that all evaluators share.

Interpreters differ in the version of Unicode that they know, so its classes stand in `characters.json`.
"""

from __future__ import annotations

import json
import pkgutil
from bisect import bisect_right
from functools import cache

APOSTROPHES = "'\u2019"
SHORTEST = 3  # characters of a text that can stand in another


@cache
def _table() -> dict[str, list[list[int]]]:
    content = pkgutil.get_data(__package__, "characters.json")  # importlib.resources takes longer
    assert content is not None
    found: dict[str, list[list[int]]] = json.loads(content)
    return found


def is_of(kind: str, character: str) -> bool:
    """Whether a character is of a class of the table."""
    ranges, number = _table()[kind], ord(character)
    at = bisect_right(ranges, [number, 0x110000]) - 1
    return at >= 0 and ranges[at][0] <= number <= ranges[at][1]


def can_be_quoted(text: str) -> bool:
    """Whether a text is long enough, and has enough in it, to stand in another."""
    return len(text) >= SHORTEST and any(is_of("letters_and_digits", each) for each in text)


def stands_in(value: str, text: str) -> bool:
    """Whether a value stands in a text as a whole token."""
    if not can_be_quoted(value):
        return False
    at = text.find(value)
    while at >= 0:
        if is_bounded(text, at, at + len(value)):
            return True
        at = text.find(value, at + 1)
    return False


def is_bounded(text: str, start: int, end: int, *, number: bool = False) -> bool:
    """Whether a stretch of a text is a token: neither side goes on with it."""
    return _ends(text[:start][::-1], "opening", '<"', number=number) and _ends(
        text[end:], "closing", '>"', number=number
    )


def _ends(rest: str, bracket: str, signs: str, *, number: bool) -> bool:
    """Whether what follows, read away from the token, does not go on with it."""
    if number and rest and (rest[0] == "%" or is_of("currency", rest[0])):
        return True
    if not rest or is_of("white_space", rest[0]):
        return True
    if rest[0] in APOSTROPHES:
        return len(rest) == 1 or is_of("white_space", rest[1])
    if rest[0] in signs or is_of(bracket, rest[0]):
        return True
    for each in rest:
        if is_of("white_space", each):
            return True
        if each in APOSTROPHES or not is_of("punctuation", each):
            return False
    return True
