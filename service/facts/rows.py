"""The rows of facts. Their ids begin with what they belong to, so that all of one cell, of one run or of one meter stand together."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import ClassVar

from ..store.rows import Row, table

CLOCK = "clock"
"""The id there of how late it once was, before a clock was set back."""
SOURCES = "sources"
"""The id in the table of meters under which it is kept since when lines of runs are."""


@dataclass(slots=True)
class Meter(Row):
    """A meter by the digest of its definition, or the sources; it stays when a policy has it no more."""

    id: str
    number: int
    """Never given twice: what was kept under another one is of another time."""
    known_from: int | None
    """Of records up to this time some may be lacking; None if there are none."""
    since: int | None
    """The event from which on none is lacking, whatever times have said; None if all are there."""
    active: bool
    needs: str | None
    """Of the sources: what is kept for them, as JSON."""


@dataclass(slots=True)
class Cell(Row):
    """One meter for one value of its keys; one that is not there has nothing that counts."""

    id: str
    state: str
    """What it comes to, as its aggregate writes it."""
    broken: int
    """How many count of which nobody knows what they add."""
    since: int | None
    """No share of it is earlier; None if it has none that leaves a window."""

    queue: deque[int] | None = field(default=None, init=False)
    """In memory alone: the times of shares that leave the window next, as far as they are known."""
    whole: bool = field(default=False, init=False)
    """In memory alone: whether these are all."""


@dataclass(slots=True)
class Share(Row):
    """What one call adds to one cell: kept as long as it may leave the window, be taken out, or be counted yet."""

    id: str
    value: str | None
    written: str | None
    broken: bool
    counts: bool


@dataclass(slots=True)
class Peak(Row):
    """A value of which the greatest is asked; the last id of a cell is that of its greatest and, of these, its first."""

    STAYS: ClassVar[bool] = False

    id: str
    at: int
    written: str


@dataclass(slots=True)
class Different(Row):
    """A value of which it is asked how many there are, and how many times it counts."""

    id: str
    times: int


@dataclass(slots=True)
class Run(Row):
    """A run of tasks of which lines are kept for sources, from its very beginning."""

    id: str
    epoch: int
    """The number of the sources for which they are."""
    lines: int
    characters: int
    lost: bool
    """Whether nothing is told of it any more."""


@dataclass(slots=True)
class Line(Row):
    """Something that happened in a run, as JSON."""

    STAYS: ClassVar[bool] = False

    id: str
    text: str


for _name, _cls in {
    "meter": Meter,
    "cell": Cell,
    "share": Share,
    "peak": Peak,
    "different": Different,
    "run": Run,
    "line": Line,
}.items():
    table(_name, _cls)
