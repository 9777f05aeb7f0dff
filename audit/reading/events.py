"""Reads entries and bodies: whether they are what they say, and belong to each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ...runtime.values import read_time
from . import strict
from .hashing import of_digest
from .trail import Leaf

VERSION = 1
_ENTRY = ("body", "event", "policy", "seq", "time", "v")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_KEYED = re.compile(r"hmac-sha256:[0-9a-f]{64}")


class Broken(ValueError):
    """An event that is none; one sentence."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event whose entry could be read. `body` is None once it was pruned."""

    seq: int
    time: int
    kind: str
    policy: str | None
    body: dict[str, Any] | None

    @property
    def is_redacted(self) -> bool:
        """Whether values were kept as digests alone."""
        return self.body is not None and bool(self.body.get("redacted"))


def read_event(leaf: Leaf) -> Event:
    """Read an event. Raises `Broken`."""
    try:
        entry = strict.read(leaf.entry)
    except strict.NotCanonical as error:
        raise Broken(f"the entry cannot be read: {error}") from None
    if tuple(entry) != _ENTRY:
        raise Broken("the entry has not the fields of one")
    if entry["v"] != VERSION or type(entry["v"]) is not int:
        raise Broken(f"the entry is of a version that is not {VERSION}")
    time, kind, policy = read_time(entry["time"]), entry["event"], entry["policy"]
    if type(entry["seq"]) is not int or entry["seq"] != leaf.seq:
        raise Broken("the entry has the number of another event")
    if time is None or type(kind) is not str:
        raise Broken("the entry has no time, or no kind of event")
    if policy is not None and not is_digest(policy):
        raise Broken("the policy of the entry is no digest")
    if not is_digest(entry["body"]):
        raise Broken("the entry has no digest of its body")
    body = None if leaf.body is None else _body(leaf.body, entry)
    return Event(leaf.seq, time, kind, policy, body)


def is_digest(value: object) -> bool:
    """Whether this is the digest of something."""
    return type(value) is str and _DIGEST.fullmatch(value) is not None


def number_of(prefix: str, id: object) -> int | None:
    """Give the number of the event that an id such as `c-12` is made of."""
    text = id.removeprefix(prefix) if type(id) is str else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def is_keyed(value: object) -> bool:
    """Whether this is the digest of something that only a holder of the store's key can compare."""
    return type(value) is str and _KEYED.fullmatch(value) is not None


def _body(data: bytes, entry: dict[str, Any]) -> dict[str, Any]:
    if of_digest(data) != entry["body"]:
        raise Broken("the body is not the one whose digest the entry has")
    try:
        found = strict.read(data)
    except strict.NotCanonical as error:
        raise Broken(f"the body cannot be read: {error}") from None
    version = found.get("v")
    is_ours = type(version) is int and version == VERSION
    if not is_ours or found.get("event") != entry["event"]:
        raise Broken("the body is of another kind of event, or another version")
    if found.get("time") != entry["time"]:
        raise Broken("the body has another time than the entry")
    if type(found.get("salt")) is not str or type(found.get("caller")) is not str:
        raise Broken("the body has no salt, or no caller")
    return found
