"""Which calls a rule is about: as the interpreter has it, and found by OPA without a scan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from engines.rego import Opa, RegoCpp

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

from .opa import OPA, needs_opa
from .test_rego_agrees import ALLOW, FORBID, POLICY, SPAN, request

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
    None,
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
    None,
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
            replace(ALLOW, id=f"p.a{at:03}", agents=who, intents=why, capabilities=what)
            for at, (who, why, what) in enumerate(named)
        ),
        forbids=tuple(
            replace(
                FORBID,
                id=f"p.f{at:03}",
                agents=who,
                intents=why,
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


@needs_opa
def test_opa_finds_the_rules_about_a_call(tmp_path: Path) -> None:
    policy, asked = scopes(), list(calls())
    opa = Opa(OPA, TARGET.emit(policy, Options()).files, tmp_path)
    wanted = [interpreter.decide(policy, each).to_authzen() for each in asked]
    assert opa.decide(asked) == wanted
    assert {each["context"]["effect"] for each in wanted} == {"permit", "deny"}


def test_rego_cpp_finds_the_rules_about_a_call() -> None:
    policy = scopes()
    some = replace(policy, allows=policy.allows[::5], forbids=policy.forbids[::7])
    engine = RegoCpp(some, TARGET.emit(some, Options()).files)
    for asked in list(calls())[::11]:
        assert engine.decide(asked) == interpreter.decide(some, asked).to_authzen()


def many(number: int) -> ir.Policy:
    """One rule about the call of `request`, and others that differ from it in one thing each."""
    about = {"agents": ("p.bot",), "intents": ("p.i01",), "capabilities": ("p.mail.send",)}
    others: list[dict[str, Any]] = []
    for at in range(number):
        others += [
            {**about, "agents": (f"p.o{at}",)},
            {**about, "agents": (f"p.f{at}",)},
            {**about, "agents": tuple(f"p.o{each}" for each in range(number, number + 9))},
            {**about, "intents": (f"p.i{at + 100}",)},
            {**about, "capabilities": (f"p.r{at}.send",)},
            {**about, "capabilities": (f"p.r{at}.*",)},
            {**about, "capabilities": (f"p.r{at}.send", f"p.r{at + 1}.send")},
        ]
    numbers = range(number + 9)
    agents = tuple(ir.Agent(f"p.o{at}", f"{ACME}/o/{at}", (), SPAN) for at in numbers)
    send = (ir.Action("send", (), SPAN),)
    return replace(
        POLICY,
        agents=(*POLICY.agents, *agents),
        families=tuple(
            ir.Family(f"p.f{at}", (f"{ACME}/f{at}/**",), (), (), SPAN) for at in numbers
        ),
        intents=(*INTENTS, *(ir.Intent(f"p.i{at + 100}", "", (), SPAN) for at in numbers)),
        resources=(
            *RESOURCES,
            *(ir.Resource(f"p.r{at}", "tool", (), send, SPAN) for at in numbers),
        ),
        allows=tuple(
            replace(ALLOW, id=f"p.a{at:05}", **each) for at, each in enumerate([about, *others])
        ),
        forbids=tuple(replace(FORBID, id=f"p.f{at:05}", **each) for at, each in enumerate(others)),
    )


@needs_opa
def test_what_opa_evaluates_does_not_grow_with_rules_about_other_calls(tmp_path: Path) -> None:
    asked = {
        **request(task={"id": "t", "intent": "p.i01", "state": "active"}),
        "resource": {"type": "p.mail", "id": "main"},
        "action": {"name": "send"},
    }
    evaluated = {}
    for number in (1, 30):
        policy = many(number)
        opa = Opa(OPA, TARGET.emit(policy, Options()).files, tmp_path / str(number))
        opa.input.write_text(json.dumps(asked))
        command = ("eval", "--profile", "--profile-limit", 1000, "--bundle", opa.folder)
        done = json.loads(opa.run(*command, "--input", opa.input, "data.agp.decision"))
        assert done["result"][0]["expressions"][0]["value"]["context"]["rules"] == ["p.a00000"]
        evaluated[number] = sum(each["num_eval"] for each in done["profile"])
    assert evaluated[1] == evaluated[30]
