"""What a record leaves open is unknown, by the monitor and by the reference alike."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.facts import facts
from agpc.compiler.report.source import Source
from agpc.monitor import Limits, Monitor
from agpc.targets.python import evaluator

TEXT = """
package p
agent bot  = "spiffe://t.example/bot"
agent crab = "spiffe://t.example/crab"
intent work "Work" {}
tool pay { write action send(to: string, kind?: string) }
meter alike = count of pay.send per agent, args.to within 1h
meter mine  = count of pay.send when args.kind == "real" per user within 1h
meter run   = count of pay.send per task
grant g { to bot, crab for work  allow pay.send when alike <= 2 and mine <= 2 and run <= 2 }
delegate crab for work to bot for work
"""
BOT, CRAB = "spiffe://t.example/bot", "spiffe://t.example/crab"
START = 1_795_000_000 * 10**9


def policy() -> ir.Policy:
    found = compile_sources([Source("p.agp", TEXT)])
    assert found.policy is not None, found.diagnostics
    return found.policy


POLICY = policy()
ENGINE = evaluator(POLICY)


def send(to: str, task: str = "t1", user: Any = "user:joe", **more: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": BOT},
        "action": {"name": "send", "properties": {"to": to, "kind": "real"}},
        "resource": {"type": "p.pay", "id": "r"},
        "context": {
            "task": {"id": task, "intent": "p.work", "state": "active"},
            "user": {"id": user},
            "delegation": [],
            **more,
        },
    }


class Watched:
    """A monitor and what it writes."""

    def __init__(self, **settings: Any) -> None:
        self.lines: list[Any] = []
        self.time = START

        def write(line: Any) -> None:
            self.lines.append(copy.deepcopy(line))

        self.monitor = Monitor(ENGINE, record=(), clock=self.clock, journal=write, **settings)

    def clock(self) -> int:
        self.time += 1
        return self.time

    def meters(self, request: Any) -> dict[str, Any]:
        """The meters by their names, which are those of the reference."""
        found = self.monitor.facts(request)
        got = found["context"].get("meters", {})
        assert got == facts(POLICY, self.lines, found)["context"].get("meters", {})
        return {key.partition("#")[0]: value for key, value in got.items()}


def test_a_key_that_is_malformed_is_in_doubt_for_each_agent_of_a_chain() -> None:
    watched = Watched()
    above = {"agent": CRAB, "task": {"id": "t0", "intent": "p.work", "state": "active"}}
    watched.monitor.decide(send("\ud800", delegation=[above]))
    watched.lines[-1]["effect"] = "permit"
    again = Monitor(ENGINE, record=watched.lines, clock=watched.clock)
    for agent in (BOT, CRAB):
        request = send("ann")
        request["subject"]["id"] = agent
        request["context"]["task"]["id"] = "t2"
        found = again.facts(request)
        assert not any(each.startswith("p.alike") for each in found["context"]["meters"])
        assert found == facts(POLICY, watched.lines, found)


def test_a_malformed_key_is_in_doubt_before_it_is_asked_what_counts() -> None:
    watched = Watched()
    first = send("ann", user=7)
    first["action"]["properties"]["kind"] = "try"
    watched.monitor.decide(first)
    watched.lines[-1]["effect"] = "permit"
    watched.monitor = Monitor(ENGINE, record=watched.lines, clock=watched.clock)
    assert "p.mine" not in watched.meters(send("bob"))


def test_a_run_does_not_know_what_happens_in_a_task_that_it_has_no_room_for() -> None:
    watched = Watched(limits=Limits(tasks=1))
    task = {"id": "t1", "intent": "p.work", "state": "active"}
    watched.monitor.start(task, agent=BOT)
    assert watched.meters(send("ann"))["p.run"] == {"before": 0, "with": 1}
    watched.monitor.start({**task, "id": "t2"}, agent=BOT, parent="t1")
    watched.monitor.decide(send("ann", task="t2"))
    for each in ("t1", "t2"):
        found = watched.monitor.facts(send("ann", task=each))["context"]["meters"]
        assert not any(name.startswith("p.run") for name in found)


@pytest.mark.parametrize("parent", [None, "t2"])
def test_a_task_that_was_forgotten_does_not_begin_anew(parent: str | None) -> None:
    watched = Watched(limits=Limits(runs=1))
    task = {"id": "t1", "intent": "p.work", "state": "active"}
    watched.monitor.start(task, agent=BOT)
    watched.monitor.decide(send("ann"))
    watched.monitor.start({**task, "id": "t2"}, agent=BOT)
    watched.monitor.start(task, agent=BOT, parent=parent)
    found = watched.monitor.facts(send("ann"))["context"]["meters"]
    assert not any(name.startswith("p.run") for name in found)


@pytest.mark.parametrize("event", ["cal", None, "outcome", "task"])
def test_a_broken_line_of_who_knows_what_is_of_any_run(event: Any) -> None:
    line = {"time": "2026-11-18T00:00:00Z", "event": event, "task": "another"}
    request = send("ann", time="2026-11-19T00:00:00Z")
    key = next(each.key for each in POLICY.meters if each.name == "p.run")
    assert key in facts(POLICY, [], request)["context"]["meters"]
    assert key not in facts(POLICY, [line], request)["context"].get("meters", {})
    said = {**line, "event": "said"}  # without its text
    assert key in facts(POLICY, [said], request)["context"]["meters"]
