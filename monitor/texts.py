"""Texts of one run, and where in them values stand: found by their tokens, and then looked at.

A token is what stands between white space, brackets and quotes, without the signs around it. A value that stands
in a text as a whole begins and ends where tokens do, but for such signs, so that its tokens are tokens of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import TypeAlias

from ..runtime.characters import can_be_quoted, class_of, is_bounded, is_token_of
from ..runtime.values import read_digits

Kind: TypeAlias = int
"""What a text is: one of those that the person said, of an origin, of what was written."""

NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
EACH = 64  # what a text takes beside its characters
MOST_TOKENS = 32  # of a value that are looked up; its whole text is compared in any case


class Texts:
    """What stands where: kinds and times of texts, by the tokens and the numbers in them."""

    __slots__ = ("_by_number", "_by_token", "_kinds", "_known", "_new", "_texts", "characters")

    def __init__(self) -> None:
        """Start without any."""
        self._texts: list[tuple[str, int, frozenset[Kind]]] = []
        self._known: set[tuple[str, tuple[Kind, ...]]] = set()
        self._kinds: set[Kind] = set()
        self._new = 0  # texts from here on have not been taken apart
        self._by_token: dict[str, list[int]] = {}
        self._by_number: dict[float, list[int]] = {}
        self.characters = 0

    def add(self, text: str, time: int, kinds: tuple[Kind, ...]) -> None:
        """Take a text in, later than all before; it is taken apart once there is time, or somebody asks."""
        if (text, kinds) in self._known:  # it stood there before, and longer
            return
        self._known.add((text, kinds))
        self._kinds.update(kinds)
        self._texts.append((text, time, frozenset(kinds)))
        self.characters += len(text) + EACH

    def settle(self) -> None:
        """Take apart what has come in."""
        for at in range(self._new, len(self._texts)):
            text = self._texts[at][0]
            for token in set(_tokens().findall(text)):
                self._by_token.setdefault(token, []).append(at)
            for number in set(numbers_in(text)):
                self._by_number.setdefault(number, []).append(at)
        self._new = len(self._texts)

    def seen(self, value: str | float) -> dict[Kind, int]:
        """For each kind of texts in which a value stands, since when it does."""
        self.settle()
        places: Collection[int] = ()
        if not isinstance(value, str):
            places = self._by_number.get(value, ())
        elif can_be_quoted(value):
            places = self._with_tokens(value)
        found: dict[Kind, int] = {}
        for at in places:
            text, time, kinds = self._texts[at]
            if found.keys() >= kinds:
                continue
            if not isinstance(value, str) or is_token_of(value, text):
                for kind in kinds:
                    found.setdefault(kind, time)
                if len(found) == len(self._kinds):
                    break  # texts are in the order of time
        return found

    def _with_tokens(self, value: str) -> Collection[int]:
        """The texts that have all tokens of a value, or a few more."""
        fewest: Collection[int] = range(len(self._texts))
        for number, match in enumerate(_tokens().finditer(value)):
            places = self._by_token.get(match[0])
            if places is None:
                return ()
            if len(places) < len(fewest):
                fewest = places
            if number > MOST_TOKENS:
                break
        return fewest


@cache
def _tokens() -> re.Pattern[str]:
    inside = f'[^<>"{class_of("white_space", "opening", "closing")}]'
    return re.compile(rf"\w(?:{inside}*\w)?")


def numbers_in(text: str) -> Iterator[float]:
    """The numbers that stand in a text."""
    for each in NUMBER.finditer(text):
        if is_bounded(text, *each.span(), number=True):
            value = read_digits(each[0])
            if value is not None:
                yield value
