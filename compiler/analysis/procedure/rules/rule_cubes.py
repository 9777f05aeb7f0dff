"""Each rule as a set of requests: whom, why and what it names, and the cubes in which it applies or not."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias, TypeVar, assert_never

from ....ir import nodes as ir
from ....structs import Struct, field
from ..calls.names import CallNames
from ..calls.scope import Scope
from ..cubes.clauses import (
    PRESENT_TEXT,
    TASK_ID,
    USER_ID,
    active,
    inactive,
    known_now,
    valid,
)
from ..cubes.conditions import Cubes
from ..cubes.cube import NOW_KEY, Cube, conjunction, limited
from ..domains.values import Values
from ..search.evidence import together
from ..verdict import Undetermined

T = TypeVar("T")
Known: TypeAlias = "dict[str, list[Cube] | Undetermined]"
"""Of rules, by their identity, the cubes in which something is so, or why there are none."""


class RuleCubes(Struct, frozen=False):
    """The scopes and cubes of the rules of one policy, each made once."""

    names: CallNames
    conditions: Cubes
    _scopes: dict[str, Scope] = field(default_factory=dict)
    _applies: Known = field(default_factory=dict)
    _permits: Known = field(default_factory=dict)
    _does_not_permit: Known = field(default_factory=dict)
    _forbids: Known = field(default_factory=dict)
    _spares: Known = field(default_factory=dict)

    def without(self, changed: Collection[str]) -> RuleCubes:
        """What is known of all rules but some, of a policy that declares the same."""

        def kept(known: dict[str, T]) -> dict[str, T]:
            return {id: each for id, each in known.items() if id not in changed}

        return RuleCubes(
            self.names,
            self.conditions,
            kept(self._scopes),
            kept(self._applies),
            kept(self._permits),
            kept(self._does_not_permit),
            kept(self._forbids),
            kept(self._spares),
        )

    def scope(self, rule: ir.Rule) -> Scope:
        """What a rule names."""
        found = self._scopes.get(rule.id)
        if found is None:
            found = self._scopes[rule.id] = self.names.scope_of(rule)
        return found

    def seen_scope(self, rule: ir.Rule) -> Scope:
        """What a rule names, of agents that are seen."""
        scope, unseen = self.scope(rule), self.names.universe.unseen
        if not unseen:
            return scope
        return Scope(scope.agents & ~unseen, scope.intents, scope.capabilities)

    # --- allows ---

    def applies(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow applies."""

        def make() -> list[Cube]:
            parts = [self.conditions.of(allow.condition, "true"), [active()]]
            return conjunction([*parts, *self.going_on(allow)])

        return _once(self._applies, allow, make)

    def permits(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow applies and what it requires is there."""
        asked = (*allow.requirements, *together(allow.requirements, True))
        needs = [[self.met(each)] for each in asked]
        return _once(self._permits, allow, lambda: conjunction([self.applies(allow), *needs]))

    def does_not_permit(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow does not apply, or lacks what it requires."""

        def make() -> list[Cube]:
            found = [*self.conditions.of(allow.condition, "not true"), inactive()]
            found += self.revoked(allow)
            found += out_of_time(allow)
            found += map(lacking, allow.requirements)
            found += map(lacking, together(allow.requirements, False))
            return limited(found)

        return _once(self._does_not_permit, allow, make)

    def going_on(self, allow: ir.Allow) -> list[list[Cube]]:
        """Unions of cubes in all of which nothing has ended an allow."""
        parts = [self.conditions.of(each, "false") for each in allow.revoke]
        if allow.validity is not None:
            parts.append([Cube({NOW_KEY: Values(False, False, valid(allow.validity))})])
        if allow.window is not None:
            parts.append([known_now((allow.window, True))])
        return parts

    def revoked(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which a `revoke when` has ended an allow."""
        return [cube for each in allow.revoke for cube in self.conditions.of(each, "not false")]

    # --- forbids ---

    def forbids(self, forbid: ir.Forbid) -> list[Cube]:
        """The cubes in which a forbid applies."""

        def make() -> list[Cube]:
            parts = [self.closed(forbid)]
            if forbid.unless_evidence:
                asked = (*forbid.unless_evidence, *together(forbid.unless_evidence, False))
                parts.append(list(map(lacking, asked)))
            return conjunction(parts)

        return _once(self._forbids, forbid, make)

    def closed(self, forbid: ir.Forbid) -> list[Cube]:
        """The cubes in which a forbid applies, if no evidence lifts it."""
        found = self.named(forbid)
        if forbid.unless is None:
            return found
        return conjunction([found, self.conditions.of(forbid.unless, "not true")])

    def named(self, forbid: ir.Forbid) -> list[Cube]:
        """The cubes in which a forbid applies, if nothing lifts it."""
        found = self.conditions.of(forbid.condition, "not false")
        if forbid.window is None:
            return found
        unknown = Cube({NOW_KEY: Values(True, True, None)})
        return conjunction([found, [known_now((forbid.window, True)), unknown]])

    def spares(self, forbid: ir.Forbid) -> list[Cube]:
        """The cubes in which a forbid does not apply."""

        def make() -> list[Cube]:
            found = self.open(forbid)
            if forbid.unless_evidence:
                asked = (*forbid.unless_evidence, *together(forbid.unless_evidence, True))
                found += conjunction([[self.met(each)] for each in asked])
            return limited(found)

        return _once(self._spares, forbid, make)

    def open(self, forbid: ir.Forbid) -> list[Cube]:
        """The cubes in which a forbid does not apply, whatever evidence is there."""
        found = list(self.conditions.of(forbid.condition, "false"))
        if forbid.window is not None:
            found.append(known_now((forbid.window, False)))
        if forbid.unless is not None:
            found += self.conditions.of(forbid.unless, "true")
        return found

    # --- evidence ---

    def met(self, requirement: ir.Requirement) -> Cube:
        """The cube in which the evidence for a requirement is there, and all that it needs."""
        cube = known_now((requirement, True))
        match requirement:
            case ir.StepUp():
                return cube
            case ir.Approval():
                needed = (
                    (TASK_ID, USER_ID) if self.conditions.policy.user is not None else (TASK_ID,)
                )
                return Cube({**cube.values, **dict.fromkeys(needed, PRESENT_TEXT)}, cube.relations)
            case ir.Confirmation():
                named = dict.fromkeys((TASK_ID, USER_ID), PRESENT_TEXT)
                return Cube({**cube.values, **named}, cube.relations)
            case _:
                assert_never(requirement)


def out_of_time(allow: ir.Allow) -> list[Cube]:
    """The cubes in which it is not known to be time for an allow."""
    found: list[Cube] = []
    if allow.validity is not None:
        (outside,) = valid(allow.validity).complement()
        found.append(Cube({NOW_KEY: Values(True, True, outside)}))
    if allow.window is not None:
        found.append(Cube({}, frozenset(((allow.window, False),))))
    return found


def lacking(requirement: ir.Requirement) -> Cube:
    """The cube in which the evidence for a requirement is not there."""
    return Cube({}, frozenset(((requirement, False),)))


def _once(known: Known, rule: ir.Rule, make: Callable[[], list[Cube]]) -> list[Cube]:
    found = known.get(rule.id)
    if found is None:
        try:
            found = make()
        except Undetermined as undetermined:
            found = undetermined
        known[rule.id] = found
    if isinstance(found, Undetermined):
        raise found
    return found
