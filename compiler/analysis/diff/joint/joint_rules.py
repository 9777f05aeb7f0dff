"""The parts of two policies as cubes, each read as its own policy does and told in the members of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar, assert_never

from ....ir import nodes as ir
from ....ir.walk import approvals_of
from ...procedure.calls.names import CallNames
from ...procedure.cubes.clauses import PRESENT_TEXT, TASK_ID, USER_ID, known_now, valid
from ...procedure.cubes.conditions import Cubes
from ...procedure.cubes.cube import NOW_KEY, Cube, conjunction, limited
from ...procedure.domains.texts import OneOf, Texts
from ...procedure.domains.values import Values
from ...procedure.rules.rule_cubes import RuleCubes, out_of_time
from .several_types import enumeration_of
from .sides import Joined, Side

R = TypeVar("R", ir.Allow, ir.Forbid)
Ending = Literal["revoke", "validity"]

IDENTITY = Values(False, False, Texts(outside=frozenset((OneOf(frozenset(("",))),))))
"""Who somebody is: any text that says so."""
NOBODY = Cube({USER_ID: Values(True, True, None)})
"""Nobody is named for whom the agent acts."""


class JointRules(RuleCubes):  # type: ignore[misc]  # no struct itself
    """The scopes and cubes of the parts of two policies."""

    def __init__(self, joined: Joined) -> None:
        """Take two policies."""
        super().__init__(CallNames(joined.policy), Cubes(joined.policy))
        self.joined = joined
        self._side: Side | None = None
        self._told: dict[tuple[str, str], list[Cube]] = {}

    # --- what a policy by itself asks as well ---

    def applies(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow applies."""
        return self._once("applies", allow, super().applies)

    def permits(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow applies and what it requires is there."""
        return self._once("permits", allow, super().permits)

    def does_not_permit(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow does not apply, or lacks what it requires."""

        def make(allow: ir.Allow) -> list[Cube]:
            found = super(JointRules, self).does_not_permit(allow)
            return [*found, NOBODY] if self._asks_people(allow.requirements) else found

        return self._once("does not permit", allow, make)

    def forbids(self, forbid: ir.Forbid) -> list[Cube]:
        """The cubes in which a forbid applies."""

        def make(forbid: ir.Forbid) -> list[Cube]:
            found = super(JointRules, self).forbids(forbid)
            if not self._asks_people(forbid.unless_evidence):
                return found
            return limited([*found, *conjunction([self.named(forbid), [NOBODY]])])

        return self._once("forbids", forbid, make)

    def spares(self, forbid: ir.Forbid) -> list[Cube]:
        """The cubes in which a forbid does not apply."""
        return self._once("spares", forbid, super().spares)

    def met(self, requirement: ir.Requirement) -> Cube:
        """The cube in which evidence is there, and all that the policy at hand needs for it."""
        cube = known_now((requirement, True))
        match requirement:
            case ir.StepUp():
                return cube
            case ir.Confirmation():
                needed = {TASK_ID: PRESENT_TEXT, USER_ID: PRESENT_TEXT}
                return Cube({**cube.values, **needed}, cube.relations)
            case ir.Approval():
                policy = (
                    self.joined.policy if self._side is None else self.joined.called[self._side]
                )
                needed = {TASK_ID: PRESENT_TEXT}
                if policy.user is not None:
                    needed[USER_ID] = IDENTITY if self.joined.evidence_differs else PRESENT_TEXT
                return Cube({**cube.values, **needed}, cube.relations)
            case _:
                assert_never(requirement)

    # --- what only a comparison asks ---

    def does_not_apply(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow does not apply, whatever evidence there is."""

        def make(allow: ir.Allow) -> list[Cube]:
            return [
                each
                for each in super(JointRules, self).does_not_permit(allow)
                if not any(isinstance(what, ir.Requirement) for what, _ in each.relations)
            ]

        return self._once("does not apply", allow, make)

    def binds(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which what an allow asks belongs to every permit."""

        def make(allow: ir.Allow) -> list[Cube]:
            parts = [self.conditions.of(allow.condition, "not false")]
            if allow.validity is not None:
                parts.append([Cube({NOW_KEY: Values(True, True, valid(allow.validity))})])
            if allow.window is not None:
                unknown = Cube({NOW_KEY: Values(True, True, None)})
                parts.append([known_now((allow.window, True)), unknown])
            return conjunction(parts)

        return self._once("binds", allow, make)

    def does_not_bind(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow asks nothing of a permit."""

        def make(allow: ir.Allow) -> list[Cube]:
            found = list(self.conditions.of(allow.condition, "false"))
            if allow.validity is not None:
                (outside,) = valid(allow.validity).complement()
                found.append(Cube({NOW_KEY: Values(False, False, outside)}))
            if allow.window is not None:
                found.append(known_now((allow.window, False)))
            return limited(found)

        return self._once("does not bind", allow, make)

    def ends(self, allow: ir.Allow, ending: Ending) -> list[Cube]:
        """The cubes in which a lease under an allow ends, by its `revoke when` or by its validity."""

        def make(allow: ir.Allow) -> list[Cube]:
            return limited(self.revoked(allow)) if ending == "revoke" else out_of_time(allow)

        return self._once(f"ends by {ending}", allow, make)

    def lives(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which a lease under an allow goes on."""

        return self._once("lives", allow, lambda each: conjunction(self.going_on(each)))

    # --- reading as a policy does ---

    def _once(self, what: str, rule: R, make: Callable[[Any], list[Cube]]) -> list[Cube]:
        """The cubes of a question about a part, kept, and told in the members of both policies."""
        key = (what, rule.id)
        if key not in self._told:
            with self._read_as(rule):
                cubes = make(rule)
            self._told[key] = limited(told for each in cubes for told in self.told(each))
        return self._told[key]

    @contextmanager
    def _read_as(self, rule: ir.Rule) -> Iterator[None]:
        """Read requests as the policy of a part does."""
        side = next(iter(self.joined.parts[rule.id].of))
        before, self._side = self._side, side
        try:
            yield
        finally:
            self._side = before

    def _asks_people(self, requirements: tuple[ir.Requirement, ...]) -> bool:
        """Whether approvals are asked for that count under one policy alone."""
        return (
            self.joined.evidence_differs
            and self._side is not None
            and self.joined.called[self._side].user is not None
            and bool(approvals_of(requirements))
        )

    def told(self, cube: Cube) -> list[Cube]:
        """A cube by the types that attributes have, in the members of all types of each attribute."""
        if not self.joined.grown:
            return [cube]
        unions: list[list[Cube]] = []
        for key, value in cube.values.items():
            grown = self.joined.grown.get((key.root, key.path))
            named = enumeration_of(key.type)
            if grown is None or named is None or named not in grown.types:
                unions.append([Cube({key: value})])
            else:
                own = self.joined.policy.members_of[named.name]
                unions.append([Cube(dict([each])) for each in grown.told(key, value, own)])
        return [each & Cube({}, cube.relations) for each in conjunction(unions)]  # type: ignore[misc] # says no more of a value
