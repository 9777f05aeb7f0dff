"""Who, for what, while and when: agents, families, intents, tasks and validity on Cedar."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from engines.cedar import Engine

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Span
from agpc.targets.cedar import TARGET
from agpc.targets.emission import Options

SPAN = Span("p.agp", 1, 1, 1, 2)
BOT = "spiffe://acme.example/bot"
AGENTS = [
    BOT,
    "spiffe://acme.example/crab",
    "spiffe://acme.example/bots/x",
    "spiffe://acme.example/bots/x/y",
    "spiffe://acme.example/bots/..",
    "spiffe://acme.example/bots/",
    "spiffe://acme.example/all/x/y",
    "spiffe://acme.example/all",
    "spiffe://acme.example/BOT",
    "spiffe://acme.example/other",
    "AGP::Agent",
    "spiffe://acme.example/bots/" + "x" * 2_048,
]
TENANT = ir.Field("tenant", ir.STRING)
AT = ir.Attribute
ALLOW = ir.Allow(
    "p.g.a",
    ir.DECLARED,
    ir.DECLARED,
    ("p.ledger.post",),
    None,
    (),
    (),
    None,
    None,
    None,
    (),
    None,
    (),
    SPAN,
)
FORBID = ir.Forbid(
    "p.f", ir.ANYONE, ir.ANYONE, ("p.ledger.post",), None, None, (), None, None, (), SPAN
)
POLICY = ir.Policy(
    packages=(ir.Package("p", None, ()),),
    agents=(
        ir.Agent("p.bot", BOT, (TENANT,), SPAN),
        ir.Agent("p.crab", AGENTS[1], (ir.Field("tenant", ir.INT),), SPAN),
    ),
    families=(
        ir.Family(
            "p.all",
            ("spiffe://acme.example/all/**",),
            (),
            (ir.Field("tenant", ir.RecordType((ir.Field("id", ir.INT),))),),
            SPAN,
        ),
        ir.Family("p.bots", ("spiffe://acme.example/bots/*",), (BOT,), (TENANT,), SPAN),
    ),
    intents=(ir.Intent("p.close", "", (), SPAN), ir.Intent("p.pay", "", (), SPAN)),
    resources=(
        ir.Resource("p.ledger", "tool", (), (ir.Action("post", (), SPAN, is_open=True),), SPAN),
    ),
)


def request(
    agent: str = BOT,
    intent: Any = "p.pay",
    state: Any = "active",
    time: str = "2026-11-24T10:00:00Z",
    **properties: Any,
) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": agent, "properties": properties},
        "action": {"name": "post"},
        "resource": {"type": "p.ledger", "id": "main"},
        "context": {"time": time, "task": {"id": "t", "intent": intent, "state": state}},
    }


def agree(policy: ir.Policy, *requests: dict[str, Any]) -> set[bool]:
    """What Cedar answers, after checking that it is what the policy says."""
    emission = TARGET.emit(policy, Options())
    assert {each.enforcement for each in emission.ledger} == {"exact"}
    engine = Engine(emission.files)
    assert engine.validation.validation_passed, engine.validation.errors
    for each in requests:
        assert engine.decide(each) is (decide(policy, each).effect == "permit"), each
    return {engine.decide(each) for each in requests}


NAMES = [(), ("p.bot",), ("p.bots",), ("p.all", "p.crab"), ("p.all", "p.bots", "p.crab")]


@pytest.mark.parametrize("agents", NAMES)
def test_agents_and_families_are_those_of_the_policy(agents: tuple[str, ...]) -> None:
    asked = [request(agent) for agent in AGENTS]
    assert agree(
        replace(POLICY, allows=(replace(ALLOW, agents=agents or ir.DECLARED),)), *asked
    ) == {True, False}
    forbid = replace(FORBID, agents=agents or ir.ANYONE)
    assert False in agree(replace(POLICY, allows=(ALLOW,), forbids=(forbid,)), *asked)


@pytest.mark.parametrize("intents", [(), ("p.pay",), ("p.close", "p.pay")])
def test_intents_and_states_of_tasks_are_those_of_the_policy(
    intents: tuple[str, ...],
) -> None:
    asked = [
        request(intent=intent, state=state)
        for intent, state in product(
            ("p.pay", "p.close", "p.other", "P.PAY", None, 1, ["p.pay"]),
            ("active", "ended", "drifted", "Active", None, True),
        )
    ]
    assert agree(
        replace(POLICY, allows=(replace(ALLOW, intents=intents or ir.DECLARED),)), *asked
    ) == {
        True,
        False,
    }
    forbid = replace(FORBID, intents=intents or ir.ANYONE)
    assert False in agree(replace(POLICY, allows=(ALLOW,), forbids=(forbid,)), *asked)


@pytest.mark.parametrize("start", [None, "2026-11-24T10:00:00Z", "2026-11-24T09:59:59.5Z"])
@pytest.mark.parametrize("end", [None, "2026-11-24T11:00:00Z", "2026-11-24T10:59:59.5Z"])
def test_validity_has_the_edges_of_the_policy(start: str | None, end: str | None) -> None:
    rule = replace(ALLOW, validity=ir.Validity(start, end))
    times = (
        "09:59:59.499999999", "09:59:59.5", "09:59:59.999999999", "10:00:00", "10:30:00",
        "10:59:59.499999999", "10:59:59.5", "10:59:59.999999999", "11:00:00", "11:00:00.000000001",
    )  # fmt: skip
    asked = [request(time=f"2026-11-24T{time}Z") for time in times] + [request(time="now")]
    assert True in agree(replace(POLICY, allows=(rule,)), *asked)


def test_one_attribute_of_several_types_is_read_as_the_rule_reads_it() -> None:
    values = ("t1", 1, {"id": 1}, {"id": "t1"}, None, "1")
    asked = [
        request(agent, tenant=value) for agent, value in product((*AGENTS[:3], AGENTS[6]), values)
    ]
    conditions: list[tuple[tuple[str, ...], ir.Condition]] = [
        (("p.bot",), ir.Compare("==", AT("agent", ("tenant",), ir.STRING), ir.Constant(ir.STRING, "t1"))),
        (("p.crab",), ir.Compare("==", AT("agent", ("tenant",), ir.INT), ir.Constant(ir.INT, 1))),
        (("p.all",), ir.Compare("==", AT("agent", ("tenant", "id"), ir.INT), ir.Constant(ir.INT, 1))),
        (("p.crab",), ir.Has(AT("agent", ("tenant",), ir.INT))),
        (("p.crab",), ir.Not(ir.Has(AT("agent", ("tenant",), ir.INT)))),
    ]  # fmt: skip
    for agents, condition in conditions:
        rule = replace(ALLOW, agents=agents, condition=condition)
        assert agree(replace(POLICY, allows=(rule,)), *asked) == {True, False}


@pytest.mark.parametrize(
    "broken",
    [
        None, [], {}, "x", {**request(), "subject": BOT},
        {**request(), "subject": {"type": "user", "id": BOT}},
        {**request(), "subject": {"type": "agent", "id": "\ud800"}},
        {**request(), "resource": {"type": "p.ledger"}},
        {**request(), "resource": {"type": "p.other", "id": "main"}},
        {**request(), "action": {"name": "read"}},
        {**request(), "action": {"name": None}},
    ],
)  # fmt: skip
def test_what_is_no_request_is_denied(broken: Any) -> None:
    policy = replace(POLICY, allows=(ALLOW,))
    assert Engine(TARGET.emit(policy, Options()).files).decide(broken) is False
    assert decide(policy, broken).effect == "deny"
