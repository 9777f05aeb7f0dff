"""The rows of keys, as they follow from events: each leads to the first event of its operation."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from ...runtime.values import NANOSECONDS
from ..checking.signals import SENDER
from ..reading.events import Event
from .book import Book, Expected

_BY_ITSELF = ("asked", "renewal")
"""Causes for which a lease ends in an operation that is about that lease alone."""
KEPT = 300 * NANOSECONDS
"""How long it is kept that a proof of possession was used."""


def take_key(book: Book, event: Event, body: dict[str, Any], before: Event | None) -> None:
    """Take in which row an event gives its key: of a question the first, until it is answered."""
    proof, key = body.get("proof"), body.get("key")
    if type(proof) is str:
        book.put("proof", proof, {"until": event.time + KEPT})
    if type(key) is not str:
        return
    id = sha256(f"{body['caller']}\0{key}".encode()).hexdigest()
    leads = _leads(event, body, before)
    if leads is None and not book.has("seen", id):
        book.put("seen", id, None)
    if not leads:
        return
    answer = body.get("answer")
    is_open = event.kind == "call" and body.get("effect") == "challenge"
    is_open = is_open or (event.kind == "refused" and body.get("open") is True)
    told: Expected = {"seq": event.seq, "open": is_open, "says": _says(event, body)}
    if type(answer) is dict and not is_open:
        told["answer"] = answer
    book.put("seen", id, told)


def _leads(event: Event, body: dict[str, Any], before: Event | None) -> bool | None:
    """Whether the key of an event leads to it, and not to one before it of the same operation; None if nobody knows.

    The events of a review have a key that leads nowhere: its answer is not kept.
    """
    match event.kind:
        case "use" | "task":
            return False
        case "lease":
            return body.get("what") != "keep"
        case "revoked":
            return body.get("cause") in _BY_ITSELF
        case "admin":  # what a signal says of a person follows it
            return not str(body["caller"]).startswith(SENDER)
        case "said" | "state":
            leading = "task" if event.kind == "said" else "state"
            if before is None or before.kind != leading:
                return True
            if before.body is None:
                return None
            one, other = ((each["caller"], each.get("key")) for each in (before.body, body))
            return one != other
        case _:
            return True


def _says(event: Event, body: dict[str, Any]) -> dict[str, Any]:
    """What the answer to a key says at least."""
    match event.kind:
        case "refused":
            return {"decision": False}
        case "cancelled":
            return {"request": body.get("request"), "state": "cancelled"}
        case "verdict":
            return {name: body.get(name) for name in ("request", "verdict")}
        case "outcome":
            return {name: body.get(name) for name in ("call", "outcome")}
        case "lease":
            return {"decision": True, "lease": body.get("lease")}
        case "revoked" if body.get("cause") == "renewal":
            return {"decision": False}
        case "revoked":
            return {"lease": body.get("lease"), "state": "revoked"}
        case "credential":
            return {"event": event.seq}
        case "said" | "context":
            return {"task": body.get("task"), "event": event.seq}
        case "signal":
            return {"signal": event.seq}
        case "session":
            return {"session": body.get("session")}
        case "admin" if body.get("what") == "person":
            return {name: body.get(name) for name in ("person", "roles", "active")}
        case _:
            return {}
