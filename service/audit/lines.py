"""What else is made of an event: a line of the language's record, a line for people's tools, an event of OCSF."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ... import __version__
from ...runtime.call import fields_of
from ...runtime.record_lines import FIELDS
from .events import canonical

OCSF_VERSION = "1.9.0"


def whole_line(entry: bytes, body: bytes | None) -> bytes:
    """Give all of an event as one object: its entry and its body, each to the byte as they were hashed."""
    return b'{"body":' + (body or b"null") + b',"entry":' + entry + b"}"


def record_line(entry: bytes, body: bytes | None) -> bytes | None:
    """Give the line of the record that an event is; None if the record has no such lines.

    What was redacted or pruned is a line that no reader takes: then it is told, and what it could matter to is
    unknown, as it would not be if the line were left out.
    """
    told = json.loads(entry)
    kind, time = told["event"], told["time"]
    if kind not in FIELDS:
        return None
    line: dict[str, Any] = {"event": kind, "time": time}
    if body is None:
        return canonical({**line, "pruned": True}).encode()
    found = json.loads(body)
    needed, more = FIELDS[kind]
    line.update((name, found[name]) for name in (*needed, *more) if name in found)
    if found.get("redacted"):
        line = _without_values(kind, line)
    return canonical(line).encode()


def _without_values(kind: str, line: dict[str, Any]) -> dict[str, Any]:
    if kind == "outcome":  # it had a result, which nobody can read
        return {**line, "unreadable": True}
    line["redacted"] = True
    if kind == "said":
        line["text"] = None
    return line


# --- OCSF -----------------------------------------------------------------------------------------

_ALLOWED, _DENIED, _OTHER = (1, "Allowed"), (2, "Denied"), (99, "Other")
_ACTIONS: dict[Any, tuple[tuple[int, str], tuple[int, str]]] = {
    "permit": (_ALLOWED, (1, "Allowed")),
    "challenge": (_DENIED, (23, "Challenge")),
    "deny": (_DENIED, (2, "Blocked")),
}
"""For each effect what a security control did, and how it ended."""


_ACTIVITIES = {
    ("task", ""): (1, "Create"),
    ("lease", "issue"): (1, "Create"),
    ("lease", "renew"): (3, "Update"),
    ("lease", "keep"): (3, "Update"),
    ("revoked", ""): (4, "Delete"),
    ("passkey", "enrolled"): (1, "Create"),
    ("passkey", "removed"): (4, "Delete"),
    ("cancelled", ""): (4, "Delete"),
    ("session", "begun"): (1, "Create"),
    ("session", "ended"): (4, "Delete"),
}
_AS_PERSON = "person:"
_MORE = (
    *(
        "task",
        "call",
        "outcome",
        "state",
        "user",
        "verdict",
        "by",
        "roles",
        "message",
        "capability",
    ),
    *("lease", "what", "capabilities", "expires", "cause", "why", "broker", "until"),
    *("jti", "issued", "events", "passkey"),
    *("person", "active", "source", "session", "methods", "ends"),
)
"""What a body says beside a decision, which is not said elsewhere in the line."""


def ocsf_line(entry: bytes, body: bytes | None) -> bytes:
    """Give an event as *API Activity* (6003) of OCSF, with the profiles `security_control` and `ai_operation`."""
    told = json.loads(entry)
    found: dict[str, Any] = {} if body is None else json.loads(body)
    kind = told["event"]
    request = fields_of(found.get("request"))
    action, resource = fields_of(request.get("action")), fields_of(request.get("resource"))
    activity = _activity(kind, found)
    effect = found.get("effect")
    caller = _text(found.get("caller")) or "unknown"
    line: dict[str, Any] = {
        "activity_id": activity[0],
        "activity_name": activity[1],
        "category_uid": 6,
        "category_name": "Application Activity",
        "class_uid": 6003,
        "class_name": "API Activity",
        "type_uid": 600300 + activity[0],
        "severity_id": 2 if effect in ("challenge", "deny") else 1,
        "time": _milliseconds(told["time"]),
        "status_id": 2 if effect in ("challenge", "deny") else 1,
        "metadata": {
            "version": OCSF_VERSION,
            "profiles": ["ai_operation", "security_control"],
            "product": {"name": "agpc", "vendor_name": "agpc", "version": __version__},
            "uid": str(told["seq"]),
            "sequence": told["seq"],
            "event_code": kind,
            "original_time": told["time"],
        },
        "actor": {"user": _who(found, caller)},
        "api": {"operation": _text(action.get("name")) or kind},
        "src_endpoint": {"name": caller},
        "unmapped": {"policy": told["policy"], "body": told["body"], "pruned": body is None},
    }
    if agent := _agent(found):
        line["ai_agent"] = {"uid": agent}
    if named := _text(resource.get("type")):
        line["api"]["service"] = {"name": named}
        line["resources"] = [{"uid": _text(resource.get("id")) or "unknown", "type": named}]
    if type(effect) is str and effect in _ACTIONS:
        _add_decision(line, found, effect, told["policy"])
    if "correlation_uid" not in line["metadata"] and (id := _text(found.get("task"))):
        line["metadata"]["correlation_uid"] = id
    for name in _MORE:
        if name in found:
            line["unmapped"][name] = found[name]
    return canonical(line).encode()


def _activity(kind: str, found: dict[str, Any]) -> tuple[int, str]:
    """What became of something that lasts: a task, a lease, a session."""
    return _ACTIVITIES.get((kind, _text(found.get("what"))), (99, kind))


def _who(found: dict[str, Any], caller: str) -> dict[str, Any]:
    """Who has acted: a person, where it is theirs to do; else the agent, or the service's caller."""
    if caller.startswith(_AS_PERSON):
        return {"uid": caller.removeprefix(_AS_PERSON), "type_id": 1, "type": "User"}
    return {"uid": _agent(found) or caller, "type_id": 4, "type": "Service"}


def _add_decision(line: dict[str, Any], found: dict[str, Any], effect: str, policy: Any) -> None:
    action, disposition = _ACTIONS[effect]
    line["action_id"], line["action"] = action
    line["disposition_id"], line["disposition"] = disposition
    line["api"]["request"] = {"uid": _text(found.get("id")) or "unknown"}
    line["api"]["response"] = {"message": effect}
    context = fields_of(fields_of(found.get("answer")).get("context"))
    rules = context.get("rules") or [None]
    line["actor"]["authorizations"] = [
        {"decision": effect, "policy": {"uid": rule or policy, "version": policy}} for rule in rules
    ]
    reasons = [each for each in context.get("reasons") or () if _text(each)]
    if reasons:
        line["status_detail"] = "; ".join(reasons)
    task = fields_of(fields_of(fields_of(found.get("request")).get("context")).get("task"))
    if id := _text(task.get("id")):
        line["metadata"]["correlation_uid"] = id


def _agent(found: dict[str, Any]) -> str:
    subject = fields_of(fields_of(found.get("request")).get("subject"))
    return _text(subject.get("id")) or _text(found.get("agent"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _milliseconds(time: str) -> int:
    from ...runtime.values import read_time

    return (read_time(time) or 0) // 1_000_000


LINES: dict[str, Callable[[bytes, bytes | None], bytes | None]] = {
    "record.jsonl": record_line,
    "events.jsonl": whole_line,
    "ocsf.jsonl": ocsf_line,
}
"""The files of an export that hold a line for each event, or none, and what makes it from entry and body."""
