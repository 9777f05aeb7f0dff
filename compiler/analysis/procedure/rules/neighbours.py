"""Which rules may meet a rule: those that some request is about which the rule is about, too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from typing import Generic, TypeVar

from ....ir import nodes as ir
from ..calls.scope import Scope, bits
from ..cubes.cube import Cube
from ..effort import Effort
from ..proofs.existence import is_possible
from ..verdict import Undetermined
from .index import Index, still_of
from .rule_cubes import RuleCubes

R = TypeVar("R", ir.Allow, ir.Forbid)


class Shelf(Generic[R]):
    """The rules of one kind at each capability, and an index of those that have been looked among."""

    def __init__(
        self,
        rules: Iterable[R],
        capabilities: int,
        scope: Callable[[R], Scope],
        cubes: Callable[[R], list[Cube]],
    ) -> None:
        """Take rules, the number of capabilities, and what each rule is about."""
        self._scope: Callable[[R], Scope] = scope
        self._cubes: Callable[[R], list[Cube]] = cubes
        self._indexes: dict[int, Index[R]] = {}
        self.at: list[list[R]] = [[] for _ in range(capabilities)]
        for rule in rules:
            for number in bits(scope(rule).capabilities):
                self.at[number].append(rule)

    def index(self, capability: int) -> Index[R] | None:
        """The index of a capability, by its bit; None if no rule names it."""
        rules = self.at[capability]
        if rules and capability not in self._indexes:
            self._indexes[capability] = Index(rules, self._scope, self._cubes)
        return self._indexes.get(capability)

    def keep(self, before: Shelf[R]) -> None:
        """Take the indexes of another shelf that are of the rules which are on this one."""
        self._indexes |= still_of(before._indexes, self.at)


class Neighbours:
    """The rules near each rule of a policy."""

    def __init__(self, policy: ir.Policy, rules: RuleCubes, effort: Effort) -> None:
        """Take the rules of a policy, what each is about, and what counts the steps."""
        self._policy, self._rules, self._effort = policy, rules, effort
        self._abouts: dict[str, list[Cube] | None] = {}

    @cached_property
    def _forbids(self) -> Shelf[ir.Forbid]:
        count, rules = len(self._rules.names.universe.capabilities), self._rules
        return Shelf(self._policy.forbids, count, rules.scope, rules.forbids)

    @cached_property
    def _allows(self) -> Shelf[ir.Allow]:
        count, rules = len(self._rules.names.universe.capabilities), self._rules
        return Shelf(self._policy.allows, count, rules.scope, rules.applies)

    def keep(self, before: Neighbours, changed: Collection[str]) -> None:
        """Take what was worked out of a policy in which no other rules were than those changed."""
        abouts = before._abouts
        self._abouts |= {id: cubes for id, cubes in abouts.items() if id not in changed}
        self._forbids.keep(before._forbids)
        self._allows.keep(before._allows)

    def allows_at(self, capability: int) -> list[ir.Allow]:
        """The allows of a capability, by its bit."""
        return self._allows.at[capability]

    def forbids(self, rule: ir.Rule) -> list[ir.Forbid]:
        """The forbids that some request which a rule is about may meet, itself left out."""
        return list(self.each_forbid(rule))

    def allows(self, rule: ir.Rule) -> list[ir.Allow]:
        """The allows that some request which a rule is about may meet, itself left out."""
        return list(self.each_allow(rule))

    def each_forbid(
        self, rule: ir.Rule, cubes: list[Cube] | None = None, most: int | None = None
    ) -> Iterator[ir.Forbid]:
        """The forbids near a rule, of which the first are often enough.

        Cubes narrow the requests; of all that the rule is about where there are none. Where at one
        capability there are more than `most` it raises `Undetermined`.
        """
        return self._near(rule, cubes, most, self._forbids)

    def each_allow(
        self, rule: ir.Rule, cubes: list[Cube] | None = None, most: int | None = None
    ) -> Iterator[ir.Allow]:
        """The allows near a rule, as `each_forbid`."""
        return self._near(rule, cubes, most, self._allows)

    def allows_around(self, allow: ir.Allow) -> Iterator[ir.Allow]:
        """The allows near another that are to all of its agents and to more."""
        agents = self._rules.scope(allow).agents
        return self._near(allow, None, None, self._allows, lambda index: index.around(agents))

    def named_with(self, rule: ir.Rule) -> Iterator[ir.Rule]:
        """The rules that name a call which a rule names, whatever they ask of it; itself left out."""
        scope = self._rules.scope(rule)
        near: dict[str, ir.Rule] = {}
        for at in bits(scope.capabilities):
            near.update((each.id, each) for each in self._forbids.at[at])
            near.update((each.id, each) for each in self._allows.at[at])
        yield from (
            each
            for each in near.values()
            if each is not rule and scope.meets(self._rules.scope(each))
        )

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
        self._effort.count(1 + len(cubes or ()))
        index = self._allows.index(capability)
        assert index is not None  # it has the allow
        return index.meeting(None, cubes)

    def _near(
        self,
        rule: ir.Rule,
        cubes: list[Cube] | None,
        most: int | None,
        shelf: Shelf[R],
        among: Callable[[Index[R]], int] | None = None,
    ) -> Iterator[R]:
        scope = self._rules.scope(rule)
        mine = self._about(rule) if cubes is None else cubes
        found: set[str] = {rule.id}
        for at in bits(scope.capabilities):
            index = shelf.index(at)
            if index is None:
                continue
            self._effort.count(1 + len(mine or ()))
            met = index.meeting(scope, mine)
            if most is not None and met.bit_count() > most:
                raise Undetermined("many rules are near")
            for each in index.picked(met if among is None else met & among(index)):
                if each.id not in found:
                    found.add(each.id)
                    yield each

    def _about(self, rule: ir.Rule) -> list[Cube] | None:
        """The cubes of the requests that a rule is about; None if these are too many, or maybe none.

        Of a rule that is about no request everything is true, and some of it worth saying.
        """
        if rule.id not in self._abouts:
            rules = self._rules
            try:
                cubes = rules.applies(rule) if isinstance(rule, ir.Allow) else rules.forbids(rule)
                is_some = any(map(is_possible, cubes))
            except Undetermined:
                is_some = False
            self._abouts[rule.id] = cubes if is_some else None
        return self._abouts[rule.id]
