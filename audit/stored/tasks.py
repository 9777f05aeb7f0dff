"""The rows of tasks and calls, as they follow from events."""

from __future__ import annotations

from typing import Any

from ...runtime.call import fields_of
from ..reading.events import Event, number_of
from ..reading.requests import capability_of
from .book import Book, Expected


def call(book: Book, event: Event, body: dict[str, Any]) -> None:
    """A decision."""
    request = fields_of(body.get("request"))
    subject, context = fields_of(request.get("subject")), fields_of(request.get("context"))
    task = fields_of(context.get("task")).get("id")
    found = book.get("task", task) if type(task) is str else None
    told: Expected = {
        "caller": body["caller"],
        "agent": subject.get("id"),
        "effect": body.get("effect"),
        "at": event.time,
        "outcome": None,
        "refused": False,
        "redacted": event.is_redacted,
        "capability": capability_of(request),
    }
    if "question" in body:  # else nobody is asked by it any more
        told["digest"] = body["question"]
    if task is None or found is not None or not book.gap:
        told["task"], told["run"] = (None, None) if found is None else (task, found["run"])
    book.put("call", event.seq, told)


def task(book: Book, event: Event, body: dict[str, Any]) -> None:
    """A task begins."""
    task = fields_of(body.get("task"))
    parent = body.get("parent")
    above = None if parent is None else book.get("task", parent)
    told: Expected = {
        "parent": parent,
        "agent": body.get("agent"),
        "user": body.get("user"),
        "intent": task.get("intent"),
        "fields": {name: each for name, each in task.items() if name not in ("id", "intent")},
        "state": "active",
        "caller": body["caller"],
        "context": {},
        "seq": event.seq,
        "started": event.time,
        "ended": None,
    }
    if parent is None or above is not None:
        told["run"] = task.get("id") if above is None else above["run"]
    book.put("task", task.get("id"), told)


def context(book: Book, event: Event, body: dict[str, Any]) -> None:
    """What was reported of a task last."""
    book.change("task", body.get("task"), context=body.get("context"))


def state(book: Book, event: Event, body: dict[str, Any]) -> None:
    """A task ends, or drifts."""
    book.change("task", body.get("task"), state=body.get("state"), ended=event.time)
    book.put("over", body.get("task"), {})  # also where nobody knows any more how it began


def outcome(book: Book, event: Event, body: dict[str, Any]) -> None:
    """What became of a call."""
    book.change("call", number_of("c-", body.get("call")), outcome=body.get("outcome"))


def about(book: Book, event: Event, body: dict[str, Any]) -> tuple[str | None, int | None]:
    """The task and the call by which a store finds an event."""
    if event.kind == "call":
        row = book.get("call", event.seq) or {}
        task = row.get("task")
        if task is None and row.get("effect") == "permit" and _is_start(body):
            task = body["request"]["resource"]["id"]
        return task, event.seq
    if event.kind in ("outcome", "use", "cancelled"):
        seq = number_of("c-", body.get("call"))
        return (book.get("call", seq) or {}).get("task"), seq
    if event.kind == "task":
        return fields_of(body.get("task")).get("id"), None
    if event.kind == "verdict":
        return body.get("task"), number_of("c-", body.get("call"))
    return body.get("task") if event.kind in _OF_TASKS else None, None


_OF_TASKS = ("said", "context", "state", "lease", "revoked", "credential")


def _is_start(body: dict[str, Any]) -> bool:
    return fields_of(fields_of(body.get("request")).get("action")).get("name") == "start"
