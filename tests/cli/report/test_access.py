"""The accesses of a report are those that there are: no more than `agpc who-can` tells, and no fewer than are permitted."""

from __future__ import annotations

from typing import Any

from generators.policies import policies
from generators.requests import aimed_requests, requests
from hypothesis import given
from hypothesis import strategies as st

from agpc.cli.report.access import agents_of
from agpc.cli.report.facts import Agent
from agpc.cli.report.gather import _accountable, _rule
from agpc.compiler.analysis.access import Access
from agpc.compiler.analysis.procedure.calls.scope import Scope
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.spiffe import is_member
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.request import Call
from agpc.compiler.report import Report


def listed(agents: tuple[Agent, ...]) -> dict[tuple[str, str, str], str]:
    return {
        (agent.id, access.capability, intent): access.how
        for agent in agents
        for access in agent.access
        for intent in access.intents
    }


@given(policies(max_rules=4))
def test_it_lists_what_who_can_tells_of_each_capability_with_a_request_that_is_permitted(
    policy: ir.Policy,
) -> None:
    world = World(policy)
    asked = Access(world)
    names = world.names
    told = {}
    for capability in policy.capabilities:
        scope = Scope(
            names.agents_of(), names.intents_of(ir.DECLARED), names.capabilities_of((capability,))
        )
        for answer in asked.answers(scope):
            assert all(
                each.witness is not None
                and interpreter.decide(policy, each.witness).effect == "permit"
                for each in answer.ways
            )
            if answer.how != "never":
                told[answer.agent, answer.capability, answer.intent] = answer
    found = listed(agents_of(policy))
    assert found.keys() == told.keys()
    for key, answer in told.items():
        # A proof that there is a request may do where the search for one gave up, which who-can says.
        assert answer.how == found[key] or answer.doubts


@given(policies(max_rules=4), st.data())
def test_what_is_permitted_is_listed_and_somebody_answers_for_it_or_it_says_that_nobody_does(
    policy: ir.Policy, data: st.DataObject
) -> None:
    agents = agents_of(policy)
    found = listed(agents)
    written = (*policy.rules, *policy.starts.values())
    rules = tuple(_rule(policy, each, Report.of((), ()), 0) for each in written)
    answering = _accountable(rules, agents)
    for _ in range(3):
        request: Any = data.draw(st.one_of(aimed_requests(policy), requests(policy)))
        decision = interpreter.decide(policy, request)
        if decision.effect != "permit":
            continue
        call = Call.read(policy, request)
        assert call is not None
        id = call.agent
        who = {id} if any(each.id == id for each in agents) else others(policy, agents, id)
        intent = call.intent or call.resource_type  # of a first start, the task that it starts
        assert any((each, call.capability, intent) in found for each in who)
        for rule in decision.rules:
            (owner,) = {each.owner for each in answering if rule in (*each.allows, *each.forbids)}
            said = next(each.owner for each in written if each.id == rule)
            assert (owner is None) == (said is None)


def others(policy: ir.Policy, agents: tuple[Agent, ...], id: str) -> set[str]:
    """Who stands for a member of families that no rule names by itself."""
    families = {each.name for each in policy.families if is_member(id, each)}
    return {each.id for each in agents if families & set(each.families)}
