"""Records of what happened, under the vocabulary of `generators.facts`: whole, in the order of time, and of one run or more.

A request with the facts of such a record is one that a monitor makes; what a proof says holds of all of them.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.facts import facts

from .facts import ACTIONS, BOT
from .values import BOOLEANS, Draw, integers, pick

NOW = "2026-11-24T10:00:00Z"
BEFORE = ("09:40:00Z", "09:52:00Z", "09:54:59Z", "09:55:00Z", "09:57:30Z", "09:58:00Z", "09:59:59Z")
ADDRESSES = ("a@b.example", "c@d.example", "e@f.example", "")
AMOUNTS = (0, 1, 1, 2.5, 7, 10, 10.5, 0.1)
WHOLE = (0, 1, 2, 7, -5)
TIMES = ("2026-01-01T00:00:00Z", "2026-11-24T09:00:00Z", "2027-01-01T00:00:00Z")
SAID = ("write to a@b.example", "c@d.example or 7", "10.5 and 1, please", "nothing of it")


def arguments(draw: Draw) -> dict[str, Any]:
    """Arguments of a call, nearly always well-formed."""
    found: dict[str, Any] = {"to": draw(st.lists(st.sampled_from(ADDRESSES), max_size=3))}
    for name, values in (
        ("n", AMOUNTS),
        ("i", WHOLE),
        ("at", TIMES),
        ("wait", ("0s", "5m", "6m")),
    ):
        if draw(integers(0, 3)):
            found[name] = pick(draw, values)
    if draw(integers(0, 29)) == 0:
        found[pick(draw, ("to", "n", "i"))] = pick(draw, (None, "x", [7], {}))
    return found


def call(draw: Draw, task: dict[str, Any], time: str) -> dict[str, Any]:
    """A request of a task at a time."""
    return {
        "subject": {"type": "agent", "id": BOT, "properties": {}},
        "action": {"name": pick(draw, ACTIONS), "properties": arguments(draw)},
        "resource": {
            "type": "p.t",
            "id": "r",
            "properties": {"grade": pick(draw, ("low", "mid", "high"))},
        },
        "context": {"time": time, "task": task},
    }


def record_of(draw: Draw) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A record, and a request after it."""
    tasks = []
    lines: list[dict[str, Any]] = []
    for name, parent in (("t1", None), ("t2", "t1"), ("t3", None))[: draw(integers(1, 3))]:
        task = {"id": name, "intent": "p.work", "state": "active", "order": pick(draw, ADDRESSES)}
        if draw(BOOLEANS):
            task["limit"] = pick(draw, AMOUNTS)
        tasks.append(task)
        line = {"time": "2026-11-24T09:30:00Z", "event": "task", "agent": BOT, "task": task}
        lines.append(line if parent is None else {**line, "parent": parent})
    times = sorted(draw(st.lists(st.sampled_from(BEFORE), max_size=7)))
    for number, at in enumerate(times):
        time, task = f"2026-11-24T{at}", pick(draw, tasks)
        if draw(integers(0, 3)) == 0:
            lines.append(
                {"time": time, "event": "said", "task": task["id"], "text": pick(draw, SAID)}
            )
            continue
        effect = pick(draw, ("permit", "permit", "permit", "challenge", "deny"))
        request = call(draw, task, time)
        lines.append(
            {
                "time": time,
                "event": "call",
                "id": f"c{number}",
                "effect": effect,
                "request": request,
            }
        )
        if effect == "permit" and draw(integers(0, 3)):
            outcome = pick(draw, ("done", "done", "failed", "withdrawn"))
            given = {"to": [pick(draw, ADDRESSES)], "n": pick(draw, AMOUNTS)}
            told = {} if outcome == "withdrawn" else {"result": given}
            lines.append(
                {
                    "time": time,
                    "event": "outcome",
                    "call": f"c{number}",
                    "outcome": outcome,
                    **told,
                }
            )
    return lines, call(draw, pick(draw, tasks), NOW)


@st.composite
def recorded_requests(draw: st.DrawFn, policy: ir.Policy) -> dict[str, Any]:
    """A request with the facts of a record, of which some may be lost on the way."""
    lines, request = record_of(draw)
    made: dict[str, Any] = facts(policy, lines, request)
    for kind in ("meters", "sources"):
        for key in list(made["context"].get(kind, ())):
            if draw(integers(0, 19)) == 0:
                del made["context"][kind][key]
    return made
