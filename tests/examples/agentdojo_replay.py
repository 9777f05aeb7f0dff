"""The benchmark's calls as requests: each under the intent and the fields that its prompt declares, with the facts
that follow from what was before.

`agentdojo_tasks.json` has those fields, written from the prompts alone. What the benchmark's tools answer comes from
`agentdojo_run.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import agpc
from agpc.compiler.ir.nodes import Policy
from agpc.compiler.meaning.interpreter import decide

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "agentdojo"
SHARED = ROOT.parent / "shared" / "agentdojo"
SUITES = ("banking", "workspace")
TOOL = {"banking": "account", "workspace": "office"}
AGENT = {
    "banking": "spiffe://bank.example/ns/assistants/sa/banking",
    "workspace": "spiffe://acme.example/ns/assistants/sa/office",
}
USER = {"id": "user:emma"}
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


@dataclass(frozen=True)
class Step:
    """A call of a run, whose it is, and what the benchmark's tool gave back."""

    by: str
    tool: str
    args: dict[str, Any]
    result: Any


@dataclass(frozen=True)
class Run:
    """A task of the benchmark, alone or with an attack: what its agent does, in some order."""

    suite: str
    task: str
    prompt: str
    attack: str | None
    orders: dict[str, tuple[Step, ...]]


def offered_tools() -> str:
    """The tools of the suites, as an MCP server would list them."""
    return answered("tools.json")


def answered(name: str) -> str:
    """What `agentdojo_run.py` has written; the tests that ask for it are skipped where it has not."""
    path = ROOT / ".cache" / "agentdojo" / name
    if not path.is_file():
        pytest.skip("no results of AgentDojo's tools: .ci/run installs agentdojo and asks them")
    return path.read_text(encoding="utf-8")


@cache
def runs() -> tuple[Run, ...]:
    """Every run that `agentdojo_run.py` has made."""
    found = []
    for line in map(json.loads, answered("runs.jsonl").splitlines()):
        orders = {
            order: tuple(
                Step(each["by"], each["tool"], each["args"], each.get("result"))
                for each in line[order]
            )
            for order in ("alone", "user_first", "attack_first")
            if order in line
        }
        found.append(Run(line["suite"], line["task"], line["prompt"], line.get("attack"), orders))
    return tuple(found)


class Session:
    """A task under way: its calls are decided with the facts of what was before, and what passes is recorded.

    `approves` says whether the person who is asked says yes, to whatever it is.
    """

    def __init__(self, policy: Policy, run: Run, *, approves: bool = False) -> None:
        self.policy, self.suite, self.task, self.approves = policy, run.suite, run.task, approves
        self.now = datetime(2026, 11, 24, 10, tzinfo=UTC)
        declared = tasks()[run.suite][run.task]
        self.fields = {
            **declared["fields"],
            "id": run.task,
            "intent": f"{run.suite}.{declared['intent']}",
            "state": "active",
        }
        self.record: list[dict[str, Any]] = [
            {"event": "task", "agent": AGENT[run.suite], "task": self.fields, "user": USER},
            {"event": "said", "task": run.task, "text": run.prompt},
        ]
        for each in self.record:
            each["time"] = self.time()

    def time(self, ago: timedelta = timedelta()) -> str:
        return (self.now - ago).isoformat().replace("+00:00", "Z")

    def request(self, tool: str, args: dict[str, Any], *, shown: bool = False) -> dict[str, Any]:
        """The request that an enforcement point makes of a call now; `shown` adds what a human gives."""
        before = self.time(timedelta(minutes=1))
        context: dict[str, Any] = {
            "time": self.time(),
            "injection_suspected": False,
            "task": self.fields,
            "user": USER,
        }
        if shown:
            context["step_up"] = [{"method": "mfa", "at": before}]
            context["approvals"] = [
                {
                    "by": USER["id"],
                    "roles": [],
                    "at": before,
                    "task": self.task,
                    "capability": f"{self.suite}.{TOOL[self.suite]}.{tool}",
                    "resource": "main",
                    "args": args,
                }
            ]
        asked = {
            "subject": {"type": "agent", "id": AGENT[self.suite]},
            "action": {"name": tool, "properties": args},
            "resource": {"type": f"{self.suite}.{TOOL[self.suite]}", "id": "main"},
            "context": context,
        }
        return agpc.facts(self.policy, self.record, asked)

    def decide(self, tool: str, args: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """How a call is decided in the end, and the request of which that was asked."""
        asked = self.request(tool, args)
        effect = decide(self.policy, asked).effect
        if effect == "challenge" and self.approves:
            asked = self.request(tool, args, shown=True)
            effect = decide(self.policy, asked).effect
        return effect, asked

    def make(self, step: Step) -> str:
        """Make a call; what passes is done and gives what the benchmark's tool gave."""
        self.now += timedelta(seconds=2)
        effect, asked = self.decide(step.tool, step.args)
        call = f"c-{len(self.record)}"
        self.record.append(
            {"time": self.time(), "event": "call", "id": call, "effect": effect, "request": asked}
        )
        if effect == "permit":
            done = {"event": "outcome", "call": call, "outcome": "done", "result": step.result}
            self.record.append({"time": self.time(), **done})
        return effect
