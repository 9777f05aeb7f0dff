"""A policy, prepared for questions, and the one question that all others are made of: is there a request?

Agents, intents and capabilities are finite: what is not declared behaves like one outsider. So a
question is asked once for each way in which the rules in question can match, and the rest of it is
cubes. A solution is made into a request, and the reference interpreter is asked which of the rules
to be avoided applies to it: only those split the search further. So every witness has been decided
by the interpreter before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...ir import nodes as ir
from ...meaning.request import Call
from .calls.names import CallNames
from .calls.scope import Scope
from .calls.universe import Universe
from .cubes.conditions import Cubes
from .cubes.cube import Cube
from .cubes.disjointness import are_apart, points_of
from .cubes.facts_read import has_facts
from .effort import POINTS_A_STEP, Effort
from .rules.neighbours import Neighbours
from .rules.recordable import Counting, Recordable
from .rules.rule_cubes import RuleCubes
from .rules.twins import Twins
from .search.avoid import Avoid, Avoids, permits
from .search.call_search import CallSearch, by_agent
from .search.people import too_few
from .search.shrink import smaller
from .search.ways_to_match import WaysToMatch
from .verdict import Doubts, Undetermined

if TYPE_CHECKING:
    from .cubes.containment import Outline


class World:
    """What the names of a policy stand for, what its rules are about, and the search for requests.

    Worlds of policies that are compared are made in one universe.
    """

    def __init__(
        self, policy: ir.Policy, *, universe: Universe | None = None, rules: RuleCubes | None = None
    ) -> None:
        """Take a policy, and what is known of its rules if something is."""
        self.policy = policy
        self.rules = rules or RuleCubes(CallNames(policy, universe), Cubes(policy))
        self.avoid = Avoids(self.rules)
        statements = (
            *(policy.separations, policy.isolations),
            *(policy.containments, policy.assertions),
        )
        self.effort = Effort(len(policy.allows) + len(policy.forbids), sum(map(len, statements)))
        self.near = Neighbours(policy, self.rules, self.effort)
        self.samples: dict[str, Call | None] = {}
        """One request that a rule is about, of those that were asked for one; None if there is none."""
        self.outlines: dict[str, Outline | None] = {}
        """What can be said of all cubes of a rule together, of those that were asked for it."""

    def after(self, policy: ir.Policy, changed: Collection[str]) -> World:
        """The world of a policy that tells the same calls apart; of its rules only these changed."""
        world = World(policy, rules=self.rules.without(changed))
        world.near.keep(self.near, changed)
        return world

    @property
    def universe(self) -> Universe:
        """The agents, intents and capabilities that can be told apart."""
        return self.names.universe

    @property
    def names(self) -> CallNames:
        """What the names that the policy declares stand for."""
        return self.rules.names

    @property
    def cubes(self) -> Cubes:
        """How conditions become cubes."""
        return self.rules.conditions

    def approved_as(self, capability: str) -> tuple[str, ...]:
        """What approvals of a call name, where that is not the capability."""
        return ()

    @cached_property
    def twins(self) -> Twins:
        """Rules that say the same."""
        return Twins(self.policy.rules)

    @cached_property
    def recordable(self) -> Recordable | None:
        """What no record gives of the facts that rules read; None where they read none."""
        if not (self.policy.meters or self.policy.sources):
            return None
        return Recordable(self.policy, self.every_intent, self.cubes, self.names, self.counting)

    @property
    def every_intent(self) -> tuple[ir.Intent, ...]:
        """The intents that a task may have been started for, with its fields."""
        return self.policy.intents

    @property
    def told_by(self) -> tuple[ir.Policy, ...]:
        """The policies whose monitors say what the facts of a request are."""
        return (self.policy,)

    def _recorded(
        self, request: dict[str, Any], holds: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        """A witness with the facts of a short record, where it has facts and there is one."""
        if not has_facts(request):
            return request
        from .search.short_record import as_recorded  # which a policy without facts need not load

        return as_recorded(self.told_by, request, holds)

    def counting(self, meter: ir.Meter) -> Counting:
        """The capabilities whose calls surely count in a meter if its `when` holds, and those whose calls may."""
        named = self.names.capabilities_of(meter.capabilities)
        keeps_its_keys = all(each.recorded == each.called for each in meter.keys)
        return (named, 0) if keeps_its_keys else (0, named)

    def denials(self, allow: ir.Allow) -> list[Avoid]:
        """What keeps a witness out of the forbids that an allow meets."""
        return self.closing(allow, self.near.forbids(allow))

    def closing(self, allow: ir.Allow, forbids: Sequence[ir.Forbid]) -> list[Avoid]:
        """What denies the calls of an allow, or leaves them to be asked for."""
        alone = map(self.avoid.forbid, self.twins.firsts(forbids))
        return [*alone, *too_few(self.rules, allow, forbids)]

    def permitted_by(
        self,
        allow: ir.Allow,
        forbids: Sequence[ir.Forbid],
        avoid: Sequence[Avoid] = (),
        *,
        scope: Scope | None = None,
        shown: bool = False,
    ) -> dict[str, Any] | None:
        """A request that an allow permits and none of the forbids denies; None if there is none.

        A scope narrows it further.
        """
        return self.find(
            self.rules.scope(allow) if scope is None else self.rules.scope(allow) & scope,
            self.rules.permits(allow),
            lambda call: permits(allow, call),
            (*self.closing(allow, forbids), *avoid),
            shown=shown,
        )

    def find(
        self,
        scope: Scope,
        cubes: Iterable[Cube],
        holds: Callable[[Call], bool],
        avoid: Sequence[Avoid] = (),
        *,
        shown: bool = False,
    ) -> dict[str, Any] | None:
        """Give a request in a scope and a cube that holds and does nothing that it must avoid.

        None if there is provably none. `holds` is asked of the finished request. One that will be
        shown to a person is made as small as it can be. Raises `Undetermined`.
        """
        self.effort.begin()
        doubts = Doubts()
        listed = [(cube, points_of((cube,))) for cube in cubes]
        if self.recordable is not None:
            avoid = (*avoid, *self.recordable.near((cube for cube, _ in listed), avoid))
        every_agent = self.universe.reads_agent_id and by_agent((each for each, _ in listed), avoid)
        ways = WaysToMatch(self.names, self.effort, scope, avoid, every_agent)
        with doubts:
            ways.check_that_all_are_seen()
        for capability, agent, intent, relevant in ways.calls():
            is_known = agent in self.universe.known_agents
            for cube, points in listed:
                self.effort.spend(1 + len(relevant) // POINTS_A_STEP)
                met = [each for each in relevant if not are_apart(points, each.points())]
                search = CallSearch(
                    self.policy,
                    self.effort,
                    capability,
                    agent,
                    is_known,
                    intent,
                    met,
                    holds,
                    self.approved_as(capability),
                )
                found = None
                with doubts:
                    found = search.run(cube)
                if found is None:
                    continue
                if not shown:
                    return found
                search.avoid = relevant  # what is left out may bring one back that was apart
                if not search.is_witness(found):
                    raise Undetermined("the values that were found make no request")
                return self._recorded(smaller(found, search.is_witness), search.is_witness)
        doubts.settle()
        return None
