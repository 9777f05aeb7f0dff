"""What happens once: a key that comes back gets its first answer, and with another body it is refused."""

from __future__ import annotations

import hmac
import json
import logging
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ...audit.events import keyed
from ...store import Seen, Turn
from ..operations.operations import Operation
from ..operations.problem import Problem, malformed
from .trail import digest

LONGEST_KEY = 255

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallerKey:
    """A key of a caller, with the digest of what it was used for."""

    id: str
    body: str
    plain: str
    """The digest without the key of the store, which stands in rows of the first version, whose tables were brought forward."""

    @classmethod
    def of(cls, operation: Operation, secret: bytes) -> CallerKey:
        """Read the key of an operation, with the key of the store. Raises `Problem`."""
        key = operation.key
        if not is_key(key):
            raise malformed(
                f"a key is 1 to {LONGEST_KEY} printable ASCII characters without spaces around"
            )
        id = sha256(f"{operation.caller.name}\0{key}".encode()).hexdigest()
        try:
            plain = digest([operation.NAME, operation.told()])
        except (TypeError, ValueError, RecursionError):
            raise malformed("what is asked is no JSON, or has too many levels") from None
        return cls(id, keyed(plain, secret), plain)


@dataclass(frozen=True, slots=True)
class KeyedOperation:
    """An operation whose caller may ask for it, with its key."""

    operation: Operation
    key: CallerKey


def is_key(key: object) -> bool:
    """Whether this can be a key."""
    return (
        type(key) is str
        and 1 <= len(key) <= LONGEST_KEY
        and key.isascii()
        and key.isprintable()
        and key == key.strip()
    )


def seen(turn: Turn, key: CallerKey, secret: bytes) -> Seen | None:
    """Give what a key was used for. Raises `Problem` if that was something else, or is not what was kept of it.

    Its answer is given again without a record, so that it is the one that was recorded, or none.
    """
    found = turn.get(Seen, key.id)
    if found is None:
        return None
    if not hmac.compare_digest(bytes(found.mac), _mac_of(found, secret)):
        _log.error(
            "what the store kept of a key was not written with the store's key: it was changed"
        )
        raise Problem(
            503,
            "store_changed",
            "what was kept of this key was changed: it is not answered any more",
        )
    if found.body not in (key.body, key.plain):
        raise Problem(409, "key_reused", "the key was used before, for something else")
    return found


def remember(
    turn: Turn, key: CallerKey, answer: dict[str, Any] | None, seq: int, secret: bytes
) -> None:
    """Keep the answer to a key; None keeps no more than that it has to be decided again."""
    text = None if answer is None else json.dumps(answer, separators=(",", ":"))
    kept = Seen(key.id, key.body, text, seq, b"")
    kept.mac = _mac_of(kept, secret)
    turn.put(kept)


def _mac_of(kept: Seen, secret: bytes) -> bytes:
    told = ("seen", kept.id, kept.body, kept.answer, kept.seq)
    return hmac.digest(secret, repr(told).encode(), "sha256")


def task_id(key: CallerKey, secret: bytes) -> str:
    """Make the id of the task that a key starts: the same however often it is asked, and nobody's guess."""
    made = hmac.digest(secret, f"task {key.id}".encode(), "sha256")
    return f"t-{b32encode(made).decode().lower()[:26]}"
