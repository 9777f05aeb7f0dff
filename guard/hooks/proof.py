"""How a hook and its server show each other that they know the secret, which is never sent.

Whoever listens where the server should be, while it is not there, learns nothing by which to speak for a hook; and no answer
of his lets a tool run.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import time

SCHEME = "AGPC-Hook"
ANSWERED = "x-agpc-proof"
"""The header with what proves an answer."""
FRESH = 60
"""Seconds for which what was asked is good."""
MOST_KEPT = 100_000
_GIVEN = re.compile(rf"{SCHEME} (([0-9]{{1,12}})-[0-9a-f]{{32}}) ([0-9a-f]{{64}}) ([0-9a-f]{{64}})")


def asked(secret: str, path: str, body: bytes) -> tuple[str, str]:
    """Give what names this question once, and the header that proves it."""
    once, digest = f"{int(time.time())}-{os.urandom(16).hex()}", hashlib.sha256(body).hexdigest()
    return once, f"{SCHEME} {once} {digest} {_proof(secret, 'asked', path, once, digest)}"


def answered(secret: str, once: str, body: bytes) -> str:
    """Give what proves an answer to a question."""
    return _proof(secret, "answered", once, hashlib.sha256(body).hexdigest())


def is_answer(secret: str, once: str, body: bytes, given: str | None) -> bool:
    """Whether whoever answered knows the secret."""
    return hmac.compare_digest(answered(secret, once, body).encode(), (given or "").encode())


class AskedLately:
    """What was asked lately: each once."""

    def __init__(self, secret: str) -> None:
        """Take the secret."""
        self._secret = secret
        self._seen: dict[str, int] = {}

    def read(self, path: str, header: bytes) -> tuple[str, str] | None:
        """Give the name of a question, and the digest that its body has to have; None if nobody who knows the secret asks."""
        found = _GIVEN.fullmatch(header.decode("latin-1"))
        if found is None:
            return None
        once, at, digest, proof = found[1], int(found[2]), found[3], found[4]
        if not hmac.compare_digest(_proof(self._secret, "asked", path, once, digest), proof):
            return None
        now = int(time.time())
        self._seen = {each: when for each, when in self._seen.items() if now - when <= FRESH}
        if abs(now - at) > FRESH or once in self._seen or len(self._seen) >= MOST_KEPT:
            return None
        self._seen[once] = max(at, now)
        return once, digest


def is_of(body: bytes, digest: str) -> bool:
    """Whether a body is the one that was proved."""
    return hmac.compare_digest(hashlib.sha256(body).hexdigest(), digest)


def _proof(secret: str, *parts: str) -> str:
    return hmac.new(secret.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()
