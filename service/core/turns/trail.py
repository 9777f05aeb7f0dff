"""What a turn adds to the trail: events, each with the leaf that the log of hashes gets."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ...audit import events
from ...audit.tree import Edge, leaf_hash
from ...store import Event, Head, StoreError, Turn


class Trail:
    """The events of one turn, and the head that they lead to. `key` is the store's own, and not in it."""

    def __init__(self, turn: Turn, key: bytes) -> None:
        """Go on where the head is. Raises `StoreError` if the head is not one that a holder of the key made."""
        self._turn = turn
        self._key = key
        head = turn.head
        if not is_ours(head, key):
            raise StoreError(
                "the head of the store was not written with its key: it was changed, or the key is another one"
            )
        self._edge = Edge.from_bytes(head.edge) if head.seq else Edge()
        self._leaves: list[bytes] = []

    @property
    def next(self) -> int:
        """The number of the next event."""
        return self._turn.head.seq

    def append(
        self,
        kind: str,
        at: int,
        caller: str,
        told: Mapping[str, Any],
        *,
        task: str | None = None,
        call: int | None = None,
        redacted: bool = False,
    ) -> int:
        """Add an event, and give its number. One that is redacted keeps keyed digests of values."""
        head = self._turn.head
        if redacted:
            told = events.redacted(kind, told, self._key)
        body = events.body(kind, at, caller, told)
        entry = events.entry(head.seq, at, kind, head.generation, body)
        seq = head.seq
        self._turn.add(Event(seq, at, kind, task, call, entry, body))
        self._leaves.append(leaf_hash(entry))
        head.seq, head.time = seq + 1, at
        return seq

    def close(self) -> None:
        """Put what was added on the edge of the tree, and mark the head as ours."""
        if self._leaves:
            self._edge.extend(self._leaves)
            self._turn.head.edge = self._edge.to_bytes()
        self._turn.head.mac = mac_of(self._turn.head, self._key)


def is_ours(head: Head, key: bytes) -> bool:
    """Whether a holder of the key made a head; nobody has to for a store that is empty."""
    return not head.seq or hmac.compare_digest(bytes(head.mac), mac_of(head, key))


def mac_of(head: Head, key: bytes) -> bytes:
    """Give what only a holder of the store's key can make of a head."""
    told = (head.seq, head.time, head.edge.hex(), head.generation)
    return hmac.digest(key, repr(told).encode(), "sha256")


def digest(value: Any) -> str:
    """Give the digest of JSON, whose members may stand in any order."""
    return f"sha256:{sha256(events.canonical(value).encode()).hexdigest()}"


def digest_of_call(request: dict[str, Any]) -> str:
    """Give the digest of the exact call: who, in which task, does what with which arguments."""
    told = {name: request[name] for name in ("subject", "action", "resource")}
    return digest({**told, "task": (request["context"].get("task") or {}).get("id")})
