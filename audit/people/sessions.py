"""Sessions of people: that a step-up which a call rests on is one that the person of the call has shown, and no longer ago."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ...runtime.call import fields_of
from ...runtime.values import NANOSECONDS, is_text, read_time
from ..known.index import Index
from ..reading.events import Event, number_of
from ..reading.requests import objects_of, user_of
from .people import PERSON, SETTINGS, People

Body: TypeAlias = dict[str, Any]
LONGEST = 24 * 3600 * NANOSECONDS


class Sessions:
    """Follows the sessions of people."""

    def __init__(
        self,
        index: Index,
        wrong: Callable[[Event, str], None],
        missing: Callable[[Event, str], None],
        people: People | None = None,
    ) -> None:
        """Begin before the first event; `missing` as for people."""
        self._index, self._wrong, self._missing, self._people = index, wrong, missing, people

    def session(self, event: Event, body: Body) -> None:
        """A person has signed in, or out."""
        id = body.get("session")
        if type(id) is not str or body.get("what") not in ("begun", "ended"):
            self._wrong(event, "a session has no name, or neither begins nor ends")
        elif body["what"] == "ended":
            found = self._index.session(id)
            if found is None:
                self._missing(event, "the session")
            elif found["ended"] > event.time:
                self._index.put_session(id, {**found, "ended": event.time, "out": event.seq})
        elif id != f"s-{event.seq}":
            self._wrong(event, "a session has the name of another one")
        else:
            self._begun(event, id, body)

    def _begun(self, event: Event, id: str, body: Body) -> None:
        methods, ends = body.get("methods"), read_time(body.get("ends"))
        at = read_time(body["at"]) if "at" in body else None
        is_whole = type(methods) is list and all(map(is_text, methods)) and ends is not None
        if ends is not None and not event.time < ends <= event.time + LONGEST:
            self._wrong(event, "a session ends before it begins, or more than a day later")
        if not is_whole or ("at" in body and (at is None or at > event.time)):
            self._wrong(event, "a session does not say how and when it was begun, or when it ends")
            return
        person = body.get("person")
        if type(person) is not str or self._index.roles(person, event.time) is None:
            self._missing(event, "a person who has not left")
        self._check_vouched(event, body)
        kept = {"person": body.get("person"), "methods": methods, "at": body.get("at")}
        self._index.put_session(id, {**kept, "ended": ends})

    def _check_vouched(self, event: Event, body: Body) -> None:
        """Who vouches for a person by a session changes no roles of the settings, and brings nobody back who has left."""
        vouched = None if self._people is None else self._people.vouched
        if vouched is None or vouched[0].seq != event.seq - 1 or vouched[0].body is None:
            return
        told, before = vouched[0].body, vouched[1]
        if (told.get("key"), told["caller"]) != (body.get("key"), body["caller"]):
            return
        if told["person"] != body.get("person") or told.get("source") != body.get("source"):
            self._wrong(event, "roles were said with a session of another person, or by another")
        elif before is not None and (not before[1] or before[2] == SETTINGS):
            self._wrong(
                event,
                "a person who has left, or who stands in the settings, got roles by signing in",
            )

    def verdict(self, event: Event, body: Body) -> None:
        """A verdict that was given in a session was in one of its person's that went on; one that was given by a key names none."""
        if "session" not in body:
            return
        id, by = body["session"], body.get("by")
        found = self._index.session(id) if type(id) is str else None
        if type(by) is not str or body["caller"] != f"{PERSON}{by}":
            self._wrong(event, "a caller gave the verdict in a session of a person's")
        elif found is None:
            self._missing(event, "the session of a verdict")
        elif found["person"] != by:
            self._wrong(event, "the verdict was given in a session of somebody else")
        elif found["ended"] <= event.time:
            self._wrong(event, "the verdict was given in a session that had ended")
        elif self._is_out(id, by):
            self._wrong(
                event,
                "the verdict was given in a session that a signal, or the removal of a passkey, had ended",
            )

    def step_up(self, event: Event, request: Body) -> None:
        """What a request says that its person has shown they have, in a session that goes on."""
        user = user_of(request)
        for each in objects_of(fields_of(request.get("context")).get("step_up")):
            found = self._index.session(each.get("id"))
            if found is None:
                self._missing(event, "a session")
                continue
            is_theirs = found["person"] == user and found["at"] == each.get("at")
            if not is_theirs or each.get("method") not in found["methods"]:
                self._wrong(event, "a step-up is not what its session says")
            elif found["ended"] <= event.time:
                self._wrong(event, "a step-up is of a session that had ended")
            if self._is_out(each.get("id"), found["person"]):
                self._wrong(
                    event,
                    "a step-up is of a session that a signal, or the removal of a passkey, had ended",
                )
            if self._index.roles(found["person"], event.time) is None:
                self._missing(event, "a person who has not left")

    def _is_out(self, session: object, person: str) -> bool:
        """Whether a session of a person began before an event by which such sessions have ended."""
        out, begun = self._index.out(person), number_of("s-", session)
        return out is not None and (begun is None or begun < out)
