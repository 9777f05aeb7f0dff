"""A small policy whose one allow the tests of the JavaScript target change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engines.javascript import Module, node

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Span
from agpc.targets.emission import Options
from agpc.targets.javascript import TARGET

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
POLICY = ir.Policy(
    packages=(ir.Package("p", ir.Owner("o", "c"), ()),),
    agents=(ir.Agent("p.bot", AGENT, (), SPAN),),
    intents=(ir.Intent("p.pay", "", (), SPAN),),
    resources=(ir.Resource("p.ledger", "tool", (), (ir.Action("post", (), SPAN),), SPAN),),
    allows=(ALLOW,),
)


def policy_with(condition: ir.Condition) -> ir.Policy:
    return replace(POLICY, allows=(replace(ALLOW, condition=condition),))


def request(**args: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": AGENT, "properties": {"tenant": "t1"}},
        "action": {"name": "post", "properties": args},
        "resource": {"type": "p.ledger", "id": "main"},
        "context": {"task": {"id": "t", "intent": "p.pay", "state": "active"}},
    }


def files_of(policy: ir.Policy) -> dict[str, str]:
    return dict(TARGET.emit(policy, Options()).files)


def module_of(policy: ir.Policy) -> Module:
    running = node()
    assert running is not None
    return running.load(files_of(policy))
