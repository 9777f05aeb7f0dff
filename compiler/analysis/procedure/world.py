"""The requests that a policy can meet, and the search for one that is as a question asks.

Agents, intents and capabilities are finite: what is not declared behaves like one outsider. So a
question is asked once for each way in which the rules in question can match, and the rest of it is
cubes. A solution is made into a request, and the reference interpreter is asked which of the rules
to be avoided applies to it: only those split the search further. So every witness has been decided
by the interpreter before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from ...ir import nodes as ir
from ...ir.spiffe import spiffe_matches
from ...meaning import interpreter
from ...meaning.request import Call
from .calls.agents_of_conditions import (
    agents_in_conditions,
    agents_like_patterns,
    conditions_of,
    conditions_of_rules,
    reads_agent_id,
    unused,
)
from .calls.agents_of_families import MAX_SHAPES, Seen, seen
from .calls.scope import (
    Avoid,
    Block,
    Scope,
    bits,
    lowest,
    split,
)
from .cubes.conditions import (
    Cube,
    Cubes,
    conjunction,
    limited,
)
from .cubes.disjointness import Points, are_apart, points_of
from .domains.values import Values
from .effort import (
    BLOCKS_A_STEP,
    POINTS_A_STEP,
    Effort,
    judging,
)
from .proofs.possible import is_possible
from .rules.index import Index, still_of
from .rules.rule_cubes import (
    NOW_KEY,
    PRESENT_TEXT,
    TASK_ID,
    USER_ID,
    active,
    inactive,
    known_now,
    valid,
)
from .search.call_search import Search, by_agent
from .search.witness import smaller
from .verdict import Doubts, Undetermined, Unseen

MAX_BLOCKS = 10_000
R = TypeVar("R", ir.Allow, ir.Forbid)
OF_VOCABULARY = {
    "cubes",
    "seen",
    "agents",
    "unseen",
    "known_agents",
    "_reads_agent_id",
    "intents",
    "capabilities",
    "_capability_bits",
    "_intent_bits",
    "_agent_bits",
}
"""What a world works out of the declarations of a policy, and of the agents that conditions name."""


@dataclass
class World:
    """A policy, prepared for questions."""

    policy: ir.Policy
    _cubes: dict[str, dict[str, list[Cube] | Undetermined]] = field(default_factory=dict)
    _scopes: dict[str, Scope] = field(default_factory=dict)
    _avoids: dict[str, Avoid] = field(default_factory=dict)
    _points: dict[str, Points] = field(default_factory=dict)
    _samples: dict[str, Call | None] = field(default_factory=dict)
    _abouts: dict[str, list[Cube] | None] = field(default_factory=dict)
    _forbid_indexes: dict[int, Index[ir.Forbid]] = field(default_factory=dict)
    _allow_indexes: dict[int, Index[ir.Allow]] = field(default_factory=dict)

    def after(self, policy: ir.Policy, changed: Collection[str]) -> World:
        """The world of a policy that tells the same calls apart; of its rules only these changed."""
        cubes = {id: known for id, known in self._cubes.items() if id not in changed}
        scopes = {id: scope for id, scope in self._scopes.items() if id not in changed}
        world = World(policy, cubes, scopes)
        for name in OF_VOCABULARY & self.__dict__.keys():
            world.__dict__[name] = self.__dict__[name]
        world._abouts |= {id: cubes for id, cubes in self._abouts.items() if id not in changed}
        world._forbid_indexes |= still_of(self._forbid_indexes, world._forbids_at)
        world._allow_indexes |= still_of(self._allow_indexes, world._allows_at)
        return world

    @cached_property
    def effort(self) -> Effort:
        """How much work has been done."""
        policy = self.policy
        statements = (policy.separations, policy.isolations, policy.assertions)
        return Effort(len(policy.allows) + len(policy.forbids), sum(map(len, statements)))

    @cached_property
    def cubes(self) -> Cubes:
        """How conditions become cubes."""
        return Cubes(self.policy)

    # --- who, why, what ---

    @cached_property
    def seen(self) -> Seen:
        """An agent for each way in which agents can match the declared identities."""
        return seen(self.policy)

    @cached_property
    def agents(self) -> tuple[str, ...]:
        """The SPIFFE IDs of agents that can be told apart; the last may stand for all that are unseen."""
        named = agents_in_conditions(self.policy)
        alike = agents_like_patterns(self.policy)
        known = (*self.seen.agents, *sorted(named), *alike)
        ids, patterns = self.policy.identify(None)
        others = ("outside", "of-several-families") if self.seen.unseen else ("outside",)
        taken = (*known, *ids, *patterns)
        strangers = (f"spiffe://{unused(each, taken)}.example/agent" for each in others)
        return tuple(dict.fromkeys((*known, *strangers)))

    @cached_property
    def unseen(self) -> int:
        """The bit of the agent that stands for all that are unseen, if there are any; otherwise 0."""
        return 1 << (len(self.agents) - 1) if self.seen.unseen else 0

    @cached_property
    def known_agents(self) -> frozenset[str]:
        """The identities that are declared, or that a condition names."""
        return frozenset((*self.policy.identify(None)[0], *agents_in_conditions(self.policy)))

    @cached_property
    def _reads_agent_id(self) -> bool:
        """Whether some condition depends on who the agent is."""
        return any(map(reads_agent_id, conditions_of(self.policy)))

    @cached_property
    def intents(self) -> tuple[str | None, ...]:
        """The declared intents, and None for no or another one."""
        return (*(each.name for each in self.policy.intents), None)

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        """The declared capabilities."""
        return self.policy.capabilities

    @cached_property
    def _capability_bits(self) -> dict[str, int]:
        return {name: 1 << number for number, name in enumerate(self.capabilities)}

    @cached_property
    def _intent_bits(self) -> dict[str | None, int]:
        return {name: 1 << number for number, name in enumerate(self.intents)}

    @cached_property
    def _agent_bits(self) -> dict[str, int]:
        """The representatives that each agent or family stands for, by its name."""
        found: dict[str, int] = {}
        for name, (ids, patterns) in self.policy.identities.items():
            found[name] = sum(
                1 << number
                for number, id in enumerate(self.agents)
                if id in ids or any(spiffe_matches(each, id) for each in patterns)
            )
            if name in self.seen.families:
                found[name] |= self.unseen
        return found

    def agents_of(self, names: tuple[str, ...] | None, *, outsiders: bool = False) -> int:
        """The representatives of agents and families; None is all declared, or all there are."""
        if names is None and outsiders:
            return (1 << len(self.agents)) - 1
        found = 0
        for name in self._agent_bits if names is None else names:
            found |= self._agent_bits[name]
        return found

    def intents_of(self, names: tuple[str, ...] | None, *, outsiders: bool = False) -> int:
        """The bits of intents; None is all declared, or all there are."""
        if names is None:
            return (1 << len(self.intents) - (0 if outsiders else 1)) - 1
        return sum(self._intent_bits[name] for name in names)

    def capabilities_of(self, names: tuple[str, ...]) -> int:
        """The bits of capabilities, written or expanded."""
        return sum(self._capability_bits[name] for name in self.policy.expand(names))

    def scope(self, rule: ir.Rule) -> Scope:
        """What a rule names."""
        found = self._scopes.get(rule.id)
        if found is None:
            open_ = isinstance(rule, ir.Forbid)
            found = self._scopes[rule.id] = Scope(
                self.agents_of(rule.agents, outsiders=open_),
                self.intents_of(rule.intents, outsiders=open_),
                self.capabilities_of(rule.capabilities),
            )
        return found

    def seen_scope(self, rule: ir.Rule) -> Scope:
        """What a rule names, of agents that are seen."""
        scope = self.scope(rule)
        if not self.unseen:
            return scope
        return Scope(scope.agents & ~self.unseen, scope.intents, scope.capabilities)

    # --- rules as cubes ---

    def _kept(self, rule: ir.Rule, what: str, make: Callable[[], list[Cube]]) -> list[Cube]:
        known = self._cubes.setdefault(rule.id, {})
        if what not in known:
            try:
                known[what] = make()
            except Undetermined as undetermined:
                known[what] = undetermined
        found = known[what]
        if isinstance(found, Undetermined):
            raise found
        return found

    def applies(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow applies."""

        def make() -> list[Cube]:
            parts = [self.cubes.of(allow.condition, "true"), [active()]]
            parts += [self.cubes.of(each, "false") for each in allow.revoke]
            if allow.validity is not None:
                parts.append([Cube({NOW_KEY: Values(False, False, valid(allow.validity))})])
            if allow.window is not None:
                parts.append([known_now((allow.window, True))])
            return conjunction(parts)

        return self._kept(allow, "applies", make)

    def met(self, requirement: ir.Requirement) -> Cube:
        """The cube in which the evidence for a requirement is there, and all that it needs."""
        cube = known_now((requirement, True))
        if isinstance(requirement, ir.StepUp):
            return cube
        needed = (TASK_ID, USER_ID) if self.policy.user is not None else (TASK_ID,)
        return Cube({**cube.values, **dict.fromkeys(needed, PRESENT_TEXT)}, cube.relations)

    def permits(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow applies and what it requires is there."""
        needs = [[self.met(each)] for each in allow.requirements]
        return self._kept(allow, "permits", lambda: conjunction([self.applies(allow), *needs]))

    def does_not_permit(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow does not apply, or lacks what it requires."""

        def make() -> list[Cube]:
            found = [*self.cubes.of(allow.condition, "not true"), inactive()]
            for each in allow.revoke:
                found += self.cubes.of(each, "not false")
            if allow.validity is not None:
                (outside,) = valid(allow.validity).complement()
                found.append(Cube({NOW_KEY: Values(True, True, outside)}))
            if allow.window is not None:
                found.append(Cube({}, frozenset(((allow.window, False),))))
            found += [Cube({}, frozenset(((e, False),))) for e in allow.requirements]
            return limited(found)

        return self._kept(allow, "does not permit", make)

    def forbids(self, forbid: ir.Forbid) -> list[Cube]:
        """The cubes in which a forbid applies."""

        def make() -> list[Cube]:
            parts = [self.cubes.of(forbid.condition, "not false")]
            if forbid.unless is not None:
                parts.append(self.cubes.of(forbid.unless, "not true"))
            if forbid.unless_evidence:
                parts.append([Cube({}, frozenset(((e, False),))) for e in forbid.unless_evidence])
            return conjunction(parts)

        return self._kept(forbid, "forbids", make)

    def spares(self, forbid: ir.Forbid) -> list[Cube]:
        """The cubes in which a forbid does not apply."""

        def make() -> list[Cube]:
            found = list(self.cubes.of(forbid.condition, "false"))
            if forbid.unless is not None:
                found += self.cubes.of(forbid.unless, "true")
            if forbid.unless_evidence:
                found += conjunction([[self.met(each)] for each in forbid.unless_evidence])
            return limited(found)

        return self._kept(forbid, "spares", make)

    # --- questions ---

    @cached_property
    def _forbids_at(self) -> list[list[ir.Forbid]]:
        """The forbids about each capability."""
        return self._by_capability(self.policy.forbids)

    @cached_property
    def _allows_at(self) -> list[list[ir.Allow]]:
        """The allows of each capability."""
        return self._by_capability(self.policy.allows)

    def _by_capability(self, rules: Iterable[R]) -> list[list[R]]:
        found: list[list[R]] = [[] for _ in self.capabilities]
        for rule in rules:
            for number in bits(self.scope(rule).capabilities):
                found[number].append(rule)
        return found

    @cached_property
    def _twins(self) -> dict[str, list[ir.Rule]]:
        """For each rule those that say the same, itself among them, by place."""
        alike: dict[object, list[ir.Rule]] = {}
        for rule in self.policy.rules:
            alike.setdefault(said(rule), []).append(rule)
        for each in alike.values():
            each.sort(key=lambda rule: rule.span)
        return {rule.id: each for each in alike.values() for rule in each}

    def twins(self, rule: R) -> list[R]:
        """The rules that say the same as a rule, itself among them, by place."""
        return self._twins[rule.id]  # type: ignore[return-value]

    def distinct(self, rules: Iterable[R]) -> Iterator[R]:
        """Of rules that say the same the first one."""
        return (each for each in rules if self._twins[each.id][0] is each)

    def allows_at(self, capability: int) -> list[ir.Allow]:
        """The allows of a capability, by its bit."""
        return self._allows_at[capability]

    def agent_in_words(self, id: str) -> str:
        """An agent as a message names it: by its name, or as one like no declared one."""
        for each in self.policy.agents:
            if each.id == id:
                return f"agent `{each.name}`"
        return f"an agent such as `{id}`"

    def forbids_near(self, rule: ir.Rule) -> list[ir.Forbid]:
        """The forbids that some request which a rule is about may meet, itself left out."""
        return list(self.each_forbid_near(rule))

    def allows_near(self, rule: ir.Rule) -> list[ir.Allow]:
        """The allows that some request which a rule is about may meet, itself left out."""
        return list(self.each_allow_near(rule))

    def each_forbid_near(
        self, rule: ir.Rule, cubes: list[Cube] | None = None, most: int | None = None
    ) -> Iterator[ir.Forbid]:
        """The forbids near a rule, of which the first are often enough.

        Cubes narrow the requests; of all that the rule is about where there are none. Where at one
        capability there are more than `most` it raises `Undetermined`.
        """
        return self._near(rule, cubes, most, self._forbid_index)

    def each_allow_near(
        self, rule: ir.Rule, cubes: list[Cube] | None = None, most: int | None = None
    ) -> Iterator[ir.Allow]:
        """The allows near a rule, as `each_forbid_near`."""
        return self._near(rule, cubes, most, self._allow_index)

    def allows_around(self, allow: ir.Allow) -> Iterator[ir.Allow]:
        """The allows near another that are to all of its agents and to more."""
        agents = self.scope(allow).agents
        return self._near(allow, None, None, self._allow_index, lambda index: index.around(agents))

    def _near(
        self,
        rule: ir.Rule,
        cubes: list[Cube] | None,
        most: int | None,
        index_at: Callable[[int], Index[R] | None],
        among: Callable[[Index[R]], int] | None = None,
    ) -> Iterator[R]:
        scope, mine = self.scope(rule), self._about(rule) if cubes is None else cubes
        found: set[str] = {rule.id}
        for at in bits(scope.capabilities):
            index = index_at(at)
            if index is None:
                continue
            self.effort.count(1 + len(mine or ()))
            met = index.meeting(scope, mine)
            if most is not None and met.bit_count() > most:
                raise Undetermined("many rules are near")
            for each in index.picked(met if among is None else met & among(index)):
                if each.id not in found:
                    found.add(each.id)
                    yield each

    def _forbid_index(self, capability: int) -> Index[ir.Forbid] | None:
        rules, indexes = self._forbids_at[capability], self._forbid_indexes
        if rules and capability not in indexes:
            indexes[capability] = Index(rules, self.scope, self.forbids)
        return indexes.get(capability)

    def _allow_index(self, capability: int) -> Index[ir.Allow] | None:
        rules, indexes = self._allows_at[capability], self._allow_indexes
        if rules and capability not in indexes:
            indexes[capability] = Index(rules, self.scope, self.applies)
        return indexes.get(capability)

    def may_share(self, capability: int, allow: ir.Allow, roots: tuple[str, ...]) -> int:
        """The allows of a capability that may permit a request that shares some roots, as bits.

        The two requests have two clocks, so nothing is shared of ages.
        """
        cubes = self._about(allow)
        if cubes is not None:
            cubes = [
                Cube(
                    {key: v for key, v in each.values.items() if key.root in roots and not key.aged}
                )
                for each in cubes
            ]
        self.effort.count(1 + len(cubes or ()))
        index = self._allow_index(capability)
        assert index is not None  # it has the allow
        return index.meeting(None, cubes)

    def _about(self, rule: ir.Rule) -> list[Cube] | None:
        """The cubes of the requests that a rule is about; None if these are too many, or maybe none.

        Of a rule that is about no request everything is true, and some of it worth saying.
        """
        if rule.id not in self._abouts:
            try:
                cubes = self.applies(rule) if isinstance(rule, ir.Allow) else self.forbids(rule)
                is_some = any(map(is_possible, cubes))
            except Undetermined:
                is_some = False
            self._abouts[rule.id] = cubes if is_some else None
        return self._abouts[rule.id]

    def named_with(self, rule: ir.Rule) -> Iterator[ir.Rule]:
        """The rules that name a call which a rule names, whatever they ask of it; itself left out."""
        scope = self.scope(rule)
        near: dict[str, ir.Rule] = {}
        for at in bits(scope.capabilities):
            near.update((each.id, each) for each in self._forbids_at[at])
            near.update((each.id, each) for each in self._allows_at[at])
        yield from (
            each for each in near.values() if each is not rule and scope.meets(self.scope(each))
        )

    def denials(self, allow: ir.Allow) -> list[Avoid]:
        """What keeps a witness out of the forbids that an allow meets."""
        return [self.avoid_forbid(each) for each in self.distinct(self.forbids_near(allow))]

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
            self.scope(allow) if scope is None else self.scope(allow) & scope,
            self.permits(allow),
            lambda call: (
                interpreter.allow_applies(allow, call) and not interpreter.missing(allow, call)
            ),
            (*map(self.avoid_forbid, self.distinct(forbids)), *avoid),
            shown=shown,
        )

    def avoid_forbid(self, forbid: ir.Forbid) -> Avoid:
        """Keep a witness out of a forbid."""
        if forbid.id not in self._avoids:
            self._avoids[forbid.id] = Avoid(
                self.scope(forbid),
                lambda call: interpreter.forbid_applies(forbid, call),
                lambda: self.spares(forbid),
                lambda: self._points_of(forbid, self.forbids),
                judging(conditions_of_rules((forbid,))),
            )
        return self._avoids[forbid.id]

    def avoid_permit(self, allow: ir.Allow) -> Avoid:
        """Keep a witness from being permitted by an allow."""
        if allow.id not in self._avoids:
            self._avoids[allow.id] = Avoid(
                self.scope(allow),
                lambda call: (
                    interpreter.allow_applies(allow, call) and not interpreter.missing(allow, call)
                ),
                lambda: self.does_not_permit(allow),
                lambda: self._points_of(allow, self.permits),
                judging(conditions_of_rules((allow,))),
            )
        return self._avoids[allow.id]

    def sample(self, rule: ir.Rule, find: Callable[[], dict[str, Any] | None]) -> Call | None:
        """One request that a rule is about, found once; None if there is none."""
        if rule.id not in self._samples:
            request = find()
            self._samples[rule.id] = None if request is None else Call.read(self.policy, request)
        return self._samples[rule.id]

    def _points_of(self, rule: R, cubes: Callable[[R], list[Cube]]) -> Points:
        if rule.id not in self._points:
            try:
                self._points[rule.id] = points_of(cubes(rule))
            except Undetermined:  # too many to say
                self._points[rule.id] = {}
        return self._points[rule.id]

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
        every_agent = self._reads_agent_id and by_agent((cube for cube, _ in listed), avoid)
        with doubts:
            self._check_that_all_are_seen(scope, avoid, every_agent)
        for capability, agent, intent, relevant in self.calls(scope, avoid, every_agent):
            for cube, points in listed:
                self.effort.spend(1 + len(relevant) // POINTS_A_STEP)
                met = [each for each in relevant if not are_apart(points, each.points())]
                search = Search(self, capability, agent, intent, met, holds)
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
                return smaller(found, search.is_witness)
        doubts.settle()
        return None

    def calls(
        self, scope: Scope, avoid: Sequence[Avoid], every_agent: bool
    ) -> Iterator[tuple[str, str, str | None, list[Avoid]]]:
        """One call for each way in which what is to be avoided can match, and what matches there.

        Raises `Undetermined` if there are too many.
        """
        for number in bits(scope.capabilities):
            capability = self.capabilities[number]
            here: dict[Scope, list[Avoid]] = {}
            for each in avoid:
                if each.scope.capabilities >> number & 1:
                    here.setdefault(each.scope, []).append(each)
            for agents, intents, relevant in self._blocks(scope, here):
                intent = self.intents[lowest(intents)]
                there = agents & ~self.unseen  # the others are checked, and make no request
                for at in bits(there if every_agent else there & -there):
                    yield capability, self.agents[at], intent, relevant

    def _check_that_all_are_seen(
        self, scope: Scope, avoid: Sequence[Avoid], every_agent: bool
    ) -> None:
        """Raise `Unseen` if agents of a scope are unseen that no other one surely stands for.

        Another does if it is in the scope, and what must be avoided names both or neither for sure.
        """
        if not scope.agents & self.unseen:
            return
        for number in bits(scope.capabilities):
            capability = self.capabilities[number]
            if capability not in self.seen.unseen:
                continue
            alike, declared = scope.agents & ~self.unseen, self.agents_of(None)
            for each in avoid:
                if each.scope.capabilities >> number & 1:
                    named = each.scope.agents
                    if named & declared == declared:
                        alike &= named
                    else:
                        alike &= 0 if named & self.unseen else ~named
            if every_agent or not alike:
                raise Unseen(
                    f"families that rules name there match in more than {MAX_SHAPES:,} ways",
                    self.seen.unseen[capability],
                )

    def _blocks(self, scope: Scope, here: dict[Scope, list[Avoid]]) -> list[Block]:
        """Agents and intents, cut so that in each part the same scopes match all or nothing."""
        blocks: list[Block] = [(scope.agents, scope.intents, [])]
        for named, avoids in here.items():
            self.effort.spend(1 + len(blocks) // BLOCKS_A_STEP)
            blocks = [part for block in blocks for part in split(block, named, avoids)]
            if len(blocks) > MAX_BLOCKS:
                raise Undetermined("the rules cut agents and intents into too many parts")
        return blocks


def said(rule: ir.Rule) -> object:
    """What a rule says of requests; not what it is called, why it is there and who answers for it."""
    common = (rule.agents, rule.intents, rule.capabilities, rule.condition)
    if isinstance(rule, ir.Forbid):
        return (*common, rule.unless, rule.unless_evidence)
    terms = (rule.credential, rule.validity, rule.window, rule.obligations)
    return (*common, rule.requirements, rule.revoke, *terms)
