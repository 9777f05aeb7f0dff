"""What can be looked at: one state of the store, as its faces show it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ...runtime.time_text import format_time
from ..audit.tree import Edge
from ..store import (
    Call,
    Checkpoint,
    Event,
    Generation,
    Head,
    Lease,
    Notice,
    Passkey,
    Person,
    Proof,
    Reading,
    Receiver,
    Request,
    Row,
    Seen,
    Session,
    Store,
    Task,
    Verdict,
)
from .approvals import questions
from .approvals.acting import user_of
from .leases import leases, standing
from .operations.callers import Caller
from .people import passkeys
from .tasks.calls import call_named
from .tasks.tasks import shown
from .upkeep import keeping, tiles

ROWS: dict[str, type[Row]] = {
    each.TABLE.name: each
    for each in (
        Task,
        Call,
        Seen,
        Request,
        Verdict,
        Person,
        Passkey,
        Session,
        Lease,
        Receiver,
        Notice,
        Proof,
    )
}
"""Tables of which all rows can be looked through."""
MOST = 1_000  # rows of one answer
_IS_START = """(call.task IS NULL AND substr(call.capability, length(call.capability) - 5) = '.start' OR EXISTS (
    SELECT 1 FROM task AS inside
    WHERE inside.run = call.run AND inside.parent = call.task AND inside.intent || '.start' = call.capability
))"""
"""Of a call that was permitted: outside of a task nothing else is, and inside nothing else is called as the start of an intent."""
AT_ONCE = 1_000  # events that are read together


@dataclass(frozen=True, slots=True)
class Told:
    """What others are told of a lease: that it was revoked, or that it ends earlier than its tokens say."""

    seq: int
    lease: Lease
    is_end: bool
    at: int


class View:
    """One state of a store."""

    def __init__(self, reading: Reading) -> None:
        """Look at it."""
        self.reading = reading

    @property
    def head(self) -> Head:
        """Where the store is."""
        return self.reading.head

    def tasks(
        self, *, state: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[Task]:
        """Give tasks, the latest first: those that started before the event of this number."""
        where = "seq < ?"
        values: list[Any] = [self.head.seq if before is None else before]
        if state is not None:
            where, values = f"state = ? AND {where}", [state, *values]
        return self.reading.find(
            Task, f"{where} ORDER BY seq DESC LIMIT ?", (*values, _limit(limit))
        )

    def task(self, id: str) -> Task | None:
        """Give a task."""
        return self.reading.get(Task, id)

    def active_task(self, agent: str, intent: str, user: str | None = None) -> Task | None:
        """Give the one active task of an agent under an intent, and of this user if one is said.

        None if there is none, or more than one, or so many that nobody looks at them all.
        """
        where = "state = 'active' AND agent = ? AND intent = ? LIMIT ?"
        tasks = self.reading.find(Task, where, (agent, intent, MOST + 1))
        found = [each for each in tasks if user is None or user_of(each) == user]
        return found[0] if len(found) == 1 and len(tasks) <= MOST else None

    def calls(
        self,
        *,
        task: str | None = None,
        without_outcome: bool = False,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Call]:
        """Give calls, the latest first: of one task, or those that were permitted and of which nobody said what became.

        A start is none of those: its outcome is the task.
        """
        where = "seq < ?"
        values: list[Any] = [self.head.seq if before is None else before]
        if task is not None:
            where, values = f"task = ? AND {where}", [task, *values]
        if without_outcome:
            where = f"effect = 'permit' AND outcome IS NULL AND NOT {_IS_START} AND {where}"
        return self.reading.find(
            Call, f"{where} ORDER BY seq DESC LIMIT ?", (*values, _limit(limit))
        )

    def call(self, id: str) -> Call | None:
        """Give a call by its id."""
        return call_named(self.reading, id)

    def is_start(self, call: Call) -> bool:
        """Whether a call was the start of a task."""
        if call.effect != "permit" or not (call.capability or "").endswith(".start"):
            return False
        return bool(self.reading.find(Call, f"seq = ? AND {_IS_START}", (call.seq,)))

    def leases(
        self, *, task: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[Lease]:
        """Give leases, the latest first: all of them, or those of a task."""
        where = "seq < ?"
        values: list[Any] = [self.head.seq if before is None else before]
        if task is not None:
            where, values = f"task = ? AND {where}", [task, *values]
        return self.reading.find(
            Lease, f"{where} ORDER BY seq DESC LIMIT ?", (*values, _limit(limit))
        )

    def lease(self, id: str) -> Lease | None:
        """Give a lease."""
        return self.reading.get(Lease, id)

    def told_of(self, after: int, limit: int) -> list[Told]:
        """Give leases that were revoked, or end earlier than their tokens say, by an event after this one, in their order."""
        found = []
        for column, where in (("end_seq", "true"), ("change_seq", "end_seq IS NULL")):
            rows = self.reading.find(
                Lease, f"{column} > ? AND {where} ORDER BY {column} LIMIT ?", (after, _limit(limit))
            )
            found += [(int(getattr(each, column)), each, column == "end_seq") for each in rows]
        found.sort(key=lambda each: each[0])
        told = []
        for seq, lease, is_end in found[:limit]:
            event = self.event(seq)
            told.append(Told(seq, lease, is_end, 0 if event is None else event.time))
        return told

    def acknowledged(self, receiver: str) -> int:
        """Give up to which event a receiver was told of leases that have ended; -1 if of none."""
        found = self.reading.get(Receiver, receiver)
        return -1 if found is None else found.upto

    def is_good(self, lease: Lease) -> bool:
        """Whether a lease holds now."""
        task = self.reading.get(Task, lease.task)
        return standing.is_good(lease, task, self.head.generation, self.now)

    def lease_shown(self, lease: Lease) -> dict[str, Any]:
        """Give a lease as callers see it."""
        return standing.shown(lease, self.now)

    def why_ended(self, lease: Lease) -> str | None:
        """Give what whoever ended a lease has said of it, as long as that is kept."""
        event = None if lease.end_seq is None else self.event(lease.end_seq)
        if event is None or event.body is None:
            return None
        why = json.loads(bytes(event.body)).get("why")
        return why if type(why) is str else None

    def may_revoke(self, caller: Caller, lease: Lease, revokers: frozenset[str]) -> bool:
        """Whether a caller may end a lease."""
        return leases.may_revoke(self.reading, caller, lease, revokers, self.now)

    def has_leases_to_look_at(self) -> bool:
        """Whether there are leases that were not looked at under the active policy, or whose time is over."""
        policy = self.head.generation or ""
        return any(
            self.reading.select(
                f"SELECT 1 FROM lease WHERE state = 'active' AND {what} LIMIT 1", (value,)
            )
            for what, value in (
                ("policy < ?", policy),
                ("policy > ?", policy),
                ("expires <= ?", self.now),
            )
        )

    def requests(
        self, *, state: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[Request]:
        """Give requests to people, the latest first: those whose call came before the event of this number."""
        where = "call < ?"
        values: list[Any] = [self.head.seq if before is None else before]
        if state == questions.PENDING:
            where, values = f"state = ? AND expires > ? AND {where}", [state, self.now, *values]
        elif state == questions.EXPIRED:
            where = f"(state = ? OR (state = ? AND expires <= ?)) AND {where}"
            values = [state, questions.PENDING, self.now, *values]
        elif state is not None:
            where, values = f"state = ? AND {where}", [state, *values]
        return self.reading.find(
            Request, f"{where} ORDER BY call DESC LIMIT ?", (*values, _limit(limit))
        )

    def request(self, id: str) -> Request | None:
        """Give a request to people."""
        return self.reading.get(Request, id)

    def state_of(self, question: Request) -> str:
        """Give what a request is now: one whose time is over has expired, though nobody has said so yet."""
        is_over = question.state == questions.PENDING and question.expires <= self.now
        return questions.EXPIRED if is_over else question.state

    def verdicts(self, request: str) -> list[Verdict]:
        """Give what people said to a request, in its order."""
        return self.reading.find(Verdict, "request = ? ORDER BY at, id", (request,))

    def person(self, id: str) -> Person | None:
        """Give a person who may be asked, or might once."""
        return self.reading.get(Person, id)

    def people(self, source: str) -> list[Person]:
        """Give the people who are there because somebody says so."""
        return self.reading.find(Person, "source = ? ORDER BY id", (source,))

    def everybody(self, *, after: str = "", limit: int = 50) -> list[Person]:
        """Give people who are there or have left, by their ids: those that come after this one."""
        return self.reading.find(Person, "id > ? ORDER BY id LIMIT ?", (after, _limit(limit)))

    def passkey(self, id: str) -> Passkey | None:
        """Give a passkey, also one that was taken away."""
        return self.reading.get(Passkey, id)

    def is_code_used(self, code: str) -> bool:
        """Whether a passkey was made with a code, by its digest."""
        return bool(self.reading.find(Passkey, "code = ?", (code,)))

    def passkeys(self, person: str | None = None, limit: int = 500) -> list[Passkey]:
        """Give the passkeys that people have now, or those of one person."""
        if person is not None:
            return passkeys.of_person(self.reading, person)
        where = "removed IS NULL ORDER BY person, id LIMIT ?"
        return self.reading.find(Passkey, where, (_limit(limit),))

    @property
    def now(self) -> int:
        """The time, which is not earlier than the latest event."""
        return max(self.reading.now(), self.head.time)

    def events(self, start: int, stop: int) -> Iterator[Event]:
        """Give the events from one number to before another, in their order."""
        stop = min(stop, self.head.seq)
        for first in range(start, stop, AT_ONCE):
            last = min(first + AT_ONCE, stop)
            yield from self.reading.find(Event, "seq >= ? AND seq < ? ORDER BY seq", (first, last))

    def events_of_task(
        self,
        task: str,
        *,
        kinds: Sequence[str] = (),
        before: int | None = None,
        limit: int = 50,
    ) -> list[Event]:
        """Give the events of a task, the latest first: all of them, or those of some kinds."""
        before = self.head.seq if before is None else before
        where, values = "task = ? AND seq < ?", (task, before, *kinds)
        if kinds:
            where += f" AND kind IN ({', '.join('?' * len(kinds))})"
        where += " ORDER BY seq DESC LIMIT ?"
        return self.reading.find(Event, where, (*values, _limit(limit)))

    def outcomes_of(self, call: Call) -> list[Event]:
        """Give what was reported of a call of a task, in its order."""
        where = "task = ? AND seq > ? AND call = ? AND kind = 'outcome' ORDER BY seq"
        return self.reading.find(Event, where, (call.task, call.seq, call.seq))

    def event(self, seq: int) -> Event | None:
        """Give an event."""
        return self.reading.get(Event, seq)

    def root(self) -> bytes | None:
        """Give the root of the tree of hashes as the head has it; None if what it has is none."""
        try:
            return Edge.from_bytes(self.head.edge).root()
        except ValueError:
            return None

    def rows(self, table: str) -> Iterator[Row]:
        """Give all rows of a table, in the order of their keys."""
        cls = ROWS[table]
        where: str = "true"
        values: tuple[Any, ...] = ()
        while found := self.reading.find(
            cls, f'{where} ORDER BY "{cls.TABLE.key}" LIMIT {AT_ONCE}', values
        ):
            yield from found
            where, values = f'"{cls.TABLE.key}" > ?', (getattr(found[-1], cls.TABLE.key),)

    def generations(self) -> list[Generation]:
        """Give the policies that were active, the first one first."""
        return self.reading.find(Generation, "true ORDER BY seq")

    def generation(self, digest: str) -> Generation | None:
        """Give a policy that was active."""
        return self.reading.get(Generation, digest)

    def checkpoint(self, size: int | None = None) -> str | None:
        """Give the latest checkpoint that was signed, or that of a size."""
        found = keeping.latest(self.reading) if size is None else self.reading.get(Checkpoint, size)
        return None if found is None else found.note

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Give a tile of hashes; None if the log is not so large."""
        return tiles.hashes(self.reading, level, index, width)

    def entries(self, index: int, width: int) -> bytes | None:
        """Give a bundle of entries; None if the log is not so large."""
        return tiles.entries(self.reading, index, width)


@contextmanager
def open_view(url: str) -> Iterator[View]:
    """Look at one state of a store of which no service has to know. Raises `StoreError`."""
    store = Store(url, read_only=True)
    try:
        with store.reading() as reading:
            yield View(reading)
    finally:
        store.close()


def task_shown(task: Task) -> dict[str, Any]:
    """Give a task as callers see it."""
    return shown(task)


def call_shown(call: Call) -> dict[str, Any]:
    """Give a call as callers see it."""
    return {
        "id": f"c-{call.seq}",
        "task": call.task,
        "agent": call.agent,
        "capability": call.capability,
        "effect": call.effect,
        "at": format_time(call.at),
        "outcome": call.outcome,
        "caller": call.caller,
    }


def event_shown(event: Event) -> dict[str, Any]:
    """Give an event with what its body says; None in its place if it was pruned."""
    return {
        "seq": event.seq,
        "time": format_time(event.time),
        "event": event.kind,
        "entry": json.loads(event.entry),
        "body": None if event.body is None else json.loads(event.body),
    }


def _limit(limit: int) -> int:
    return max(1, min(limit, MOST))
