"""Keys: each is for one operation, whose events stand together; and each proof of possession counts once."""

from __future__ import annotations

from typing import Any, TypeAlias

from ..known.index import Index, LastUse
from ..reading.events import Event
from ..reading.findings import Findings

Body: TypeAlias = dict[str, Any]
_AFTER = {
    *(("call", "task"), ("task", "said"), ("state", "state")),
    ("admin", "session"),
    *(("call", "use"), ("use", "use"), ("use", "task")),
    *(("context", "lease"), ("context", "revoked"), ("state", "revoked")),
    *(("signal", "revoked"), ("signal", "admin"), ("admin", "admin"), ("admin", "revoked")),
    *((one, other) for one in ("lease", "revoked") for other in ("lease", "revoked")),
}
"""Which events follow one another under one key, as one operation."""


class Keys:
    """Follows the keys of callers."""

    def __init__(self, index: Index, findings: Findings) -> None:
        """Begin before the first event."""
        self._index, self._findings = index, findings

    def take(self, event: Event, body: Body, *, followed: bool) -> None:
        """A key is for one operation: its events stand together, and a question is decided again until it is answered.

        `followed` is whether all before it could be read.
        """
        key, caller = body.get("key"), body["caller"]
        if "proof" in body and self._index.use(["proof", body["proof"]], event.seq) is not None:
            self._wrong(event, "the proof of possession was used before")
        if type(key) is not str:
            if event.kind == "call":
                self._wrong(event, "a call has no key")
            return
        used = self._index.key(caller, key)
        is_open = event.kind == "call" and body.get("effect") == "challenge"
        is_open = is_open or (event.kind == "refused" and body.get("open") is True)
        if used is not None and not self._may_follow(event, body, used):
            self._wrong(event, f"its key was used before, at event {used.seq}, and answered")
        elif used is None and "follows" in body and followed:
            self._wrong(event, "it follows a question that was not asked")
        self._index.put_key(caller, key, LastUse(event.seq, event.kind, is_open))
        self._findings.is_proved("keys", used is None)

    def _may_follow(self, event: Event, body: Body, used: LastUse) -> bool:
        if event.kind in ("call", "refused"):
            return used.open and body.get("follows") == used.seq
        return used.seq == event.seq - 1 and (used.kind, event.kind) in _AFTER

    def _wrong(self, event: Event, what: str) -> None:
        self._findings.is_wrong(event.seq, what)
