"""A policy whose rules name agents, intents and capabilities in every way, and calls about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from engines.hand_policies import FORBID, SPAN

from agpc.compiler.ir import nodes as ir

from .policies import ALLOW, POLICY, request

ACME = "spiffe://acme.example"

AGENTS = tuple(ir.Agent(f"p.b{at:02}", f"{ACME}/b/{at:02}", (), SPAN) for at in range(12))

FAMILIES = (
    ir.Family("p.deep", (f"{ACME}/fleet/**",), (), (), SPAN),
    ir.Family("p.flat", (f"{ACME}/fleet/*",), (), (), SPAN),
    ir.Family("p.inner", (f"{ACME}/*/sa/**", f"{ACME}/x/*/y"), (f"{ACME}/b/03",), (), SPAN),
    ir.Family("p.listed", (), tuple(f"{ACME}/l/{at:02}" for at in range(9)), (), SPAN),
)

INTENTS = tuple(ir.Intent(f"p.i{at:02}", "", (), SPAN) for at in range(14))

RESOURCES = tuple(
    ir.Resource(name, "tool", (), tuple(ir.Action(each, (), SPAN) for each in actions), SPAN)
    for name, actions in (
        ("p.ledger", [f"action_with_a_name_{at:02}" for at in range(9)]),
        ("p.mail", ["read", "send"]),
        ("p.x.mail", ["read"]),
    )
)

NAMED_AGENTS: list[tuple[str, ...] | None] = [
    None,  # nobody by name
    ("p.b01",),
    ("p.b01", "p.b02"),
    tuple(each.name for each in AGENTS[:11]),
    ("p.deep",),
    ("p.flat",),
    ("p.inner",),
    ("p.listed",),
    ("p.b05", "p.flat", "p.inner"),
]

NAMED_INTENTS: list[tuple[str, ...] | None] = [
    None,  # nobody by name
    ("p.i01",),
    ("p.i01", "p.i02"),
    tuple(each.name for each in INTENTS[:13]),
]

NAMED_CAPABILITIES = [
    ("any",),
    ("p.mail.*",),
    ("p.mail.send",),
    ("p.mail.read", "p.mail.send"),
    ("p.mail.*", "p.x.mail.*"),
    ("p.mail.*", "p.x.mail.read"),
    ("p.ledger.action_with_a_name_00", "p.mail.*", "p.mail.send"),
    tuple(f"p.ledger.action_with_a_name_{at:02}" for at in range(8)),
]


def scopes() -> ir.Policy:
    """A policy with a rule for all that may be named; a forbid applies to calls with an `x`."""
    named = list(product(NAMED_AGENTS, NAMED_INTENTS, NAMED_CAPABILITIES))
    has_x = ir.Has(ir.Attribute("args", ("x",), ir.STRING))
    return replace(
        POLICY,
        agents=AGENTS,
        families=FAMILIES,
        intents=INTENTS,
        resources=RESOURCES,
        allows=tuple(
            replace(
                ALLOW,
                id=f"p.a{at:03}",
                agents=who or ir.DECLARED,
                intents=why or ir.DECLARED,
                capabilities=what,
            )
            for at, (who, why, what) in enumerate(named)
        ),
        forbids=tuple(
            replace(
                FORBID,
                id=f"p.f{at:03}",
                agents=who or ir.ANYONE,
                intents=why or ir.ANYONE,
                capabilities=what,
                condition=has_x,
            )
            for at, (who, why, what) in enumerate(named)
        ),
    )


def calls() -> Iterator[Any]:
    """Requests by every kind of agent, with every kind of intent, of every kind of call."""
    agents = [f"{ACME}/b/{at}" for at in ("01", "02", "03", "05", "10", "11", "12")]
    agents += [f"{ACME}/fleet{each}" for each in ("", "/", "/a", "/a/b", "/a//b", "/..", "/.a")]
    agents += [f"{ACME}/{each}" for each in ("q/sa/x", "q/sa", "x/q/y", "x/q/z", "x/q/y/z", "l/03")]
    agents += [f"{ACME}/fleet/{'a' * 2048}", f"x{ACME}/fleet/a", "p.b01", ""]
    intents: list[Any] = ["p.i01", "p.i12", "p.i13", "p.nope", None, ["p.i01"]]
    actions = [
        ("p.mail", "send"),
        ("p.x.mail", "read"),
        ("p.x.mail", "send"),
        ("p.ledger", "action_with_a_name_00"),
        ("p.ledger", "action_with_a_name_08"),
        ("p", "mail.send"),
    ]
    for agent, intent, (resource, action) in product(agents, intents, actions):
        yield {
            **request(task={"id": "t", "intent": intent, "state": "active"}),
            "subject": {"type": "agent", "id": agent},
            "resource": {"type": resource, "id": "main"},
            "action": {"name": action, "properties": {"x": "a"} if agent.endswith("1") else {}},
        }
