"""What the index of a capability's rules leaves out never meets, and is never missed by a finding."""

from __future__ import annotations

from typing import Any

import pytest
from generators import cases
from generators.requests import aimed_requests
from hypothesis import given

from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import allow_applies, forbid_applies
from agpc.compiler.meaning.request import Call
from agpc.compiler.report.source import Source

HEAD = """package p
agent bot = "spiffe://acme.example/ns/a/sa/bot"
agents bots = "spiffe://acme.example/ns/a/sa/*"
intent pay "Pay"
tool t { action x(amount: number) }
"""


def policy_of(text: str) -> ir.Policy:
    policy = compile_sources([Source("p.agp", HEAD + text)]).policy
    assert policy is not None
    return policy


@given(cases(of=aimed_requests))
def test_rules_that_apply_to_one_request_are_near_each_other(
    case: tuple[ir.Policy, dict[str, Any]],
) -> None:
    policy, request = case
    call = Call.read(policy, request)
    if call is None:
        return
    world = World(policy)
    allows = [each for each in policy.allows if allow_applies(each, call)]
    forbids = [each for each in policy.forbids if forbid_applies(each, call)]
    for rule in (*allows, *forbids):
        near = {each.id for each in (*world.near.allows(rule), *world.near.forbids(rule))}
        assert {each.id for each in (*allows, *forbids)} - {rule.id} <= near


def test_an_allow_that_never_applies_still_has_limits_that_limit_nothing() -> None:
    found = analyze(
        policy_of(
            "grant one { to bot for pay allow t.x when args.amount > 2 and args.amount < 1 }\n"
            "grant all { to bots for pay allow t.x when args.amount < 100 }\n"
        )
    )
    assert {"AGP2105", "AGP3207"} <= {each.code for each in found}


@pytest.mark.parametrize("others", [3, 120])
def test_of_two_rules_that_mean_the_same_one_is_covered(others: int) -> None:
    grants = "".join(
        f"grant n{n} {{ to bot for pay allow t.x when args.amount >= {5 + n} and args.amount < {9 + 2 * n} }}\n"
        for n in range(others)
    )
    found = analyze(
        policy_of(
            "grant one { to bot for pay allow t.x when args.amount > 1 and args.amount < 1000 }\n"
            "grant two { to bot for pay allow t.x when not (args.amount <= 1 or args.amount >= 1000) }\n"
            + grants
        ),
        codes=["AGP2101"],
    )
    about = [
        each.message
        for each in found
        if "`p.one.t.x`" in each.message[:40] or "`p.two.t.x`" in each.message[:40]
    ]
    assert about == ["allow `p.two.t.x` says what `p.one.t.x` says"], about
