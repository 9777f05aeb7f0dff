"""Policies so small that every request that they can tell apart is tried.

`small_policies()` draws one that reads two attributes; `every_call` gives all the calls that matter.
An attribute is absent, malformed, or one of so few values that they stand for all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.roots import location
from agpc.compiler.ir.walk import attributes
from agpc.compiler.meaning.request import Call
from agpc.compiler.report.source import Source

MEMBER, OTHER = "spiffe://t.example/bots/m", "spiffe://t.example/bots/n"
AGENTS = (
    "spiffe://t.example/bot",
    "spiffe://t.example/crab",
    MEMBER,
    OTHER,
    "spiffe://outside.example/x",
)
VOCABULARY = """package p
agent bot = "spiffe://t.example/bot"
agent crab = "spiffe://t.example/crab"
agents bots = "spiffe://t.example/bots/*"
intent pay "Pay"
intent close "Close"
level grade = low < mid < high
enum currency = EUR, USD
tool t {
    flag: bool grade: grade currency: currency number: int name: string owner: string
    action x
    action y
}
"""
TEXTS = ["".join(letters) for length in range(4) for letters in product("ab", repeat=length)]
TEXTS += ["c", "cc"]
DOMAINS: dict[str, tuple[Any, ...]] = {
    "flag": (None, [], True, False),
    "grade": (None, [], "low", "mid", "high"),
    "currency": (None, [], "EUR", "USD"),
    "number": (None, [], -1, 0, 1, 2, 3),
    "name": (None, [], *TEXTS),
    "owner": (None, [], *TEXTS),
}
LEAVES: dict[str, tuple[str, ...]] = {
    "flag": ("resource.flag", "not resource.flag", "has resource.flag"),
    "grade": (
        "resource.grade <= low",
        "resource.grade >= mid",
        "resource.grade == high",
        "resource.grade in [low, high]",
        "has resource.grade",
    ),
    "currency": (
        "resource.currency == EUR",
        "resource.currency != EUR",
        "resource.currency in [EUR, USD]",
    ),
    "number": (
        "resource.number < 1",
        "resource.number <= 2",
        "resource.number == 1",
        "resource.number in [0, 2]",
        "resource.number > 0",
        "has resource.number",
    ),
    "name": (
        'resource.name == "a"',
        'resource.name like "a*"',
        'resource.name like "*b"',
        'resource.name like "?"',
        'resource.name in ["", "ab"]',
        "has resource.name",
        'agent.id == "spiffe://t.example/bots/m"',
    ),
    "owner": ("resource.owner == resource.name", 'resource.owner != "a"', "has resource.owner"),
}
APPROVAL = 'approval by "role:controller" within 1h'
NOW = "2026-12-01T10:00:00Z"


@st.composite
def small_policies(draw: st.DrawFn) -> ir.Policy:
    """A policy of a few rules over two attributes."""
    read = draw(st.sets(st.sampled_from(sorted(DOMAINS)), min_size=1, max_size=2))
    if "owner" in read:
        read = {"owner", "name"}
    leaves = st.sampled_from([leaf for name in sorted(read) for leaf in LEAVES[name]])
    conditions = st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map("not ({})".format),
            st.lists(inner, min_size=2, max_size=3).map(lambda of: f"({') and ('.join(of)})"),
            st.lists(inner, min_size=2, max_size=3).map(lambda of: f"({') or ('.join(of)})"),
        ),
        max_leaves=4,
    )
    agents = st.sampled_from(("bot", "crab", "bots", "bot, bots", "any agent"))
    intents = st.sampled_from(("pay", "close", "pay, close", "any intent"))
    actions = st.sampled_from(("t.x", "t.y", "t.*"))
    approvals = draw(st.booleans())
    text = VOCABULARY
    for number in range(draw(st.integers(1, 3))):
        text += (
            f"grant g{number} {{\n to {draw(agents)}\n for {draw(intents)}\n allow {draw(actions)}"
        )
        if draw(st.booleans()):
            text += f" when {draw(conditions)}"
        if approvals and draw(st.booleans()):
            text += f" require {APPROVAL}"
        if draw(st.integers(0, 3)) == 3:
            text += f"\n revoke when {draw(conditions)}"
        text += "\n}\n"
    for number in range(draw(st.integers(0, 3))):
        text += f"forbid f{number} {{\n"
        if draw(st.booleans()):
            text += f" to {draw(agents)}\n"
        if draw(st.booleans()):
            text += f" for {draw(intents)}\n"
        text += f" deny {draw(actions)}\n"
        if draw(st.booleans()):
            text += f" when {draw(conditions)}\n"
        kind = draw(st.integers(0, 3))
        if kind == 2:
            text += f" unless {draw(conditions)}\n"
        if kind == 3 and approvals:
            text += f" unless {APPROVAL}\n"
        text += "}\n"
    compilation = compile_sources([Source("small.agp", text)])
    assert compilation.policy is not None, (text, compilation.diagnostics)
    return compilation.policy


def every_call(policy: ir.Policy) -> Iterator[Call]:
    """All the calls that rules over `VOCABULARY` can tell apart; the task is active in all of them."""
    read = sorted({location(each)[-1] for each in attributes_read(policy)} & DOMAINS.keys())
    evidence = (False, True) if "Approval" in repr((policy.allows, policy.forbids)) else (False,)
    for agent, intent, action, approved in product(
        AGENTS, ("p.pay", "p.close", None), "xy", evidence
    ):
        for values in product(*(DOMAINS[name] for name in read)):
            task = {"id": "t", "state": "active", "intent": intent}
            context: dict[str, Any] = {"task": task}
            if approved:
                context |= {"time": NOW, "approvals": [approval(action)]}
            yield Call(
                policy,
                {
                    "subject": {"type": "agent", "id": agent},
                    "action": {"name": action, "properties": {}},
                    "resource": {
                        "type": "p.t",
                        "id": "r",
                        "properties": dict(zip(read, values, strict=True)),
                    },
                    "context": context,
                },
            )


def approval(action: str) -> dict[str, Any]:
    """The evidence that `APPROVAL` asks for."""
    return {
        "by": "user:ann",
        "roles": ["role:controller"],
        "at": NOW,
        "task": "t",
        "capability": f"p.t.{action}",
        "resource": "r",
        "args": {},
    }


def attributes_read(policy: ir.Policy) -> Iterator[ir.Attribute]:
    """The attributes that the conditions of a policy read."""
    for rule in policy.rules:
        conditions = [rule.condition]
        if isinstance(rule, ir.Allow):
            conditions += rule.revoke
        else:
            conditions.append(rule.unless)
        for condition in conditions:
            if condition is not None:
                yield from (each for each, _ in attributes(condition))
