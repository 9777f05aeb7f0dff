"""What agents can do for others: for each chain of delegation the calls that all of its agents are permitted.

A chain permits nothing that it does not permit without its farthest agent, so that longer ones are asked about only where
shorter ones permit something.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from ..ir import nodes as ir
from ..meaning import interpreter
from .access import Access, Answer, Doubt, Way
from .procedure.asked_of_rules.chained import Chained, Link, chains_of
from .procedure.asked_of_rules.condition_parts import conjuncts
from .procedure.calls.scope import Scope, bits
from .procedure.cubes.cube import conjunction
from .procedure.verdict import Undetermined
from .procedure.world import World

MOST_CHAINS = 64
"""Chains that lead to one agent with one intent, which are told; longer ones permit nothing more."""
MOST_WAYS = 64
"""Ways to choose an allow for each agent of a chain."""


def all_answers(world: World, scope: Scope, when: ir.Condition | None = None) -> Iterator[Answer]:
    """What agents can do for themselves, and then what they can do for others."""
    access = Access(world, when)
    yield from access.answers(scope)
    if world.policy.delegations:
        yield from delegated(access, scope)


def delegated(access: Access, scope: Scope) -> Iterator[Answer]:
    """The answer for each chain that leads to an agent and intent of a scope, and each capability that may be permitted."""
    world = access.world
    for agent, intent in _delegates(world, scope):
        never: dict[int, set[tuple[Link, ...]]] = {}
        for chain in islice(chains_of(world, agent, intent), MOST_CHAINS):
            for number in bits(scope.capabilities):
                closed = never.setdefault(number, set())
                if chain[:-1] in closed:
                    closed.add(chain)
                    continue
                here = Scope(1 << agent, 1 << intent, 1 << number)
                found = _answer(access, Chained(world, here, chain))
                if found is None or found.how == "never":
                    closed.add(chain)
                if found is not None:
                    yield found


def _delegates(world: World, scope: Scope) -> Iterator[tuple[int, int]]:
    """The agents of a scope to whom others may hand on tasks, and the intents of these, as bits."""
    names = world.names
    found = {
        (agent, intent)
        for each in world.policy.delegations
        for agent in bits(names.agents_of((each.delegate,)) & scope.agents)
        for intent in bits(names.intents_of((each.delegate_intent,)) & scope.intents)
    }
    yield from sorted(found)


def _answer(access: Access, asked: Chained) -> Answer | None:
    """The answer about a chain and a capability; None where somebody of the chain is granted nothing there."""
    world = access.world
    granted = asked.granted()
    if not all(granted):
        return None
    ways: list[Way] = []
    doubts: list[Doubt] = []
    for number, allows in enumerate(product(*granted)):
        if number >= MOST_WAYS:
            reason = f"there are more than {MOST_WAYS} ways to go through the allows of its chain"
            doubts.append(Doubt(allows[0], reason))
            break
        try:
            way = _way(access, asked, allows)
        except Undetermined as undetermined:
            doubts.append(Doubt(allows[0], str(undetermined)))
            continue
        if way is not None:
            ways.append(way)
    agent, intent, capability = access.names(asked.caller)
    universe = world.universe
    chain = tuple(
        (universe.agents[each.agent], str(universe.intents[each.intent])) for each in asked.links
    )
    return Answer(agent, intent, capability, tuple(ways), tuple(dict.fromkeys(doubts)), chain)


def _way(access: Access, asked: Chained, allows: tuple[ir.Allow, ...]) -> Way | None:
    """The way through one allow for each agent of a chain; None if there is none. Raises `Undetermined`."""
    witness = asked.find(allows, access.when, shown=access.shown)
    if witness is None:
        return None
    above = tuple(
        Way(allow, tuple(conjuncts(allow.condition)), _in_the_way(asked, allow, number), None)
        for number, allow in enumerate(allows)
    )
    remains = tuple(access.remains(allows[0], asked.caller))
    return Way(allows[0], remains, above[0].forbids, witness, above[1:])


def _in_the_way(asked: Chained, allow: ir.Allow, number: int) -> tuple[ir.Forbid, ...]:
    """The forbids that deny some of what an allow permits to an agent of a chain; if in doubt, they do."""
    return tuple(
        each for each in asked.forbids(allow, number) if _may_meet(asked, allow, each, number)
    )


def _may_meet(asked: Chained, allow: ir.Allow, forbid: ir.Forbid, number: int) -> bool:
    world = asked.world
    try:
        both = conjunction([world.rules.applies(allow), world.rules.forbids(forbid)])
        return bool(
            world.find(
                asked.scope(number),
                both,
                lambda call: (
                    interpreter.allow_applies(allow, call)
                    and interpreter.forbid_applies(forbid, call)
                ),
            )
        )
    except Undetermined:
        return True
