"""The requests of the scenario of the certification."""

from __future__ import annotations

import json
from typing import Any

ALICE: dict[str, Any] = {"type": "user", "id": "alice"}
BOB: dict[str, Any] = {"type": "user", "id": "bob"}
ADMIN: dict[str, Any] = {**BOB, "properties": {"role": "admin"}}
ONE: dict[str, Any] = {"type": "record", "id": "record-1"}
TWO: dict[str, Any] = {"type": "record", "id": "record-2"}
ARCHIVED: dict[str, Any] = {**TWO, "properties": {"status": "archived"}}
READ, WRITE = {"name": "read"}, {"name": "write"}
CONTEXT = {"time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}
"""A time that is none by RFC 3339: it has no seconds."""


def evaluation(subject: Any, action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"subject": subject, "action": action, "resource": resource, **more}


def without(body: dict[str, Any], *place: str) -> dict[str, Any]:
    found = json.loads(json.dumps(body))
    inner = found
    for each in place[:-1]:
        inner = inner[each]
    del inner[place[-1]]
    return found  # type: ignore[no-any-return]


WHOLE = evaluation(ALICE, READ, ONE)
ENDPOINTS = ("evaluation", "evaluations", "search/subject", "search/resource", "search/action")
SEARCHES: dict[str, Any] = {
    "subject": {"subject": {"type": "user"}, "action": READ, "resource": ONE},
    "resource": {"subject": ALICE, "action": READ, "resource": {"type": "record"}},
    "action": {"subject": ALICE, "resource": ONE},
}
