"""What a passkey signs: a statement in the one form of JSON, of which the challenge of WebAuthn is the SHA-256.

The verifier of the trail builds each anew from what the events say. So nothing stands in one that no event has.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from ..audit.events import canonical, digest
from ..base64url import decoded

VERSION = 1


def of_verdict(told: dict[str, Any], expires: str) -> dict[str, Any]:
    """Give what a person says to a request: all that the event of a verdict says of it, and until when it is open."""
    names = ("request", "call", "digest", "task", "capability", "policy", "by", "verdict")
    message = told.get("message")
    return {
        "v": VERSION,
        "statement": "verdict",
        **{name: told[name] for name in names},
        "message": None if message is None else digest(message.encode()),
        "expires": expires,
    }


def of_sign_in(nonce: str) -> dict[str, Any]:
    """Give what somebody says who signs in: that they answer this nonce."""
    return {"v": VERSION, "statement": "sign_in", "nonce": nonce}


def of_enrolment(person: str, nonce: str) -> dict[str, Any]:
    """Give what a new passkey is made for."""
    return {"v": VERSION, "statement": "enrolment", "person": person, "nonce": nonce}


def challenge(statement: dict[str, Any]) -> bytes:
    """Give the challenge that a statement is."""
    return sha256(canonical(statement).encode("ascii")).digest()


def bytes_of(text: object, most: int) -> bytes | None:
    """Read bytes as WebAuthn writes them; None of what are none, or more than `most`.

    >>> bytes_of("AQI", 8), bytes_of("AQJ", 8), bytes_of("AQI=", 8), bytes_of("AQIDBA", 2)
    (b'\\x01\\x02', None, None, None)
    """
    if type(text) is not str or not 0 < len(text) <= 2 * most:
        return None
    try:
        found = decoded(text)
    except ValueError:
        return None
    return found if len(found) <= most else None
