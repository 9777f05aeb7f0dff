"""Texts of one run, and where in them values stand: found by their words, and then looked at.

A value that stands in a text as a whole token begins and ends where words do, so that each of its words is a
word of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TypeAlias

from ..runtime.characters import is_bounded, stands_in

Kind: TypeAlias = int
"""What a text is: one of those that the person said, of an origin, of what was written."""

WORD = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
EACH = 64  # what a text takes beside its characters
MOST_WORDS = 32  # of a value that are looked up; its whole text is compared in any case


class Texts:
    """What stands where: kinds and times of texts, by the words and the numbers in them."""

    __slots__ = ("_by_number", "_by_word", "_new", "_texts", "characters")

    def __init__(self) -> None:
        """Start without any."""
        self._texts: list[tuple[str, int, tuple[Kind, ...]]] = []
        self._new = 0  # texts from here on have not been taken apart
        self._by_word: dict[str, list[int]] = {}
        self._by_number: dict[float, list[int]] = {}
        self.characters = 0

    def add(self, text: str, time: int, kinds: tuple[Kind, ...]) -> None:
        """Take a text in, with what it is; it is taken apart once there is time, or somebody asks."""
        self._texts.append((text, time, kinds))
        self.characters += len(text) + EACH

    def settle(self) -> None:
        """Take apart what has come in."""
        for at in range(self._new, len(self._texts)):
            text = self._texts[at][0]
            for word in set(WORD.findall(text)):
                self._by_word.setdefault(word, []).append(at)
            for number in set(numbers_in(text)):
                self._by_number.setdefault(number, []).append(at)
        self._new = len(self._texts)

    def seen(self, value: str | float, wanted: Collection[Kind]) -> dict[Kind, int]:
        """For each wanted kind of texts in which a value stands, since when it does."""
        self.settle()
        is_text = isinstance(value, str)
        places = self._with_words(value) if isinstance(value, str) else self._by_number.get(value)
        found: dict[Kind, int] = {}
        for at in places or ():
            text, time, kinds = self._texts[at]
            new = [kind for kind in kinds if kind in wanted and time < found.get(kind, time + 1)]
            if new and (not is_text or stands_in(str(value), text)):
                found.update(dict.fromkeys(new, time))
        return found

    def _with_words(self, value: str) -> list[int] | None:
        """The texts that have all words of a value, or a few more."""
        fewest: list[int] | None = None
        for number, match in enumerate(WORD.finditer(value)):
            places = self._by_word.get(match[0])
            if places is None:
                return None
            if fewest is None or len(places) < len(fewest):
                fewest = places
            if number > MOST_WORDS:
                break
        return fewest


def numbers_in(text: str) -> Iterator[float]:
    """The numbers that stand in a text."""
    for each in NUMBER.finditer(text):
        if is_bounded(text, *each.span(), number=True):
            yield float(each[0])
