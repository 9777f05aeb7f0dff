"""The rows of a store beside its events: each is what the events say that it is, whoever has written to the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from ...runtime.call import fields_of
from ..reading import strict
from ..reading.events import Event
from ..reading.findings import Findings
from ..reading.trail import Leaf, Trail
from . import comparing, leases, passkeys, people, tasks
from .book import Book, Expected
from .keys import take_key

Take: TypeAlias = Callable[[Book, Event, dict[str, Any]], None]


class RowCheck:
    """Takes events in, and then compares the tables with what follows from them."""

    def __init__(self, trail: Trail, findings: Findings) -> None:
        """Begin before the first event of a trail that has rows."""
        rows = trail.rows()
        assert rows is not None
        self._trail, self._rows, self._findings = trail, rows, findings
        self._book = Book()
        self._before: Event | None = None
        self._time = self._latest = 0
        self._active: str | None = None
        self._size = 0
        self._attributes: dict[str, set[str]] = {}

    def close(self) -> None:
        """Let it go."""
        self._book.close()

    # --- Events -----------------------------------------------------------------------------------

    def take(self, event: Event, leaf: Leaf) -> None:
        """Take an event in, and compare what the store has beside its entry."""
        self._size, self._time = event.seq + 1, event.time
        self._latest = max(self._latest, event.time)
        if event.kind == "generation":
            self._active = event.policy
        if event.body is None:
            self._book.gap = True
            if event.kind == "call":
                self._book.put("call", event.seq, None)
        else:
            take_key(self._book, event, event.body, self._before)
            for take in _TAKEN.get(event.kind, ()):
                take(self._book, event, event.body)
        self._compare_columns(event, leaf)
        self._before = event

    def _compare_columns(self, event: Event, leaf: Leaf) -> None:
        """The columns by which events are found: what they say stands in the entry and the body."""
        columns = leaf.columns
        if columns is None:
            return
        same = (columns.time, columns.kind) == (event.time, event.kind)
        if event.body is not None and event.kind != "refused":  # which says nothing of its task
            about = tasks.about(self._book, event, event.body)
            same = same and (columns.task, columns.call) == about
        if not same:
            self._wrong(
                event.seq,
                "the store finds the event by a time, kind, task or call that is not its own",
            )

    # --- Rows -------------------------------------------------------------------------------------

    def compare(self, root: bytes) -> None:
        """Compare the tables, when all events were taken in: of the tree `root` is the root."""
        head = self._rows.head
        if (head.seq, head.generation) != (self._size, self._active):
            self._wrong(
                None, "the head of the store has another number of events, or another policy"
            )
        if self._size and not head.time >= self._time:
            self._wrong(None, "the head of the store has another time than the latest event")
        if self._size and self._rows.root() != root:
            self._wrong(None, "the head of the store has another tree than the events make")
        now = max(self._latest, time.time_ns())
        for name in _NAMES:
            self._compare_table(name, now)
        self._compare_told()

    def _compare_table(self, name: str, now: int) -> None:
        there, known = 0, self._book
        for row in self._rows.rows(name):
            id = _key_of(name, row)
            told = known.get(name, id)
            if told is not None and name == "session":
                told = people.ended_by_signal(known, id, told)
            there += known.has(name, id) and not _may_be_gone(name, told, self._latest, now)
            where = f"the row of the {_NAMES[name]} `{_id_of(name, id)}`"
            if told is None:
                self._not_told(name, row, where)
                continue
            other = self._differs(name, row, told, now)
            if other is not None:
                self._wrong(
                    getattr(row, "seq", None),
                    f"{where} has another `{other}` than the events give it",
                )
            else:
                self._findings.is_proved("rows")
        expected = known.count(name)
        if name in ("session", "proof"):
            expected -= self._number_gone(name, now)
        if there < expected:
            self._wrong(
                None,
                f"{expected - there} of the rows of {_PLURALS.get(name, f'{_NAMES[name]}s')} that events tell of"
                " are not in the store",
            )

    def _number_gone(self, name: str, now: int) -> int:
        """How many rows may have been taken away."""
        found = 0
        for id, told in self._book.all(name):
            if told is not None and name == "session":
                told = people.ended_by_signal(self._book, id, told)
            found += _may_be_gone(name, told, self._latest, now)
        return found

    def _differs(self, name: str, row: Any, told: Expected, now: int) -> str | None:
        match name:
            case "seen":
                return comparing.key_differs(row, told)
            case "request":
                is_over = self._book.has("over", told["task"])
                return comparing.question_differs(row, told, now, is_over=is_over)
            case "lease":
                given = comparing.read(row.asked_for)
                simple = _lease_told(row, told, now)
                return comparing.differs(row, simple) or leases.differs(
                    self._book, row, told, given, self._of_directory
                )
            case _:
                return comparing.differs(row, told)

    def _compare_told(self) -> None:
        """Who was told of what is no event: it is of something that is there, and of nothing that has not happened."""
        for each in self._rows.rows("notice"):
            if not 0 <= each.upto < max(self._size, 1):
                self._wrong(
                    None, f"the channel `{each.channel}` was told of events that are not there"
                )
        for each in self._rows.rows("receiver"):
            if not 0 <= each.upto < max(self._size, 1):
                self._wrong(
                    None, f"the receiver `{each.name}` was told of events that are not there"
                )

    def _not_told(self, name: str, row: Any, where: str) -> None:
        """Of a row no event is at hand: that may have been pruned, but not that of a task that goes on."""
        task = row.id if name == "task" else getattr(row, "task", None)
        state = row.state if name == "task" else (self._book.get("task", task) or {}).get("state")
        was_pruned = self._book.has(name, _key_of(name, row)) or state != "active"
        if not (self._book.gap and was_pruned):
            self._wrong(getattr(row, "seq", None), f"{where} follows from no event")
        else:
            self._findings.is_undetermined("rows")

    def _of_directory(self, policy: str) -> Iterable[str]:
        """Give the attributes of subjects that a policy's own directory may say."""
        found = self._attributes.get(policy)
        if found is None:
            found = self._attributes[policy] = set()
            try:
                parts = strict.read_document(self._trail.policy(policy) or b"")
            except strict.NotCanonical:
                return found
            sides = fields_of(fields_of(parts.get("directory")).get("attributes"))
            for names in fields_of(sides.get("subjects")).values():
                found.update(fields_of(names))
        return found

    def _wrong(self, seq: int | None, what: str) -> None:
        self._findings.is_wrong(seq, what)


_TAKEN: dict[str, tuple[Take, ...]] = {
    "call": (tasks.call, people.asked),
    "task": (tasks.task,),
    "context": (tasks.context,),
    "state": (tasks.state,),
    "outcome": (tasks.outcome,),
    "verdict": (people.verdict, passkeys.signed),
    "use": (people.use,),
    "cancelled": (people.cancelled,),
    "admin": (people.person,),
    "session": (people.session, passkeys.signed),
    "passkey": (passkeys.passkey,),
    "signal": (people.signal,),
    "lease": (leases.lease,),
    "revoked": (leases.revoked,),
}
_NAMES = {
    "task": "task",
    "call": "call",
    "seen": "key",
    "request": "question",
    "verdict": "verdict",
    "person": "person",
    "session": "session",
    "passkey": "passkey",
    "lease": "lease",
    "proof": "proof",
}
_PLURALS = {"person": "people"}


def _key_of(name: str, row: Any) -> Any:
    return row.seq if name == "call" else row.id


def _may_be_gone(name: str, told: Expected | None, latest: int, now: int) -> bool:
    """Whether a row may have been taken away: a session that has ended, a proof that nobody takes any more."""
    if told is None:
        return False
    if name == "proof":
        return bool(told["until"] <= now)
    return name == "session" and (told["ends"] or 0) <= latest


def _lease_told(row: Any, told: Expected, now: int) -> Expected:
    """The columns of a lease that hold just what was told; that its time is over is noticed at some time."""
    looked_at = ("left", "agreed", "policy", "request", "redacted", "looked")
    found = {name: each for name, each in told.items() if name not in looked_at}
    if row.state == "expired" and found["state"] == "active" and (row.expires or 0) <= now:
        found["state"] = "expired"
    if (
        found["state"] == "revoked"
    ):  # it may have come to that because its time would have been over before
        found["expires"] = min(row.expires, found["expires"])
    return found


def _id_of(name: str, id: object) -> str:
    text = f"c-{id}" if name == "call" else str(id)
    return text if len(text) <= 40 else f"{text[:12]}…"
