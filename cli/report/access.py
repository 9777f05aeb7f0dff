"""Agents by capabilities, as `agpc who-can` tells it: each access, what it takes, and the rules that it rests on."""

from __future__ import annotations

from ...compiler.analysis.access import Access as Asked
from ...compiler.analysis.access import Answer
from ...compiler.analysis.procedure.calls.scope import Scope, bits
from ...compiler.analysis.procedure.world import World
from ...compiler.garbage import seldom_collected
from ...compiler.ir import nodes as ir
from ...compiler.ir.documentation import doc_of_agent
from ...compiler.ir.spiffe import families_of
from ...compiler.telling.access import alike, clauses, who
from .facts import Access, Agent, Doubt, Way


def agents_of(policy: ir.Policy) -> tuple[Agent, ...]:
    """Every agent that can be told apart and is declared, with its accesses; intents with the same one together."""
    world = World(policy)
    asked = Asked(world, shown=False)
    scope = world.names
    everywhere = scope.capabilities_of(policy.capabilities) if policy.capabilities else 0
    with seldom_collected():
        found = [
            _agent(policy, world.universe.agents[agent], [
                *asked.answers(Scope(1 << agent, scope.intents_of(ir.DECLARED), everywhere))
            ])
            for agent in bits(scope.agents_of())
        ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (each.name, each.id)))


def _agent(policy: ir.Policy, id: str, answers: list[Answer]) -> Agent:
    access = [_access(same) for same in alike(answers) if same[0].how != "never"]
    return Agent(
        who(policy, id),
        id,
        families_of(policy, id),
        tuple(sorted(access, key=lambda each: (each.capability, each.intents))),
        doc_of_agent(policy, id),
    )


def _access(same: list[Answer]) -> Access:
    one = same[0]
    return Access(
        capability=one.capability,
        intents=tuple(sorted(each.intent for each in same)),
        how=one.how,
        ways=tuple(
            Way(
                way.allow.id,
                way.how,
                tuple(str(each) for each in clauses(way)),
                tuple(each.id for each in way.forbids),
            )
            for way in one.ways
        ),
        undetermined=tuple(Doubt(each.allow.id, each.reason) for each in one.doubts),
    )
