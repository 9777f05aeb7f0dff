"""Whether what is permitted to some agents is permitted to another, who asks for the same for another intent.

It is one request that two agents make: the attributes, the facts and the evidence of the first stand for those of the
second. So the rules for the second one are things that happen, or do not, to requests of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from ....ir import nodes as ir
from ....ir.walk import approvals_of, conditions_of_rule, evidence_of_rule
from ....meaning import interpreter
from ....meaning.evidence import SPIFFE, has_too_many_approvals
from ....meaning.request import Call
from ....structs import Struct
from ..calls.agents_of_conditions import rule_reads_agent_id
from ..calls.scope import Scope
from ..cubes.clauses import AGENT_ID
from ..cubes.costs import judging
from ..cubes.cube import Cube, conjunction
from ..cubes.facts_read import facts_of
from ..domains.texts import OneOf, Texts
from ..search.avoid import Avoid, permits
from ..search.call_search import reads
from ..search.evidence import asks_people
from ..search.witness import of_another
from ..verdict import Doubts, Undetermined
from ..world import World

Pair: TypeAlias = "tuple[dict[str, Any], dict[str, Any]]"
"""A request that is permitted, and the same one of the other agent, which is not."""


class Other(Struct):
    """The agent that makes the same request, the intent that it makes it for, and the rules about it."""

    agent: int
    intent: int
    allows: tuple[ir.Allow, ...]
    forbids: tuple[ir.Forbid, ...]

    @property
    def rules(self) -> tuple[ir.Rule, ...]:
        """All of them."""
        return (*self.allows, *self.forbids)

    @property
    def alike(self) -> tuple[object, ...]:
        """What two agents have in common who may do the same."""
        own = self.agent if any(map(rule_reads_agent_id, self.rules)) else None
        return (own, self.intent, *(rule.id for rule in self.rules))


def other_at(world: World, allow: ir.Allow, agent: int, intent: int) -> Other:
    """The agent and intent of these numbers, with the rules about calls that an allow names."""
    scope = Scope(1 << agent, 1 << intent, world.rules.scope(allow).capabilities)
    policy, met = world.policy, world.rules.scope
    return Other(
        agent,
        intent,
        tuple(each for each in policy.allows if met(each).meets(scope)),
        tuple(each for each in policy.forbids if met(each).meets(scope)),
    )


def more_than(world: World, allow: ir.Allow, scope: Scope, other: Other) -> Pair | None:
    """A request in a scope that an allow permits and that is not permitted to another; None if there is none.

    Raises `Undetermined`.
    """
    mine = world.rules.scope(allow) & scope
    if not mine or has_too_many_approvals([allow]):
        return None
    theirs = _Theirs(world, other)
    closing = [each for each in other.forbids if not theirs.is_shared(each, mine)]
    if not closing and allow in other.allows and theirs.is_shared(allow, mine):
        return None
    theirs.check_that_nobody_approves_for_himself(allow)
    doubts = Doubts()
    attempts = [
        *(
            (Scope(mine.agents, mine.intents, world.rules.scope(f).capabilities), f)
            for f in closing
        ),
        (mine, None),
    ]
    for part, forbid in attempts:
        with doubts:
            found = theirs.search(allow, mine & part, forbid)
            if found is not None:
                return found
    doubts.settle()
    if theirs.asks_people_together():
        raise Undetermined("several rules ask for approvals of one call, by different people")
    return None


class _Theirs:
    """The rules for the other agent, as things that happen to requests of the first."""

    def __init__(self, world: World, other: Other) -> None:
        universe = world.universe
        if universe.unseen >> other.agent & 1:
            raise Undetermined("the patterns of families overlap in too many ways")
        self._world, self._other = world, other
        self._id, self._intent = universe.agents[other.agent], universe.intents[other.intent]

    def is_shared(self, rule: ir.Rule, mine: Scope) -> bool:
        """Whether a rule is also about all requests of the first, and does not ask who makes them."""
        scope = self._world.rules.scope(rule)
        is_about = not (mine.agents & ~scope.agents or mine.intents & ~scope.intents)
        if isinstance(rule, ir.Allow):
            is_about = is_about and not mine.capabilities & ~scope.capabilities
        return is_about and not rule_reads_agent_id(rule)

    def asks_people_together(self) -> bool:
        """Whether approvals for several rules are by different people, which no rule says alone."""
        asking = sum(map(asks_people, self._other.forbids))
        return asking > 1 or (asking == 1 and any(map(asks_people, self._other.allows)))

    def check_that_nobody_approves_for_himself(self, allow: ir.Allow) -> None:
        """Raise `Undetermined` if an approval may be by the other agent, who approves nothing of its own."""
        rules: tuple[ir.Rule, ...] = (allow, *self._other.rules)
        for rule in rules:
            for each in approvals_of(evidence_of_rule(rule)):
                if any(by.startswith(SPIFFE) for by in each.by):
                    raise Undetermined("an agent may approve what is asked, and not for itself")

    def search(self, allow: ir.Allow, scope: Scope, forbid: ir.Forbid | None) -> Pair | None:
        """A request that an allow permits, and that a forbid closes to the other, or nothing permits it."""
        world = self._world
        cubes = world.rules.permits(allow)
        avoid = world.denials(allow)
        able = [each for each in self._other.allows if not has_too_many_approvals([each])]
        if forbid is not None:
            cubes = conjunction([cubes, self._cubes(world.rules.forbids(forbid))])
        else:
            avoid = [*avoid, *(self._permitting(each, scope) for each in able)]

        def holds(call: Call) -> bool:
            theirs = self._call(call)
            if not permits(allow, call):
                return False
            if forbid is not None:
                return interpreter.forbid_applies(forbid, theirs)
            return not any(permits(each, theirs) for each in able)

        found = world.find(scope, cubes, holds, avoid, shown=True)
        if found is None:
            return None
        same = of_another(found, self._id, self._intent)
        decide = interpreter.decide
        if (
            decide(world.policy, found).effect != "permit"
            or decide(world.policy, same).effect == "permit"
        ):
            raise Undetermined("several rules decide the request together")
        return found, same

    def _permitting(self, allow: ir.Allow, scope: Scope) -> Avoid:
        world = self._world
        conditions = list(conditions_of_rule(allow))
        named = Scope(scope.agents, scope.intents, world.rules.scope(allow).capabilities)
        return Avoid(
            named,
            lambda call: permits(allow, self._call(call)),
            lambda: self._cubes(world.rules.does_not_permit(allow)),
            dict,
            judging(conditions),
            facts_of(conditions),
        )

    def _call(self, call: Call) -> Call:
        found = Call.read(self._world.policy, of_another(call.request, self._id, self._intent))
        assert found is not None
        return found

    def _cubes(self, cubes: Iterable[Cube]) -> list[Cube]:
        """Cubes in which the agent is the other one: what they ask of its identity is known."""
        return list(self._known(cubes))

    def _known(self, cubes: Iterable[Cube]) -> Iterator[Cube]:
        is_known = self._id in self._world.universe.known_agents
        for cube in cubes:
            if reads(cube.relations, AGENT_ID):
                raise Undetermined("the agent's identity is compared with another attribute")
            asked = cube.values.get(AGENT_ID)
            if asked is None:
                yield cube
                continue
            if not is_known and not (isinstance(asked.body, Texts) and _is_listed(asked.body)):
                raise Undetermined("the agent's identity is matched with a pattern")
            if asked.body is not None and asked.body.contains(self._id):
                rest = {key: each for key, each in cube.values.items() if key != AGENT_ID}
                yield Cube(rest, cube.relations)


def _is_listed(texts: Texts) -> bool:
    """Whether it is told by a list of identities who is meant, so that all others are alike."""
    return all(isinstance(each, OneOf) for each in (*texts.inside, *texts.outside))


def others(world: World, allow: ir.Allow, agents: Sequence[int], intent: int) -> list[Other]:
    """The agents of some numbers who make the same request for an intent, one of all that are alike."""
    found: dict[tuple[object, ...], Other] = {}
    for agent in agents:
        each = other_at(world, allow, agent, intent)
        found.setdefault(each.alike, each)
    return list(found.values())
