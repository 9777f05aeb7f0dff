"""Trails that somebody who has the key writes anew, with another content."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from generators.trails import MemoryLog, signer

from agpc.audit.findings import Findings
from agpc.audit.notes import Key
from agpc.audit.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.runtime.values import read_time
from agpc.service.audit import events
from agpc.service.audit.tree import leaf_hash
from agpc.service.store import Event

Told = list[dict[str, Any]]


def written(recorded: tuple[list[Event], list[Any]], change: Callable[[Told], None]) -> Findings:
    """Write a trail anew with another content, by somebody who has the key, and verify it."""
    found, generations = recorded
    told = [{"kind": each.kind, **json.loads(bytes(each.body or b""))} for each in found]
    change(told)
    log = MemoryLog(policies=generations)
    active = None
    for seq, each in enumerate(told):
        kind = each.pop("kind")
        if kind == "generation":
            active = each["policy"]
        body = events.canonical({**each, "event": kind}).encode()
        entry = events.entry(seq, _time(each["time"]), kind, active, body)
        log.found.append(Event(seq, _time(each["time"]), kind, None, None, entry, body))
        log.edge.append(leaf_hash(entry))
    log.sign()
    return verify(StoredTrail(log), Key.read(signer().vkey))


def _time(text: str) -> int:
    found = read_time(text)
    assert found is not None
    return found
