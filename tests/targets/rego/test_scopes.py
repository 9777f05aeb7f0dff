"""Which calls a rule is about: as the interpreter has it, and found by OPA without a scan."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from engines.hand_policies import FORBID, SPAN
from engines.rego import Opa, RegoCpp

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

from .opa import OPA, needs_opa
from .policies import ALLOW, POLICY, request
from .scopes import (
    ACME,
    INTENTS,
    RESOURCES,
    calls,
    scopes,
)


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
