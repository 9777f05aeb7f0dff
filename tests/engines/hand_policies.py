"""The policy by hand that tests of targets change, and a request that its one allow permits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Span

SPAN = Span("p.agp", 1, 1, 1, 2)
AGENT = "spiffe://acme.example/bot"
TENANT = ir.Attribute("agent", ("tenant",), ir.STRING)
AMOUNT = ir.Attribute("args", ("amount",), ir.NUMBER)
ALLOW = ir.Allow(
    id="p.g.post",
    agents=("p.bot",),
    intents=("p.pay",),
    capabilities=("p.ledger.post",),
    condition=None,
    requirements=(),
    revoke=(),
    credential=None,
    validity=None,
    window=None,
    obligations=(),
    owner=None,
    controls=(),
    span=SPAN,
)
FORBID = ir.Forbid(
    id="p.f",
    agents=ir.ANYONE,
    intents=ir.ANYONE,
    capabilities=("any",),
    condition=None,
    unless=None,
    unless_evidence=(),
    because=None,
    owner=None,
    controls=(),
    span=SPAN,
)
POLICY = ir.Policy(
    packages=(ir.Package("p", ir.Owner("o", "c"), ()),),
    agents=(ir.Agent("p.bot", AGENT, (), SPAN),),
    intents=(ir.Intent("p.pay", "", (), SPAN),),
    resources=(
        ir.Resource("p.ledger", "tool", (), (ir.Action("post", (), SPAN, is_open=True),), SPAN),
    ),
    allows=(ALLOW,),
)


def policy_of(*rules: ir.Rule, policy: ir.Policy = POLICY) -> ir.Policy:
    return replace(
        policy,
        allows=tuple(each for each in rules if isinstance(each, ir.Allow)),
        forbids=tuple(each for each in rules if isinstance(each, ir.Forbid)),
    )


def policy_with(condition: ir.Condition) -> ir.Policy:
    return policy_of(replace(ALLOW, condition=condition))


def request(**args: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": AGENT, "properties": {"tenant": "t1"}},
        "action": {"name": "post", "properties": args},
        "resource": {"type": "p.ledger", "id": "main"},
        "context": {
            "time": "2026-11-24T10:00:00Z",
            "task": {"id": "t", "intent": "p.pay", "state": "active"},
        },
    }
