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
    """That of the exact call, keyed with the store's key, by which approvals are for it."""
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
    """The digest of what was asked, keyed with the store's key: arguments may be short."""
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
    """A question to people about one exact call. Of a kind that is open there is one, however often it is asked."""

    id: str
    """`q-SEQ` of the call that asked first."""
    digest: str
    """That of the exact call, as the row of the call has it."""
    call: int
    task: str
    agent: str
    capability: str
    policy: str
    """The digest of the policy that asks."""
    asks: str
    """Of whom it is asked, as JSON: what was missing, and the person for whom the agent acts."""
    asked_for: str | None
    """The request as it was decided, as JSON; None once nobody has to be shown it any more."""
    state: str
    """`pending`, `approved` once a call was permitted by it, `refused`, `expired` (with its time, or with its task), or `cancelled` by whoever asked."""
    asked: int
    expires: int
    """When it is open no more: nobody answers it then, and what was approved permits no call any more."""
    answered: int | None
    message: str | None
    """What whoever refused it has to say to the agent."""


@dataclass(slots=True)
class Verdict(Row):
    """What a person said to a question. An approval is for one call: `used` is the one that was permitted by it."""

    id: str
    """`v-SEQ` of its event."""
    request: str
    digest: str
    task: str
    capability: str
    person: str
    roles: str
    """Those that the person had then, as JSON."""
    verdict: str
    """`approve` or `refuse`."""
    at: int
    used: int | None
    caller: str
    """Who said so: the person, or a caller that is trusted with what its user confirms."""


@dataclass(slots=True)
class Person(Row):
    """A person who may be asked, with the roles that they have now."""

    id: str
    roles: str
    source: str
    """Who says so: the settings, or whoever identifies people."""
    active: bool
    at: int
    """When it was said last."""
    folded: str
    """What their id has in common with others that people would take for it: no two have the same."""
    until: int | None
    """When what a provider said counts no more; None of a person of the settings, who is there until they say otherwise."""
    out: int | None = None
    """The event by which sessions of theirs that began before it have ended."""


@dataclass(slots=True)
class Passkey(Row):
    """A passkey of a person, by its public key."""

    id: str
    """`k-SEQ` of the event that enrolled it."""
    person: str
    credential: str
    """By which browsers find it, in base64url."""
    public_key: str
    """As COSE writes it, in base64url."""
    count: int
    """Up to where it has counted what it signs; 0 for good where it does not count."""
    site: str
    origin: str
    code: str | None
    """The digest of the code that it was enrolled with."""
    at: int
    removed: int | None
    """When an operator took it away."""


@dataclass(slots=True)
class Lease(Row):
    """A lease: what an agent may do in a task for a while, without asking about each call."""

    STAYS: ClassVar[bool] = False

    id: str
    """`l-SEQ` of the event that issued it."""
    seq: int
    task: str
    agent: str
    caller: str
    """Who asked for it."""
    capabilities: str
    """As JSON, sorted."""
    asked_for: str
    """What it is decided by beside what is the store's, as JSON: `properties` of the agent and `context`."""
    policy: str
    """The digest of the policy that it was last looked at under; empty if it has to be looked at again."""
    state: str
    """`active`, `revoked`, or `expired` once somebody noticed."""
    issued: int
    decided: int
    """When it was issued or renewed last."""
    expires: int
    renewed: int
    """How often it was renewed."""
    renew: int
    """How often it may be, by the terms that it was decided by last."""
    agreed: bool
    """Whether it rests on what people gave or have shown."""
    chained: bool
    """Whether it rests on tasks that whoever enforces has named, and not on those alone that its task was started inside of."""
    proved: str | None
    """The thumbprint of the key that its holder has proved to have."""
    ended: int | None
    cause: str | None
    """Why it was revoked, in a word."""
    end_seq: int | None = None
    """The event by which it was revoked."""
    person: str | None = None
    """On whose behalf its task is."""
    acts_for: str | None = None
    """For which agents its agent acts, as JSON; None if for nobody."""
    change_seq: int | None = None
    """The event since which it ends earlier than a token of it says."""


@dataclass(slots=True)
class Proof(Row):
    """A proof of possession that was used. It is kept for longer than anybody would take it."""

    STAYS: ClassVar[bool] = False

    id: str
    until: int


@dataclass(slots=True)
class Receiver(Row):
    """Who is told of leases that have ended, and up to which event it has acknowledged that."""

    STAYS: ClassVar[bool] = False

    name: str
    upto: int


@dataclass(slots=True)
class Session(Row):
    """A session of a person who has shown who they are: by which `methods`, as JSON, if by any that counts, and when."""

    id: str
    """`s-SEQ` of its event."""
    person: str
    methods: str
    at: int
    ends: int


@dataclass(slots=True)
class Notice(Row):
    """Up to which request people were told of through a channel, or that it was tried: the number of its call."""

    STAYS: ClassVar[bool] = False

    channel: str
    upto: int


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
    "verdict": Verdict,
    "person": Person,
    "passkey": Passkey,
    "session": Session,
    "lease": Lease,
    "proof": Proof,
    "receiver": Receiver,
    "notice": Notice,
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
