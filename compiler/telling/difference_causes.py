"""A comparison by causes: the rules that make a difference, and below each whose calls are answered otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..structs import Struct

if TYPE_CHECKING:
    from ..analysis.diff.difference import Change, Witness
    from ..analysis.diff.order import Direction

VERDICTS = {
    "equivalent": "every request is answered as before",
    "more": "some requests are answered with more than before, and none with less",
    "less": "some requests are answered with less than before, and none with more",
    "incomparable": "some requests are answered with more than before, others with less",
    "undetermined": "it could not be told whether something opens",
}
OPENS_FIRST: tuple[Direction, ...] = ("incomparable", "more", "less")


class AlikeChanges(Struct):
    """Changes of one agent that are alike in everything but the intent and the call."""

    agent: str
    intents: tuple[str, ...]
    capabilities: tuple[str, ...]
    """Each of them for each of the intents."""
    change: Change
    """One of the changes, for what they have in common."""

    @property
    def count(self) -> int:
        """How many changes it stands for."""
        return len(self.intents) * len(self.capabilities)


class Cause(Struct):
    """Rules that make a difference, and what differs by them, what opens first."""

    base: tuple[str, ...]
    head: tuple[str, ...]
    rows: tuple[AlikeChanges, ...]

    @property
    def changes(self) -> tuple[Direction, ...]:
        """In which directions, those that open first."""
        found = {row.change.change for row in self.rows}
        return tuple(each for each in OPENS_FIRST if each in found)

    @property
    def weight(self) -> tuple[int, int, int]:
        """What is sorted by: what opens goes before what closes, a permit before its terms, much before little."""
        from ..analysis.diff.order import KINDS

        first = self.changes[0]
        opened = [row for row in self.rows if row.change.change == first]
        kind = min(KINDS.index(each) for row in opened for each in row.change.what)
        return first == "less", kind, -sum(row.count for row in opened)

    @property
    def parts(self) -> list[tuple[str, list[str]]]:
        """The rules by what became of them: changed, gone, new."""
        return parts_of(self.base, self.head)

    @property
    def witnesses(self) -> Iterator[Witness]:
        """A witness of each thing that is shown, one for each direction, kind and answer."""
        seen = set()
        for row in self.rows:
            for each in row.change.witnesses:
                kind = (each.direction, row.change.what, tuple(each.answers.values()))
                if kind not in seen:
                    seen.add(kind)
                    yield each


def parts_of(base: Iterable[str], head: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Rules of both sides by what became of them: changed, gone, new."""
    before, after = list(base), list(head)
    found = (
        ("changed", [each for each in after if each in before]),
        ("without", [each for each in before if each not in after]),
        ("new", [each for each in after if each not in before]),
    )
    return [(word, rules) for word, rules in found if rules]


def causes(changes: Iterable[Change]) -> list[Cause]:
    """The causes of changes; those that open something first."""
    by_rules: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Change]] = defaultdict(list)
    for change in changes:
        by_rules[change.rules["base"], change.rules["head"]].append(change)
    found = [Cause(*rules, tuple(_rows(same))) for rules, same in by_rules.items()]
    return sorted(found, key=lambda each: each.weight)


def _rows(changes: Iterable[Change]) -> list[AlikeChanges]:
    """Changes of one agent in as few rows as say no more than they do."""
    calls: dict[tuple[object, ...], list[Change]] = defaultdict(list)
    for each in changes:
        alike = (each.agent, each.change, each.what, each.when, each.missing)
        calls[(*alike, each.intent)].append(each)
    intents: dict[tuple[object, ...], list[list[Change]]] = defaultdict(list)
    for key, same in calls.items():
        called = tuple(sorted({each.capability for each in same}))
        intents[(*key[:-1], called)].append(same)
    rows = [
        AlikeChanges(
            same[0][0].agent,
            tuple(sorted(each[0].intent for each in same)),
            tuple(sorted({each.capability for each in same[0]})),
            same[0][0],
        )
        for same in intents.values()
    ]
    return sorted(rows, key=lambda row: (OPENS_FIRST.index(row.change.change), row.agent))
