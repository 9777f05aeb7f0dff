"""The world of two policies: their parts as cubes, and each request judged by the policy that a part is of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from ...ir import nodes as ir
from ...meaning import interpreter
from ...meaning.request import Call
from ..procedure.calls.agents_of_conditions import conditions_of_rules, reads_agent_id
from ..procedure.calls.scope import Avoid, Scope
from ..procedure.cubes.conditions import Cube, Key, conjunction, limited
from ..procedure.domains.texts import OneOf, Texts
from ..procedure.domains.values import Finite, Values
from ..procedure.effort import judging
from ..procedure.rules.rule_cubes import NOW_KEY, PRESENT_TEXT, TASK_ID, USER_ID, known_now, valid
from ..procedure.world import World
from .sides import SIDES, Joined, Part, Side

Judge: TypeAlias = Callable[[Any, Call], bool]

IDENTITY = Values(False, False, Texts(outside=frozenset((OneOf(frozenset(("",))),))))
"""Who somebody is: any text that says so."""


@dataclass
class JointWorld(World):
    """A world whose rules are of two policies."""

    joined: Joined = field(default=None)  # type: ignore[assignment]
    _side: Side | None = None
    _last: tuple[object, dict[Side, Call]] | None = None
    _more_avoids: dict[tuple[str, str], Avoid] = field(default_factory=dict)

    @classmethod
    def of(cls, joined: Joined) -> JointWorld:
        """The world of two policies."""
        return cls(joined.policy, joined=joined)

    # --- judging ---

    def calls_of(self, call: Call) -> dict[Side, Call]:
        """A request as each policy reads it."""
        if self._last is None or self._last[0] is not call.request:
            read = {
                side: Call(self.joined.called[side], call.request) for side in SIDES
            }
            self._last = (call.request, read)
        return self._last[1]

    def judged(self, part: Part, judge: Judge) -> Callable[[Call], bool]:
        """Ask something of a part's rule in the policy that it is of."""
        side = next(iter(part.of))
        rule = part.of[side]
        return lambda call: judge(rule, self.calls_of(call)[side])

    # --- cubes ---

    def _kept(self, rule: ir.Rule, what: str, make: Callable[[], list[Cube]]) -> list[Cube]:
        """The cubes of a part, read as its own policy does and told in the members of both."""

        def of_its_policy() -> list[Cube]:
            with self._read_as(rule) as side:
                return [self._translated(each, side) for each in make()]

        return super()._kept(rule, what, of_its_policy if self._own_reading else make)

    @contextmanager
    def _read_as(self, rule: ir.Rule) -> Iterator[Side]:
        """Read requests as the policy of a part does."""
        before, self._side = self._side, next(iter(self.joined.parts[rule.id].of))
        try:
            yield self._side
        finally:
            self._side = before

    def permits(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow applies and what it requires is there."""
        with self._read_as(allow):
            return super().permits(allow)

    @cached_property
    def _own_reading(self) -> bool:
        return bool(self.joined.grown) or self.joined.evidence_differs

    def met(self, requirement: ir.Requirement) -> Cube:
        """The cube in which evidence is there, and all that the policy at hand needs for it."""
        cube = known_now((requirement, True))
        if isinstance(requirement, ir.StepUp):
            return cube
        needed = {TASK_ID: PRESENT_TEXT}
        if self._policy_at_hand.user is not None:
            needed[USER_ID] = IDENTITY
        return Cube({**cube.values, **needed}, cube.relations)

    @property
    def _policy_at_hand(self) -> ir.Policy:
        return self.policy if self._side is None else self.joined.called[self._side]

    def does_not_permit(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow does not apply, or lacks what it requires."""
        found = super().does_not_permit(allow)
        if not self.joined.evidence_differs or not any(
            isinstance(each, ir.Approval) for each in allow.requirements
        ):
            return found
        return [*found, Cube({USER_ID: Values(True, True, None)})]

    def forbids(self, forbid: ir.Forbid) -> list[Cube]:
        """The cubes in which a forbid applies."""
        found = super().forbids(forbid)
        if not self.joined.evidence_differs or not any(
            isinstance(each, ir.Approval) for each in forbid.unless_evidence
        ):
            return found
        nobody = [Cube({USER_ID: Values(True, True, None)})]
        return limited([*found, *conjunction([self.cubes.of(forbid.condition, "not false"), nobody])])

    def _translated(self, cube: Cube, side: Side) -> Cube:
        """A cube of one policy in the members of both: there the others are malformed."""
        values: dict[Key, Values] = {}
        for key, value in cube.values.items():
            grown = self.joined.grown.get((key.root, key.path))
            if grown is None or key.type != grown.types[side]:
                values[key] = value
                continue
            own = self.policy.members_of[grown.types[side].name]
            mask = 0
            for rank, member in enumerate(grown.both.members):
                if member not in own:
                    is_in = value.malformed
                else:
                    is_in = value.body is not None and value.body.contains(own.index(member))
                mask |= is_in << rank
            body = Finite(mask, len(grown.both.members)) if mask else None
            joint = Key(key.root, key.path, ir.EnumType(grown.both.name))
            values[joint] = Values(value.absent, value.malformed, body)
        return Cube(values, cube.relations)

    def binds(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which what an allow asks belongs to every permit."""

        def make() -> list[Cube]:
            parts = [self.cubes.of(allow.condition, "not false")]
            if allow.validity is not None:
                parts.append([Cube({NOW_KEY: Values(True, True, valid(allow.validity))})])
            if allow.window is not None:
                unknown = Cube({NOW_KEY: Values(True, True, None)})
                parts.append([known_now((allow.window, True)), unknown])
            return conjunction(parts)

        return self._kept(allow, "binds", make)

    def does_not_bind(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow asks nothing of a permit."""

        def make() -> list[Cube]:
            found = list(self.cubes.of(allow.condition, "false"))
            if allow.validity is not None:
                (outside,) = valid(allow.validity).complement()
                found.append(Cube({NOW_KEY: Values(False, False, outside)}))
            if allow.window is not None:
                found.append(known_now((allow.window, False)))
            return limited(found)

        return self._kept(allow, "does not bind", make)

    def does_not_apply(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which an allow does not apply, whatever evidence there is."""

        return [
            each
            for each in super().does_not_permit(allow)
            if not any(isinstance(what, ir.Approval | ir.StepUp) for what, _ in each.relations)
        ]

    def ends(self, allow: ir.Allow, kind: str) -> list[Cube]:
        """The cubes in which a lease under an allow ends, by its `revoke when` or by its validity."""
        found: list[Cube] = []
        if kind == "revoke":
            for each in allow.revoke:
                found += self.cubes.of(each, "not false")
        else:
            if allow.validity is not None:
                (outside,) = valid(allow.validity).complement()
                found.append(Cube({NOW_KEY: Values(True, True, outside)}))
            if allow.window is not None:
                found.append(Cube({}, frozenset(((allow.window, False),))))
        return self._kept(allow, f"ends by {kind}", lambda: limited(found))

    def lives(self, allow: ir.Allow) -> list[Cube]:
        """The cubes in which a lease under an allow goes on."""

        def make() -> list[Cube]:
            parts = [self.cubes.of(each, "false") for each in allow.revoke]
            if allow.validity is not None:
                parts.append([Cube({NOW_KEY: Values(False, False, valid(allow.validity))})])
            if allow.window is not None:
                parts.append([known_now((allow.window, True))])
            return conjunction(parts)

        return self._kept(allow, "lives", make)

    # --- what to avoid ---

    def avoid_permit(self, allow: ir.Allow) -> Avoid:
        """Keep a witness from being permitted by an allow, as its own policy reads it."""
        return self._avoid(allow, "permits", permits, self.does_not_permit, self.permits)

    def avoid_forbid(self, forbid: ir.Forbid) -> Avoid:
        """Keep a witness out of a forbid, as its own policy reads it."""
        return self._avoid(forbid, "forbids", interpreter.forbid_applies, self.spares, self.forbids)

    def avoid_apply(self, allow: ir.Allow) -> Avoid:
        """Keep an allow from applying."""
        return self._avoid(
            allow, "applies", interpreter.allow_applies, self.does_not_apply, self.applies
        )

    def avoid_bind(self, allow: ir.Allow) -> Avoid:
        """Keep an allow from asking anything of a permit."""
        return self._avoid(allow, "binds", interpreter.allow_binds, self.does_not_bind, self.binds)

    def avoid_end(self, allow: ir.Allow) -> Avoid:
        """Keep a lease under an allow alive."""

        def ending(rule: ir.Allow) -> list[Cube]:
            return limited([*self.ends(rule, "revoke"), *self.ends(rule, "validity")])

        return self._avoid(allow, "ends", has_ended, self.lives, ending)

    def _avoid(
        self,
        rule: Any,
        what: str,
        judge: Judge,
        escapes: Callable[[Any], list[Cube]],
        happens: Callable[[Any], list[Cube]],
    ) -> Avoid:
        known = self._more_avoids.get((rule.id, what))
        if known is None:
            part = self.joined.parts[rule.id]
            known = self._more_avoids[rule.id, what] = Avoid(
                self.scope(rule),
                self.judged(part, judge),
                lambda: escapes(rule),
                lambda: self._points_of_question(rule, what, happens),
                judging(conditions_of_rules((rule,))),
            )
        return known

    def _points_of_question(
        self, rule: ir.Rule, what: str, cubes: Callable[[Any], list[Cube]]
    ) -> Any:
        from ..procedure.cubes.disjointness import points_of
        from ..procedure.verdict import Undetermined

        key = f"{what} {rule.id}"
        if key not in self._points:
            try:
                self._points[key] = points_of(cubes(rule))
            except Undetermined:
                self._points[key] = {}
        return self._points[key]

    def search(
        self,
        here: Scope,
        cubes: Iterable[Cube],
        holds: Iterable[Callable[[Call], bool]],
        avoid: Sequence[Avoid],
    ) -> dict[str, Any] | None:
        """A small request in cubes for which all holds and nothing happens that is to be avoided."""
        asked = list(holds)
        return self.find(here, cubes, lambda call: all(each(call) for each in asked), avoid, shown=True)

    def reads_identity(self, part: Part) -> bool:
        """Whether it matters to a part which agent it is, beyond which rules name it."""
        return any(map(reads_agent_id, conditions_of_rules((part.rule,))))


def permits(allow: ir.Allow, call: Call) -> bool:
    """Whether an allow applies and all that it requires is there."""
    return interpreter.allow_applies(allow, call) and not interpreter.missing(allow, call)


def has_ended(allow: ir.Allow, call: Call, kind: str | None = None) -> bool:
    """Whether a lease under an allow has ended: by its `revoke when`, by its validity, or by either."""
    if kind != "validity" and any(
        interpreter.truth(each, call) is not False for each in allow.revoke
    ):
        return True
    return kind != "revoke" and not (
        interpreter.is_valid(allow.validity, call.now) is True
        and interpreter.in_window(allow.window, call.now) is True
    )
