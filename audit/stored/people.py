"""The rows of questions, of what people say to them, of who they are and of their sessions, as they follow from events."""

from __future__ import annotations

from typing import Any

from ...runtime.call import fields_of
from ...runtime.values import read_time
from ..people.asked import folded, people_above
from ..people.people import OPERATOR
from ..reading.events import Event, number_of
from ..reading.requests import capability_of, links_of, objects_of, user_of
from .book import Book, Expected


def asked(book: Book, event: Event, body: dict[str, Any]) -> None:
    """A call asks people something, unless that was asked before and is open."""
    answer = fields_of(body.get("answer"))
    opened = fields_of(answer.get("request"))
    id = f"q-{event.seq}"
    if body.get("effect") != "challenge" or opened.get("id") != id:
        return
    request = fields_of(body.get("request"))
    context = fields_of(request.get("context"))
    agent = fields_of(request.get("subject")).get("id")
    above, are_known = people_above(request, lambda id: _task(book, id))
    told: Expected = {
        "digest": body.get("question"),
        "call": event.seq,
        "task": fields_of(context.get("task")).get("id"),
        "agent": agent,
        "capability": capability_of(request),
        "policy": event.policy,
        "asks": {
            "requirements": fields_of(answer.get("context")).get("requirements"),
            "user": user_of(request),
            "above": above,
            "agents": [agent, *(each.get("agent") for each in links_of(request))],
        },
        "state": "pending",
        "asked": event.time,
        "expires": read_time(opened.get("expires_at")),
        "answered": None,
        "message": None,
    }
    if book.gap and not are_known:
        del told["asks"]
    if not event.is_redacted:
        told["asked_for"] = request
    book.put("request", id, told)


def _task(book: Book, id: str) -> tuple[Any, Any] | None:
    found = book.get("task", id)
    return None if found is None else (found["agent"], found.get("user"))


def verdict(book: Book, event: Event, body: dict[str, Any]) -> None:
    """What a person says to a question; a refusal closes it."""
    question = book.get("request", body.get("request"))
    told: Expected = {
        "request": body.get("request"),
        "task": body.get("task"),
        "capability": body.get("capability"),
        "person": body.get("by"),
        "roles": body.get("roles"),
        "verdict": body.get("verdict"),
        "at": event.time,
        "used": None,
        "caller": body["caller"],
    }
    if question is not None:
        told["digest"] = question["digest"]
    book.put("verdict", f"v-{event.seq}", told)
    if body.get("verdict") == "refuse":
        closed: Expected = {"answered": event.time, "message": body.get("message")}
        book.change("request", body.get("request"), state="refused", asked_for=None, **closed)
        book.change("call", number_of("c-", body.get("call")), refused=True)


def cancelled(book: Book, event: Event, body: dict[str, Any]) -> None:
    """Whoever asked takes a question back."""
    closed: Expected = {"asked_for": None, "answered": event.time}
    book.change("request", body.get("request"), state="cancelled", **closed)


def use(book: Book, event: Event, body: dict[str, Any]) -> None:
    """An approval has permitted a call, and closes its question."""
    found = book.get("verdict", body.get("verdict"))
    book.change("verdict", body.get("verdict"), used=number_of("c-", body.get("call")))
    question = None if found is None else book.get("request", found["request"])
    if found is None or question is None or question["state"] != "pending":
        return
    lapsed = (question["expires"] or 0) <= event.time  # one that is asked once for a task
    closed: Expected = {"asked_for": None, "answered": event.time, "lapsed": lapsed}
    book.change("request", found["request"], state="approved", **closed)


def person(book: Book, event: Event, body: dict[str, Any]) -> None:
    """Somebody says which roles a person has now."""
    id = body.get("person")
    if body.get("what") != "person" or type(id) is not str:
        return
    told = {name: body.get(name) for name in ("roles", "source", "active")}
    told["folded"] = folded(id)
    before, has = book.get("person", id) or {}, book.has("person", id)
    is_same = all(before.get(name) == each for name, each in told.items())
    if (has and not is_same) or book.gap:
        book.people = event.seq
    if has or not book.gap:
        told["out"] = before.get("out")
    book.put("person", id, {**told, "at": event.time, "until": read_time(body.get("until"))})
    if told["source"] == OPERATOR and told["active"] is False:
        sessions_ended(book, event, id)


def signal(book: Book, event: Event, body: dict[str, Any]) -> None:
    """Another system has told something by which sessions of people end, and what rests on them is looked at again."""
    for each in objects_of(body.get("events")):
        if "sessions" not in (each.get("effects") or ()):
            continue
        for id in each.get("people") or ():
            sessions_ended(book, event, id)


def sessions_ended(book: Book, event: Event, person: object) -> None:
    """The sessions of a person end that began before, and what rests on them is looked at again."""
    if type(person) is not str or not book.has("person", person):
        return
    book.change("person", person, out=event.seq)
    before = (book.get("out", person) or {}).get("at", [])
    book.put("out", person, {"at": [*before, [event.seq, event.time]]})


def ended_by_signal(book: Book, session: Any, told: Expected) -> Expected:
    """What a session should be by now: the first that ended them behind its beginning has ended it."""
    begun = number_of("s-", session) or 0
    for seq, at in (book.get("out", told["person"]) or {}).get("at", ()):
        if seq > begun:
            return {**told, "ends": min(told["ends"] or 0, at)}
    return told


def session(book: Book, event: Event, body: dict[str, Any]) -> None:
    """A session begins, or ends."""
    id = body.get("session")
    if body.get("what") == "ended":
        found = book.get("session", id)
        if found is not None:
            book.change("session", id, ends=min(found["ends"] or 0, event.time))
    elif body.get("what") == "begun":
        told = {name: body.get(name) for name in ("person", "methods")}
        at = read_time(body["at"]) if "at" in body else event.time
        times = {"at": at, "ends": read_time(body.get("ends"))}
        book.put("session", f"s-{event.seq}", {**told, **times})
