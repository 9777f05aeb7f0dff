"""What is counted of people and leases once its event was found to be as it has to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def counted_of(kind: str, body: Mapping[str, Any]) -> Iterator[str]:
    """Name what an event counts as.

    >>> list(counted_of("verdict", {"passkey": {}})), list(counted_of("lease", {"what": "keep"}))
    (['verdicts', 'verdicts_signed'], [])
    """
    match kind, body.get("what"):
        case "verdict", _:
            yield "verdicts"
            if "passkey" in body:
                yield "verdicts_signed"
        case "use", _:
            yield "uses"
        case "lease", "issue":
            yield "leases_issued"
        case "revoked", _:
            yield "leases_ended"
        case "session", "begun":
            yield "sessions"
        case _:
            return
