"""The rows of a store, one class for each table. What is JSON is kept as text, what is a time as nanoseconds since 1970."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, ClassVar, TypeVar


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name and its columns, of which the first is the key."""

    name: str
    columns: tuple[str, ...]

    @property
    def key(self) -> str:
        """The column by which rows are found."""
        return self.columns[0]


class Row:
    """A row, whose fields are the columns of its table in their order."""

    __slots__ = ()
    TABLE: ClassVar[Table]
    STAYS: ClassVar[bool] = True
    """Whether what was read of it stays in memory from one turn to the next."""
    VALUES: ClassVar[Callable[[Any], tuple[object, ...]]]

    def values(self) -> tuple[object, ...]:
        """Give what stands in its columns."""
        return type(self).VALUES(self)


R = TypeVar("R", bound=Row)


def table(name: str, cls: type[R]) -> type[R]:
    """Give a dataclass its table. A field that is not given when a row is made is none of its columns."""
    columns = tuple(each.name for each in fields(cls) if each.init)  # type: ignore[arg-type]
    cls.TABLE, cls.VALUES = Table(name, columns), attrgetter(*columns)
    return cls


@dataclass(slots=True)
class Task(Row):
    """A task: `run` is the first task of those that were started inside one another."""

    id: str
    run: str
    parent: str | None
    agent: str
    user: str | None
    """The person, `{"id": …}` as JSON."""
    intent: str
    fields: str
    """What the task carries beside `id`, `intent` and `state`, as JSON."""
    state: str
    """`active`, `ended` or `drifted`."""
    caller: str
    """Who started it: a starter, by the name of its key; of a derived task the one who asked for the agent."""
    context: str
    """What was reported last, as JSON."""
    seq: int
    """That of the event that started it."""
    started: int
    ended: int | None


@dataclass(slots=True)
class Call(Row):
    """A call that was decided. Its `seq` is that of its event, and its id `c-SEQ`."""

    seq: int
    caller: str
    task: str | None
    run: str | None
    agent: str
    capability: str | None
    effect: str
    at: int
    outcome: str | None
    """What became of it: `done`, `failed` or `withdrawn`; None as long as nobody has said."""
    refused: bool
    """Whether a person refused it."""
    digest: str
    """That of the exact call, by which approvals are for it."""
    redacted: bool
    """Whether the trail keeps no values of it."""
    shares: str | None = None
    """Where meters count it, or may count it yet, as JSON: ids of rows of `share`."""


@dataclass(slots=True)
class Seen(Row):
    """What a key was used for: by its caller, and for which body. `answer` is JSON; None if it has to be decided again."""

    STAYS: ClassVar[bool] = False

    id: str
    """The digest of the caller and the key."""
    body: str
    """The digest of what was asked."""
    answer: str | None
    seq: int
    """The event that the answer tells of."""
    mac: bytes
    """What only a holder of the store's key can make of the others: an answer that is repeated is recorded no second time."""

    def told(self) -> dict[str, Any]:
        """Give the answer; there is one."""
        found: dict[str, Any] = json.loads(self.answer or "{}")
        return found


@dataclass(slots=True)
class Request(Row):
    """A question to people about one exact call; its id is the digest of the call, so that there is one of a kind."""

    id: str
    call: int
    """The call that asked first."""
    task: str | None
    state: str
    """`pending` as long as nobody has answered."""
    asked: int
    expires: int


@dataclass(slots=True)
class Event(Row):
    """An event of the trail. `entry` is what its leaf holds; `body` is None once it was pruned."""

    STAYS: ClassVar[bool] = False

    seq: int
    time: int
    kind: str
    task: str | None
    call: int | None
    entry: bytes
    body: bytes | None


@dataclass(slots=True)
class Generation(Row):
    """A policy that was active at some time, as it can be loaded again."""

    STAYS: ClassVar[bool] = False

    digest: str
    seq: int
    """The event by which it became active first."""
    at: int
    ir: bytes
    mapping: bytes
    directory: bytes


@dataclass(slots=True)
class Checkpoint(Row):
    """A checkpoint of the log that was signed."""

    STAYS: ClassVar[bool] = False

    size: int
    at: int
    note: str


@dataclass(slots=True)
class Tile(Row):
    """A tile of the tree of hashes that is full; `id` is `LEVEL/INDEX`."""

    STAYS: ClassVar[bool] = False

    id: str
    hashes: bytes


for _name, _cls in {
    "task": Task,
    "call": Call,
    "seen": Seen,
    "request": Request,
    "event": Event,
    "generation": Generation,
    "checkpoint": Checkpoint,
    "tile": Tile,
}.items():
    table(_name, _cls)


@dataclass(slots=True)
class Head:
    """Where the store is: what is changed by each turn, in the row of which there is one."""

    seq: int
    """How many events there are, which is the size of the log."""
    time: int
    """That of the latest event, or of what an operator accepted after it."""
    edge: bytes
    """The right edge of the tree of hashes."""
    generation: str | None
    """The digest of the active policy."""
    mac: bytes
    """What only a holder of the store's key can make of the others."""
    turn: int
    """How many turns there were: what changed without an event shows by it."""
