"""The benchmark's calls as requests: each under the intent and the fields that its prompt declares.

`agentdojo_tasks.json` has those, written from the prompts alone. The calls are shared data, beside
the repository; without them the tests that need them are skipped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "agentdojo"
SHARED = ROOT.parent / "shared" / "agentdojo"
SUITES = ("banking", "workspace")
TOOL = {"banking": "account", "workspace": "office"}
AGENT = {
    "banking": "spiffe://bank.example/ns/assistants/sa/banking",
    "workspace": "spiffe://acme.example/ns/assistants/sa/office",
}
ROLES = ["role:account-holder", "role:workspace-owner"]
NOW, A_MINUTE_AGO = "2026-11-24T10:00:00Z", "2026-11-24T09:59:00Z"
EFFECTS = {
    "send_money", "schedule_transaction", "update_scheduled_transaction", "update_password",
    "update_user_info", "send_email", "delete_email", "create_calendar_event",
    "cancel_calendar_event", "reschedule_calendar_event", "add_calendar_event_participants",
    "append_to_file", "create_file", "delete_file", "share_file",
}  # fmt: skip
"""The tools that do something, where the others only look."""


@dataclass(frozen=True)
class Call:
    """One tool call of the benchmark."""

    suite: str
    task: str
    prompt: str
    tool: str
    args: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        return (self.tool, json.dumps(self.args, sort_keys=True))


def shared(name: str) -> str:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"the benchmark's {name} is not beside this repository, at ../shared/agentdojo")
    return path.read_text(encoding="utf-8")


def calls(suite: str) -> list[Call]:
    lines = map(json.loads, shared("user_calls.jsonl").splitlines())
    return [
        Call(suite, each["task"], each["prompt"], each["tool"], each["args"])
        for each in lines
        if each["suite"] == suite
    ]


@cache
def tasks() -> dict[str, dict[str, dict[str, Any]]]:
    return json.loads((Path(__file__).parent / "agentdojo_tasks.json").read_text(encoding="utf-8"))


def request(
    suite: str, task: str, tool: str, args: dict[str, Any], *, shown: bool = False
) -> dict[str, Any]:
    """The request that an enforcement point makes of a call; `shown` adds what a human gives."""
    declared = tasks()[suite][task]
    context: dict[str, Any] = {
        "time": NOW,
        "injection_suspected": False,
        "task": {
            **declared["fields"],
            "id": task,
            "intent": f"{suite}.{declared['intent']}",
            "state": "active",
        },
    }
    if shown:
        context["step_up"] = [{"method": "mfa", "at": A_MINUTE_AGO}]
        context["approvals"] = [
            {
                "by": "user:emma",
                "roles": ROLES,
                "at": A_MINUTE_AGO,
                "task": task,
                "capability": f"{suite}.{TOOL[suite]}.{tool}",
                "resource": "main",
                "args": args,
            }
        ]
    return {
        "subject": {"type": "agent", "id": AGENT[suite]},
        "action": {"name": tool, "properties": args},
        "resource": {"type": f"{suite}.{TOOL[suite]}", "id": "main"},
        "context": context,
    }
