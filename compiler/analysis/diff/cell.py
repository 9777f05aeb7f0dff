"""One agent, one intent and one call under two policies, and how a request is looked for in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...ir import nodes as ir
from ...ir.printing.conditions import term_text
from ...ir.walk import attributes, conditions_of_rule
from ...meaning import interpreter
from ...meaning.request import ABSENT, MALFORMED, Call
from ...structs import Struct, field
from ..procedure.calls.scope import Scope, bits
from ..procedure.cubes.cube import Cube, CubeKey, conjunction
from ..procedure.domains.values import Values, body_of
from ..procedure.search.avoid import Avoid, permits
from ..procedure.verdict import Undetermined
from .joint.joint_world import JointWorld
from .joint.sides import OTHER, RulePart, Side
from .order import Kind

Holds = Callable[[Call], bool]


class Opening(Struct):
    """A request that one policy answers with more than the other, and the parts that make the difference."""

    kind: Kind
    side: Side
    """The policy that answers with more."""
    parts: tuple[RulePart, ...]
    request: dict[str, Any]
    later: dict[str, Any] | None = None
    """For a lease that was issued at the request: a later state, in which one policy has ended it."""
    missing: tuple[str, ...] = ()
    """What every such request lacks, or has malformed: whole requests are answered as before."""
    when: str = ""
    """The calls in which it is open, as a condition of the language; empty for all."""
    argument: tuple[str, ...] = ()
    """The argument that opens it, which one policy alone takes."""


class Open(Struct):
    """What could not be determined."""

    kind: Kind
    side: Side
    parts: tuple[RulePart, ...]
    reason: str


class Cell(Struct, frozen=False):
    """One agent, one intent and one call, and the parts that are about it."""

    world: JointWorld
    here: Scope
    parts: tuple[RulePart, ...]
    within: Cube | None = None
    """What requests are looked for in; None for all."""
    open: list[Open] = field(default_factory=list)

    @property
    def call(self) -> str:
        """What is called."""
        (number,) = bits(self.here.capabilities)
        return self.world.universe.capabilities[number]

    def allows(self, side: Side) -> Iterator[RulePart]:
        """The allows of a policy."""
        return (p for p in self.parts if side in p.of and isinstance(p.rule, ir.Allow))

    def forbids(self, side: Side) -> Iterator[RulePart]:
        """The forbids of a policy."""
        return (p for p in self.parts if side in p.of and isinstance(p.rule, ir.Forbid))

    def alone(self, parts: Iterator[RulePart]) -> list[RulePart]:
        """Of parts those that one policy has alone."""
        return [each for each in parts if not each.is_shared]

    # --- searching ---

    def search(
        self,
        kind: Kind,
        side: Side,
        parts: tuple[RulePart, ...],
        cubes: Callable[[], list[list[Cube]]],
        holds: list[Holds],
        avoid: Callable[[], list[Avoid]],
    ) -> Opening | None:
        """A request in all of some cubes, or None; what is undetermined is noted."""
        try:
            within = [] if self.within is None else [[self.within]]
            taken = [[self._without_strangers(side)]]
            asked = conjunction([*cubes(), *self.world.retyped(self.parts).pairs, *within, *taken])
            found = self.world.search(self.here, asked, holds, avoid())
        except Undetermined as undetermined:
            self.open.append(Open(kind, side, parts, str(undetermined)))
            return None
        if found is None:
            return None
        missing = self._missing(found)
        if missing:
            try:
                whole = self.world.search(
                    self.here, conjunction([asked, [self._whole()]]), holds, avoid()
                )
            except Undetermined:
                missing = ()
            else:
                found, missing = (found, missing) if whole is None else (whole, ())
        return Opening(kind, side, parts, found, missing=missing)

    def _without_strangers(self, side: Side) -> Cube:
        """The cube of requests without arguments that only the other policy takes: no allow of this one is about them."""
        alone = self.world.joined.taken.get(self.call, {}).get(OTHER[side], ())
        values: dict[CubeKey, Values] = {}
        for attribute in (each for part in self.parts for each in read_by(part) if alone):
            for steps in alone:
                if attribute.root == "args" and attribute.path[: len(steps)] == steps:
                    type_ = self.world.joined.type_of(attribute)
                    # What is no record at all has no field that is a stranger.
                    key = CubeKey("args", attribute.path, type_, of=attribute.of)
                    values[key] = Values(True, len(steps) > 1, None)
        return Cube(values)

    def _missing(self, request: dict[str, Any]) -> tuple[str, ...]:
        """What parts read of a request that is not there, or malformed for all of them."""
        call = Call(self.world.policy, request)
        found: dict[tuple[str, str], bool] = {}
        for part in self.parts:
            reads = self.world.calls_of(call)[next(iter(part.of))]
            for attribute in read_by(part):
                value = reads.read_attribute(attribute)
                lacks = value is MALFORMED or (value is ABSENT and not attribute.optional)
                fact = attribute.path[1] if ir.is_fact(attribute) else ""  # two may have one name
                read = (term_text(attribute), fact)
                found[read] = found.get(read, True) and lacks
        return tuple(dict.fromkeys(text for (text, _), lacks in found.items() if lacks))

    def _whole(self) -> Cube:
        """The cube of requests that have all that the parts read, well-formed; what is optional may be absent."""
        retyped = self.world.retyped(self.parts).places
        values: dict[CubeKey, Values] = {}
        for part in self.parts:
            for attribute in read_by(part):
                type_ = self.world.joined.type_of(attribute)
                # What two types are read of is whole for one of them.
                is_one = (attribute.root, attribute.path) in retyped
                key = CubeKey(attribute.root, attribute.path, type_, of=attribute.of)
                body = body_of(type_, self.world.policy)
                values[key] = Values(attribute.optional, is_one, body)
        return Cube(values)

    def permitting(self, part: RulePart) -> Holds:
        """Whether the allow of a part permits."""
        return self.world.judged(part, permits)

    def applying(self, part: RulePart) -> Holds:
        """Whether the rule of a part applies."""
        is_allow = isinstance(part.rule, ir.Allow)
        judge = interpreter.allow_applies if is_allow else interpreter.forbid_applies
        return self.world.judged(part, judge)

    def no_forbids(self, *sides: Side) -> list[Avoid]:
        """Keep out of the forbids of policies."""
        parts = {part.rule.id: part for side in sides for part in self.forbids(side)}
        return [self.world.no_forbid(each.rule) for each in parts.values()]  # type: ignore[arg-type]

    def no_permits(self, side: Side) -> list[Avoid]:
        """Keep out of what the allows of a policy permit."""
        return [self.world.no_permit(each.rule) for each in self.allows(side)]  # type: ignore[arg-type]

    def no_applies(self, side: Side) -> list[Avoid]:
        """Keep the allows of a policy from applying."""
        return [self.world.no_apply(each.rule) for each in self.allows(side)]  # type: ignore[arg-type]


def read_by(part: RulePart) -> Iterator[ir.Attribute]:
    """The attributes that the rule of a part reads."""
    for condition in conditions_of_rule(part.rule):
        for attribute, _ in attributes(condition):
            yield attribute
