"""Who is signed in: random names of sessions in cookies, and what they stand for in memory, for a while.

Only the digest of a name is kept, and a form carries a token that is made of it: a page of somebody else's can
neither read the cookie nor make the token.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from typing import Any

LASTS = 8 * 3600.0
"""Seconds from the sign-in to the end, whatever is done."""
IDLE = 1800.0
"""Seconds without a request after which a session has ended."""
MOST = 1000
"""Sessions at a time; the oldest one makes room."""


@dataclass(slots=True)
class Session:
    """Somebody who is signed in."""

    caller: Any
    ends: float
    seen: float


class Sessions:
    """The sessions of one process."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin with none."""
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._sessions: dict[bytes, Session] = {}

    def begin(self, caller: Any) -> str:
        """Give a name that nobody can guess to somebody who has shown a key."""
        now = self._clock()
        self._drop_ended(now)
        while len(self._sessions) >= MOST:
            del self._sessions[next(iter(self._sessions))]
        name = new_name()
        self._sessions[_digest(name)] = Session(caller, now + LASTS, now)
        return name

    def caller(self, name: str | None) -> Any | None:
        """Who has a session; None if it has ended, or was never begun."""
        if name is None:
            return None
        key = _digest(name)
        found = self._sessions.get(key)
        if found is None:
            return None
        now = self._clock()
        if now >= found.ends or now >= found.seen + IDLE:
            del self._sessions[key]
            return None
        found.seen = now
        return found.caller

    def end(self, name: str | None) -> None:
        """End a session."""
        if name is not None:
            self._sessions.pop(_digest(name), None)

    def form_token(self, name: str) -> str:
        """What a form carries that is sent with a cookie of this name."""
        return hmac.new(self._secret, name.encode(), sha256).hexdigest()

    def is_form_of(self, name: str | None, token: str | None) -> bool:
        """Whether a form was written for who has the cookie."""
        if not name or not token or not token.isascii():
            return False
        return hmac.compare_digest(self.form_token(name), token)

    def _drop_ended(self, now: float) -> None:
        ended = [
            key
            for key, each in self._sessions.items()
            if now >= each.ends or now >= each.seen + IDLE
        ]
        for key in ended:
            del self._sessions[key]


def new_name() -> str:
    """A name of 256 random bits."""
    return secrets.token_urlsafe(32)


def _digest(name: str) -> bytes:
    return sha256(name.encode("utf-8", "replace")).digest()
