"""Signals: that what another system has told ended just what the event says that it ends, and that nothing else did so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ...runtime.call import fields_of
from ...runtime.values import is_text, read_time
from ..known.index import Index
from ..people.people import SETTINGS
from ..reading.events import Event, is_digest

Body: TypeAlias = dict[str, Any]
EFFECTS = {"leases", "sessions", "person"}
_WHO = ("agents", "people", "leases", "tasks")
SENDER = "transmitter:"


class Signals:
    """Follows what other systems have told."""

    def __init__(
        self,
        index: Index,
        wrong: Callable[[Event, str], None],
        missing: Callable[[Event, str], None],
    ) -> None:
        """Begin before the first event."""
        self._index, self._wrong, self._missing = index, wrong, missing
        self._leaving: set[str] = set()
        """The people who have to leave by the latest signal."""
        self._latest: tuple[Event, set[str]] | None = None
        """The latest signal, and the leases that end by it."""

    def signal(self, event: Event, body: Body, *, followed: bool) -> None:
        """Another system has told something of somebody; `followed` is whether all before it could be read."""
        events = body.get("events")
        is_whole = (
            is_text(body.get("jti"))
            and is_digest(body.get("set"))
            and read_time(body.get("issued")) is not None
            and str(body["caller"]).startswith(SENDER)
            and type(events) is list
            and all(map(_is_whole, events))
        )
        if not is_whole:
            self._wrong(event, "a signal does not say whose it is, which, or what ends by it")
            return
        before = self._index.use(["signal", body["caller"], body["jti"]], event.seq)
        if before is not None:
            self._wrong(event, f"the signal was taken in before, at event {before}")
        told: list[Body] = body["events"]
        due: set[str] = set()
        self._leaving = {
            person
            for each in told
            if followed and "person" in each["effects"]
            for person in each.get("people", ())
            if (known := self._index.known(person)) and known[1] and known[2] != SETTINGS
        }
        for each in told:
            if each["effects"] and not each["understood"]:
                self._wrong(event, "something ends by a signal that was not understood")
            if "sessions" in each["effects"]:
                for person in each.get("people", ()):
                    self._index.put_out(person, event.seq)
            if "leases" in each["effects"]:
                due.update(self._due(each, event.time))
        self._latest = (event, due) if followed else None

    def _due(self, told: Body, now: int) -> Iterator[str]:
        """Give the leases that end by one event of a signal: those that it is about, and that hold."""
        found = [
            each for agent in told.get("agents", ()) for each in self._index.leases_held(agent)
        ]
        found += [each for id in told.get("people", ()) for each in self._index.leases_for(id)]
        found += [
            each
            for id in told.get("tasks", ())
            for each in self._index.leases_of(id)
            if each["task"] == id
        ]
        found += [each for id in told.get("leases", ()) if (each := self._index.lease(id))]
        for each in found:
            if each["ended"] is None and each["expires"] > now:
                yield each["id"]

    def revoked(self, event: Event, body: Body) -> None:
        """A lease has ended: if by a signal, then by the one right before, which is about it."""
        signal = body.get("signal")
        if body.get("cause") != "signal":
            if signal is not None:
                self._wrong(event, "a lease that ended otherwise names a signal")
            return
        if type(signal) is not int or self._latest is None or self._latest[0].seq != signal:
            self._missing(event, "the signal by which the lease ended")
            return
        if body.get("lease") not in self._latest[1]:
            self._wrong(event, "the lease ended by a signal that is not about it")
        else:
            self._latest[1].discard(str(body["lease"]))

    def left(self, body: Body) -> None:
        """Somebody has left, or is said to be there."""
        if body.get("active") is False:
            self._leaving.discard(str(body.get("person")))

    def between(self, event: Event | None) -> None:
        """See, once what a signal ends has ended, that it was all."""
        if self._latest is None:
            return
        signal, due = self._latest
        if event is not None and _is_of(event, signal):
            return
        for id in sorted(due):
            self._wrong(signal, f"the lease `{id}` did not end by the signal that is about it")
        for person in sorted(self._leaving):
            self._wrong(signal, f"`{person}` did not leave by the signal that says so")
        self._latest, self._leaving = None, set()


def _is_of(event: Event, signal: Event) -> bool:
    """Whether an event is one of those that follow a signal as one operation, or cannot be read."""
    if event.kind not in ("revoked", "admin"):
        return False
    told, key = fields_of(event.body), fields_of(signal.body)
    return event.body is None or (told.get("caller"), told.get("key")) == (
        key.get("caller"),
        key.get("key"),
    )


def _is_whole(told: object) -> bool:
    if type(told) is not dict or not is_text(told.get("event")):
        return False
    effects = told.get("effects")
    return (
        type(told.get("understood")) is bool
        and type(effects) is list
        and all(type(each) is str and each in EFFECTS for each in effects)
        and all(
            type(told.get(name, [])) is list and all(map(is_text, told.get(name, [])))
            for name in _WHO
        )
    )
