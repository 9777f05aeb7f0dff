"""What hooks answer, in the words of each client.

A permit says nothing: the client goes on as if there were no hook, and asks its person where it would have asked. (Codex takes an
`allow` without a new input, and an `ask`, as faults of the hook, after which the tool runs.)
"""

from __future__ import annotations

from typing import Any

from .events import Client, Event

NOTHING: dict[str, Any] = {}


def permitted(client: Client, *, allows: bool) -> dict[str, Any]:
    """Let a tool run; with `allows` the person at Claude Code is not asked again."""
    if allows and client == "claude-code":
        return _before(permissionDecision="allow")
    return NOTHING


def denied(text: str) -> dict[str, Any]:
    """Keep a tool from running, and say so to the model."""
    return _before(permissionDecision="deny", permissionDecisionReason=text)


def blocked(text: str) -> dict[str, Any]:
    """Keep words of a person from the model, or tell it that something of a result is wrong."""
    return {"decision": "block", "reason": text}


def told(event: Event, text: str) -> dict[str, Any]:
    """Tell the model something that goes with a result."""
    return {"hookSpecificOutput": {"hookEventName": event.name, "additionalContext": text}}


def _before(**said: str) -> dict[str, Any]:
    return {"hookSpecificOutput": {"hookEventName": "PreToolUse", **said}}
