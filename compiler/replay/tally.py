"""What became of records, counted: changes by what makes them, and what could not be told apart from what was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from ..analysis.diff.order import Direction, Kind
from ..structs import Struct, field

MOST_GROUPS = 2_000
"""Changes that are told apart; those of further kinds are counted together."""
MOST_SHOWN = 100
"""Lines that are named of each thing that is wrong."""
LONGEST_EXAMPLE = 64 * 1024
"""Characters of a request that is kept as an example."""


class AnswerCause(Struct):
    """What changed answers have in common: whose they are, how they changed, and which rules decided."""

    direction: Direction
    what: tuple[Kind, ...]
    agent: str
    before: str
    after: str
    base: tuple[str, ...]
    head: tuple[str, ...]


class AnswerGroup(Struct, frozen=False):
    """How many answers changed for one cause, and the first of them."""

    count: int
    line: int
    request: dict[str, Any] | None
    """None where it is too long to show."""


class Lines(Struct, frozen=False):
    """How many lines, and the first of them, each with what is to be said of it."""

    count: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, text: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.shown) < MOST_SHOWN:
            self.shown.append((line, text))

    def take(self, other: Lines) -> None:
        """Count those of a later part of the log, too."""
        self.count += other.count
        self.shown += other.shown[: MOST_SHOWN - len(self.shown)]


Reasons: TypeAlias = "dict[str, tuple[int, int]]"
"""How many records, and the first line, by why they cannot be replayed."""


class Tally(Struct, frozen=False):
    """What became of the records of a log, or of a part of it."""

    records: int = 0
    same: int = 0
    changes: dict[AnswerCause, AnswerGroup] = field(default_factory=dict)
    more_changes: dict[Direction, int] = field(default_factory=dict)
    """Changes of kinds that were too many to tell apart."""
    not_replayable: Reasons = field(default_factory=dict)
    malformed: Lines = field(default_factory=Lines)
    doubtful: Lines = field(default_factory=Lines)
    """Records whose answer the reference interpreter does not confirm."""

    @property
    def changed(self) -> int:
        """How many answers changed."""
        counts = [each.count for each in self.changes.values()]
        return sum(counts) + sum(self.more_changes.values())

    @property
    def unknown(self) -> int:
        """How many records cannot be replayed."""
        return sum(count for count, _ in self.not_replayable.values())

    def change(self, cause: AnswerCause, group: AnswerGroup) -> None:
        """Count changed answers."""
        known = self.changes.get(cause)
        if known is not None:
            known.count += group.count
        elif len(self.changes) < MOST_GROUPS:
            self.changes[cause] = group
        else:
            before = self.more_changes.get(cause.direction, 0)
            self.more_changes[cause.direction] = before + group.count

    def lacks(self, reason: str, line: int, count: int = 1) -> None:
        """Count records that cannot be replayed."""
        known, first = self.not_replayable.get(reason, (0, line))
        self.not_replayable[reason] = (known + count, first)

    def take(self, other: Tally) -> None:
        """Count those of a later part of the log, too."""
        self.records += other.records
        self.same += other.same
        for cause, group in other.changes.items():
            self.change(cause, group)
        for direction, count in other.more_changes.items():
            self.more_changes[direction] = self.more_changes.get(direction, 0) + count
        for reason, (count, line) in other.not_replayable.items():
            self.lacks(reason, line, count)
        self.malformed.take(other.malformed)
        self.doubtful.take(other.doubtful)


def directions(tally: Tally) -> Iterable[tuple[Direction, str | None]]:
    """How answers changed, and whose; of what was not told apart, nobody's by name."""
    yield from ((each.direction, each.agent) for each in tally.changes)
    yield from ((each, None) for each in tally.more_changes)
