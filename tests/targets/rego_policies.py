"""The policy by hand that tests of the Rego target change, and requests about it."""

from __future__ import annotations

from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Span

SPAN = Span("p.agp", 1, 1, 1, 2)

AGENT = "spiffe://acme.example/ns/a/sa/bot"

ALLOW = ir.Allow(
    id="p.g.post",
    agents=("p.bot", "p.bots"),
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
    agents=None,
    intents=None,
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
    families=(ir.Family("p.bots", ("spiffe://acme.example/fleet/**",), (), (), SPAN),),
    intents=(ir.Intent("p.pay", "", (), SPAN),),
    resources=(ir.Resource("p.ledger", "tool", (), (ir.Action("post", (), SPAN),), SPAN),),
    levels=(ir.Enumeration("p.grade", ("low", "mid", "high")),),
    enums=(ir.Enumeration("p.currency", ("EUR", "USD")),),
    allows=(ALLOW,),
)

X = "x"


def request(x: Any = ..., **context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": AGENT},
        "action": {"name": "post", "properties": {} if x is ... else {X: x}},
        "resource": {"type": "p.ledger", "id": "main"},
        "context": {
            "time": "2026-11-24T10:00:00Z",
            "task": {"id": "t", "intent": "p.pay", "state": "active"},
            **context,
        },
    }
