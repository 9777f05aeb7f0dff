"""Policies whose conditions read facts, and requests with facts of every shape.

The vocabulary is one, of every type of a fact; what is drawn are the conditions, and what a monitor, or somebody who is
none, may have put into a request.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source

from .values import BOOLEANS, Draw, integers, pick

BOT = "spiffe://t.example/bot"
ACTIONS = ("a", "b", "c", "d")
HEAD = f"""\
package p
agent bot = "{BOT}"
intent work "work" {{ order: string, limit?: number }}
level grade = low < mid < high
set desk = ["a@b.example"]
set more = ["a@b.example", "c@d.example"]
tool t {{
    grade: grade
{"".join(f"    read action {each}(to: [string], n?: number, i?: int, at?: time, wait?: duration) -> {{ to: [string], n: number }}{chr(10)}" for each in ACTIONS)}}}
meter calls  = count of t.* per task
meter spent  = sum args.n of t.a per task
meter peak   = max resource.grade of t.* per task
meter most   = max args.n of t.a per task
meter whole  = max args.i of t.a per task
meter latest = max args.at of t.a per task
meter long   = max args.wait of t.a per task
meter seen   = last of t.b per task
meter denied_ = count of denied any per task
meter large  = count of t.a when args.n >= 1 per task
meter sums   = sum args.i of t.a, t.b when has args.i per task
meter anyone = count of t.* per everyone within 10m
meter fewer  = count of t.a, t.b when args.n > 1 per task within 5m
meter single = count of t.a when args.n > 1 per task within 2m
meter topped = max resource.grade of t.a per task
meter kinds  = distinct args.n of t.a per agent, args.n as args.i within 5m
meter names  = distinct args.to of t.* per everyone within 10m
source known = said, desk
source listed = desk
source wider  = more
source asked  = task, desk
source found  = known, t.a.to, quoted t.b
"""
ATOMS = (
    "calls <= 3", "calls.before == 0", "calls.before < calls", "denied_.before >= 2", "spent <= 10.5", "spent.before != 1",
    "peak.before >= mid", "peak < high", "peak.before == low", "resource.grade > peak.before", "most.before < 0.5",
    "most >= -1", "whole.before <= -5", "latest.before < now", "latest > 2026-01-01T00:00:00Z", "long.before <= 5m",
    "large <= 2", "large.before == large", "sums <= 10", "sums.before < sums", "names > names.before", "peak == peak.before",
    "most == most.before", "fewer > 0", "single.before > fewer.before", "single < fewer", "topped > peak", "topped.before == peak.before",
    "anyone <= 2", "calls < 1", "seen.before >= latest.before", "seen.before == seen.before", "after t.a", "after done (t.b per task within 5m)",
)  # fmt: skip
FROM = (
    "args.to from known", "links args.to from known", "args.n from known", "args.to from said", "args.to from listed",
    "args.to from wider", "args.to from found", "args.n from asked",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    0, 1, 3, 4, 10.5, 11, -1, -5, 0.1, 1e308, -1.7976931348623157e308, 2**53, "low", "mid", "high", "top", "5m", "6m", "0s",
    "2026-01-01T00:00:00Z", "2026-11-24T10:00:00Z", "2027-01-01T00:00:00Z", {"none": True}, {"none": True}, {"none": False},
    {"none": 1}, {"none": True, "more": 1}, {}, [], None, True, "", "nothing", [{"none": True}],
)  # fmt: skip
NAMES = ("to", "to#links", "n", "n#links", "other", "", 7, None)


def draw_text(draw: Draw, atoms: tuple[str, ...], depth: int = 2) -> str:
    """A condition as it is written."""
    kind = draw(integers(0, 5)) if depth else 0
    if kind < 3:
        return pick(draw, atoms)
    if kind == 3:
        return f"not ({draw_text(draw, ATOMS, depth - 1)})"
    word = pick(draw, (" and ", " or "))
    return f"({draw_text(draw, atoms, depth - 1)}{word}{draw_text(draw, atoms, depth - 1)})"


@st.composite
def fact_policies(draw: st.DrawFn) -> ir.Policy:
    """A policy with an allow or a forbid that reads facts for each action."""
    rules = []
    for each in ACTIONS:
        allowed = draw_text(draw, (*ATOMS, *FROM))
        rules.append(f"grant g_{each} {{ to bot for work allow t.{each} when {allowed} }}")
        if draw(BOOLEANS):
            denied = draw_text(draw, (*ATOMS, *(f"not {test}" for test in FROM)))
            rules.append(f"forbid f_{each} {{ deny t.{each} when {denied} }}")
    found = compile_sources([Source("p.agp", HEAD + "\n".join(rules))])
    assert found.policy is not None, found.diagnostics
    return found.policy


@st.composite
def requests_with_facts(draw: st.DrawFn, policy: ir.Policy) -> dict[str, Any]:
    """A request with some of the facts, of the right shape or of another one."""
    arguments: dict[str, Any] = {"to": ["a@b.example"], "n": 1}
    for name in ("to", "n"):
        if draw(integers(0, 4)) == 0:
            arguments[name] = pick(draw, (None, 7, "x", []))
    meters = {
        each.key: pick(
            draw,
            (
                {name: pick(draw, VALUES) for name in ("before", "with") if draw(integers(0, 9))},
                pick(draw, VALUES),
            ),
        )
        if draw(integers(0, 9)) == 0
        else {"before": pick(draw, VALUES), "with": pick(draw, VALUES)}
        for each in policy.meters
    }
    sources = {
        each.key: pick(
            draw, (["to", "n", "to#links"], [pick(draw, NAMES)], "to", {}, None, ["to", 7])
        )
        for each in policy.sources
    }
    context: dict[str, Any] = {
        "time": "2026-11-24T10:00:00Z",
        "task": {"id": "t1", "intent": "p.work", "state": "active"},
        "meters": meters,
        "sources": sources,
    }
    if draw(integers(0, 19)) == 0:
        context[pick(draw, ("meters", "sources"))] = pick(draw, (None, [], "x", {}))
    return {
        "subject": {"type": "agent", "id": BOT, "properties": {}},
        "action": {"name": pick(draw, ACTIONS), "properties": arguments},
        "resource": {
            "type": "p.t",
            "id": "r",
            "properties": {"grade": pick(draw, ("low", "mid", "high", 7))},
        },
        "context": context,
    }
