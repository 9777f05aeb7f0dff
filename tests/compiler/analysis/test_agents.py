"""Conditions on the identity of the agent: proofs about families must not forget their members."""

from __future__ import annotations

import pytest

from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source

POLICY = """package p
agents bots = "spiffe://acme.example/bots/*"
intent pay "Pay"
tool t {{ action x }}
grant g {{
    to bots
    for pay
    allow t.x when {condition}
}}
"""


def world(condition: str) -> World:
    compilation = compile_sources([Source("p.agp", POLICY.format(condition=condition))])
    assert compilation.policy is not None, compilation.diagnostics
    return World(compilation.policy)


@pytest.mark.parametrize(
    "condition",
    [
        'agent.id == "spiffe://acme.example/bots/x"',
        'agent.id in ["spiffe://acme.example/x", "spiffe://acme.example/bots/x"]',
        'agent.id like "spiffe://acme.example/bots/x"',
        'agent.id != "spiffe://acme.example/bots/some-agent"',
        'agent.id like "*/bots/x*"',
        'not agent.id like "*/bots/x*"',
    ],
)
def test_a_member_of_a_family_that_a_condition_names_is_found(condition: str) -> None:
    here = world(condition)
    (allow,) = here.policy.allows
    assert here.permitted_by(allow, ()) is not None


def test_an_agent_outside_the_family_is_not_found() -> None:
    here = world('agent.id == "spiffe://acme.example/x"')
    assert here.permitted_by(here.policy.allows[0], ()) is None


def test_a_pattern_that_no_known_agent_fits_is_undetermined() -> None:
    here = world('agent.id like "*/bots/x*" and agent.id like "*/bots/?y*"')
    with pytest.raises(Undetermined, match="matched with a pattern"):
        here.permitted_by(here.policy.allows[0], ())


def test_a_declared_agent_does_not_stand_for_its_family() -> None:
    text = POLICY.format(condition="true_for_all").replace(" when true_for_all", "")
    text += """
agent known = "spiffe://acme.example/bots/some-agent"
forbid not_the_known {
    to known
    deny t.x
    because "n"
}
"""
    compilation = compile_sources([Source("p.agp", text)])
    assert compilation.policy is not None, compilation.diagnostics
    here = World(compilation.policy)
    assert here.permitted_by(here.policy.allows[0], here.policy.forbids) is not None
