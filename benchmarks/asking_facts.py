"""What facts cost a decision: the same rules and the same calls, asking for facts, and asking for attributes."""

from __future__ import annotations

import statistics
import time
from typing import Any

from tables import table, time_text

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source
from agpc.monitor import Monitor
from agpc.runtime.evaluator import Evaluator
from agpc.targets.python import evaluator

BOT = "spiffe://t.example/bot"
ROUNDS = 15
DECISIONS = 2_000  # of a round
HEAD = f"""language 2
package p
agent bot = "{BOT}"
intent work "work" {{ order: string }}
tool mail {{ send action send(to: [string], subject: string, amount: number) }}
context {{ sent: int, spent: number, last: time, to_is_known: bool, subject_is_known: bool }}
meter sent = count of mail.send per task
meter spent = sum args.amount of mail.send per task.order within 30d
meter last = last of mail.send per agent within 1d
source known = said, task
"""
LIMIT = ("sent <= 1_000", "context.sent <= 1_000")
SUM = ("spent <= 1_000_000", "context.spent <= 1_000_000")
TIME = ("not last.before > now", "not context.last > now")
SOURCE = ("args.to from known", "context.to_is_known")
SECOND = ("args.subject from known", "context.subject_is_known")
CONDITIONS = {
    "a limit": [LIMIT],
    "a source": [SOURCE],
    "all of them": [LIMIT, SUM, TIME, SOURCE, SECOND],
}
"""What is asked for, as facts and as attributes."""
BESIDE = 'args.amount <= 500 and task.order == "o-7"'
"""What both ask beside: a limit on one call, and what the task is about."""


def decider(condition: str) -> Evaluator:
    """The policy whose one grant has a condition."""
    text = f"{HEAD}grant g {{\n    to bot\n    for work\n    allow mail.send when {BESIDE} and {condition}\n}}\n"
    found = compile_sources([Source("p.agp", text)])
    assert found.policy is not None, found.diagnostics
    return evaluator(found.policy)


def request() -> dict[str, Any]:
    """A call that is permitted, with what stands in for facts where none are asked for."""
    return {
        "subject": {"type": "agent", "id": BOT},
        "action": {
            "name": "send",
            "properties": {"to": ["joe@corp.example"], "subject": "o-7", "amount": 20},
        },
        "resource": {"type": "p.mail", "id": "r1"},
        "context": {
            "time": "2026-11-24T10:00:00Z",
            "task": {"id": "t1", "intent": "p.work", "state": "active", "order": "o-7"},
            "sent": 2,
            "spent": 40,
            "last": "2026-11-24T09:00:00Z",
            "to_is_known": True,
            "subject_is_known": True,
        },
    }


def with_facts(engine: Evaluator) -> dict[str, Any]:
    """The same call as a monitor hands it on, its facts in it."""
    monitor = Monitor(engine, record=())
    monitor.start({"id": "t1", "intent": "p.work", "order": "o-7"}, agent=BOT)
    monitor.said("t1", "Please write to joe@corp.example")
    for _ in range(2):
        monitor.decide(request())
    found: dict[str, Any] = monitor.facts(request())
    return found


def measure(asked: list[tuple[str, str]]) -> tuple[list[float], list[float]]:
    """Seconds of a decision with facts and of one without, a figure of each round; the rounds take turns."""
    engines = [decider(" and ".join(each)) for each in zip(*asked, strict=True)]
    calls = [with_facts(engines[0]), request()]
    times: tuple[list[float], list[float]] = ([], [])
    for engine, call in zip(engines, calls, strict=True):
        assert engine.decide(call).effect == "permit", call
    for _ in range(ROUNDS):
        for engine, call, found in zip(engines, calls, times, strict=True):
            decide = engine.decide
            begin = time.process_time()
            for _ in range(DECISIONS):
                decide(call)
            found.append((time.process_time() - begin) / DECISIONS)
    return times


def report() -> str:
    """A row for each condition."""
    rows = []
    for name, asked in CONDITIONS.items():
        facts, attributes = measure(asked)
        ratio = statistics.median(a / b for a, b in zip(facts, attributes, strict=True))
        rows.append((name, time_text(min(attributes)), time_text(min(facts)), f"{ratio:.2f}"))
    heads = ("asks for", "as attributes", "as facts", "times as long")
    return "\n\n".join([table(heads, rows), NOTES])


NOTES = (
    f"Best of {ROUNDS} rounds, and the median of how many times as long a round took, in processor time. The same call under two policies that"
    " differ in one thing: what one reads as a fact that a monitor made, the other reads as an attribute of the request."
    " What the monitor itself takes stands below."
)
