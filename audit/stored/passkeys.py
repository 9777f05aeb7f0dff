"""The rows of passkeys, as they follow from events: each counts on with what it has signed."""

from __future__ import annotations

from typing import Any

from ...runtime.call import fields_of
from ..people.passkeys import bytes_of
from ..reading.events import Event
from .book import Book
from .people import sessions_ended

_ENROLLED = ("person", "credential", "public_key", "count", "site", "origin", "code")


def passkey(book: Book, event: Event, body: dict[str, Any]) -> None:
    """A passkey is enrolled, or taken away."""
    if body.get("what") == "removed":
        book.change("passkey", body.get("passkey"), removed=event.time)
        sessions_ended(book, event, body.get("person"))
        return
    told = {name: body.get(name) for name in _ENROLLED}
    book.put("passkey", f"k-{event.seq}", {**told, "at": event.time, "removed": None})


def signed(book: Book, event: Event, body: dict[str, Any]) -> None:
    """A passkey has signed a verdict, or a sign-in."""
    given = fields_of(body.get("passkey"))
    data = bytes_of(given.get("authenticator_data")) or b""
    book.change("passkey", given.get("id"), count=int.from_bytes(data[33:37]))
