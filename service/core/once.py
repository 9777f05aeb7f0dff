"""What happens once: a key that comes back gets its first answer, and with another body it is refused."""

from __future__ import annotations

import hmac
import json
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ..store import Seen, Turn
from .operations import Operation
from .problem import Problem, malformed
from .trail import digest

LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a caller, with the digest of what it was used for."""

    id: str
    body: str

    @classmethod
    def of(cls, operation: Operation) -> Key:
        """Read the key of an operation. Raises `Problem`."""
        key = operation.key
        if not is_key(key):
            raise malformed(
                f"a key is 1 to {LONGEST_KEY} printable ASCII characters without spaces around"
            )
        id = sha256(f"{operation.caller.name}\0{key}".encode()).hexdigest()
        try:
            return cls(id, digest([operation.NAME, operation.told()]))
        except (TypeError, ValueError, RecursionError):
            raise malformed("what is asked is no JSON, or has too many levels") from None


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation whose caller may ask for it, with its key."""

    operation: Operation
    key: Key


def is_key(key: object) -> bool:
    """Whether this can be a key."""
    return (
        type(key) is str
        and 1 <= len(key) <= LONGEST_KEY
        and key.isascii()
        and key.isprintable()
        and key == key.strip()
    )


def seen(turn: Turn, key: Key) -> Seen | None:
    """Give what a key was used for. Raises `Problem` if that was something else."""
    found = turn.get(Seen, key.id)
    if found is not None and found.body != key.body:
        raise Problem(409, "key_reused", "the key was used before, for something else")
    return found


def remember(turn: Turn, key: Key, answer: dict[str, Any] | None, seq: int) -> None:
    """Keep the answer to a key; None keeps no more than that it has to be decided again."""
    text = None if answer is None else json.dumps(answer, separators=(",", ":"))
    turn.put(Seen(key.id, key.body, text, seq))


def task_id(key: Key, secret: bytes) -> str:
    """Make the id of the task that a key starts: the same however often it is asked, and nobody's guess."""
    made = hmac.digest(secret, f"task {key.id}".encode(), "sha256")
    return f"t-{b32encode(made).decode().lower()[:26]}"
