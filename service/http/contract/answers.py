"""What answers look like, as JSON Schema."""

from __future__ import annotations

import json
from typing import Any

from ....runtime.time_text import format_time
from ...store import Event
from .shapes import Schema

TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time"}
OBJECT: Schema = {"type": "object"}


def record(needed: dict[str, Schema], more: dict[str, Schema] | None = None) -> Schema:
    """Say what an object has, and what it may have; answers may get further members later."""
    return {"type": "object", "properties": {**needed, **(more or {})}, "required": list(needed)}


def listed(schema: Schema) -> Schema:
    """Say that there is a list."""
    return {"type": "array", "items": schema}


LEFT_OUT: Schema = {
    "type": "integer",
    "description": "How much more was said than stands in `said`: after the first words of the task, and before all others.",
}
DECISION = record(
    {
        "decision": {
            "type": "boolean",
            "description": "Whether the call may happen: nothing else lets it.",
        },
        "context": record(
            {
                "effect": {"type": "string", "enum": ["permit", "challenge", "deny"]},
                "rules": listed(TEXT),
                "reasons": listed(TEXT),
                "requirements": listed(OBJECT),
                "obligations": listed(OBJECT),
                "credential": {"type": ["object", "null"]},
                "evidence": listed(OBJECT),
                "owner": {"type": ["object", "null"]},
            }
        ),
    }
)
STATE: Schema = {"type": "string", "enum": ["active", "ended", "drifted"]}
TASK = record(
    {
        "id": TEXT,
        "intent": TEXT,
        "state": STATE,
        "agent": TEXT,
        "fields": OBJECT,
        "started_at": TIME,
    },
    {"user": OBJECT, "parent": TEXT, "ended_at": TIME, "starter": TEXT, "context": OBJECT},
)
OUTCOME: Schema = {"type": ["string", "null"], "enum": ["done", "failed", "withdrawn", None]}
CALL = record(
    {
        "id": TEXT,
        "task": {"type": ["string", "null"]},
        "agent": TEXT,
        "capability": {"type": ["string", "null"]},
        "effect": {"type": "string", "enum": ["permit", "challenge", "deny"]},
        "at": TIME,
        "caller": TEXT,
        "outcome": OUTCOME,
    }
)
EVENT = record(
    {
        "seq": {"type": "integer"},
        "time": TIME,
        "event": TEXT,
        "entry": {"type": "object", "description": "What the leaf of the log holds."},
        "body": {
            "type": ["object", "null"],
            "description": "What happened; null once it was pruned.",
        },
    }
)
NEXT: Schema = {
    "type": ["string", "null"],
    "description": "Give it as `before` to go on; null at the end.",
}


def texts(text: str) -> list[str]:
    """Read a list of texts that a column has."""
    found: list[str] = json.loads(text)
    return found


def said_of(row: Event) -> dict[str, Any]:
    """Write what the person said; without the words where they are no longer kept."""
    body = {} if row.body is None else json.loads(row.body)
    return {"at": format_time(row.time), "text": body.get("text")}
