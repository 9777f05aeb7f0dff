"""Trails that somebody who has the key writes anew, with another content."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from generators.trails import MemoryLog, signer

from agpc.audit.reading.findings import Findings
from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.runtime.values import read_time
from agpc.service.audit import events
from agpc.service.audit.tree import leaf_hash
from agpc.service.store import Event

from ..core.desk import Desk

Told: TypeAlias = list[dict[str, Any]]
Change: TypeAlias = Callable[[Told], object]
Recorded: TypeAlias = tuple[list[Event], list[Any]]


def recorded_by(desk: Desk) -> Recorded:
    """Give what a desk has recorded."""
    with desk.core.view() as view:
        return list(view.events(0, view.head.seq)), view.generations()


def written(recorded: Recorded, change: Change) -> Findings:
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
    return verify(StoredTrail(log), LogKey.read(signer().vkey))


def _time(text: str) -> int:
    found = read_time(text)
    assert found is not None
    return found


def of_kind(told: Told, kind: str, number: int = 0, **fields: Any) -> dict[str, Any]:
    """Give the event of a kind that says this."""
    return [
        each
        for each in told
        if each["kind"] == kind and all(each.get(name) == one for name, one in fields.items())
    ][number]


def swap(told: Told, one: dict[str, Any], other: dict[str, Any]) -> None:
    """Let two events that are not named by their number change places."""
    first, second = told.index(one), told.index(other)
    told[first], told[second] = other, one
    one["time"], other["time"] = other["time"], one["time"]
    for each in (one, other):
        if "request" in each and type(each["request"]) is dict:
            each["request"]["context"]["time"] = each["time"]
