"""What one policy opens that the other one does not, of one agent, one intent and one call.

An opening is found through the part that makes the difference: an allow that one policy has alone, or a forbid
that the other one has alone. What is shared opens nothing by itself, so nothing is asked about it. Each request
is decided by the interpreter under both policies before it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...ir import nodes as ir
from ...ir.print import term_text
from ...ir.walk import attributes, conditions_of_rule
from ...meaning import interpreter
from ...meaning.request import ABSENT, MALFORMED, Call
from ...records import dataclass, field
from ..procedure.calls.scope import Scope, bits
from ..procedure.cubes.cube import Cube, Key, conjunction
from ..procedure.domains.values import Values, body_of
from ..procedure.search.avoid import Avoid, permits
from ..procedure.verdict import Undetermined
from .joint_world import JointWorld
from .order import Kind, covers, duty, is_as_easy
from .sides import OTHER, RulePart, Side

Holds = Callable[[Call], bool]


@dataclass(frozen=True, slots=True)
class Opening:
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


@dataclass(frozen=True, slots=True)
class Open:
    """What could not be determined."""

    kind: Kind
    side: Side
    parts: tuple[RulePart, ...]
    reason: str


@dataclass(slots=True)
class Cell:
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
        values: dict[Key, Values] = {}
        for attribute in (each for part in self.parts for each in read_by(part) if alone):
            for steps in alone:
                if attribute.root == "args" and attribute.path[: len(steps)] == steps:
                    type_ = self.world.joined.type_of(attribute)
                    # What is no record at all has no field that is a stranger.
                    key = Key("args", attribute.path, type_, of=attribute.of)
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
        values: dict[Key, Values] = {}
        for part in self.parts:
            for attribute in read_by(part):
                type_ = self.world.joined.type_of(attribute)
                # What two types are read of is whole for one of them.
                is_one = (attribute.root, attribute.path) in retyped
                key = Key(attribute.root, attribute.path, type_, of=attribute.of)
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


def openings(cell: Cell, side: Side) -> Iterator[Opening]:
    """What a policy opens over the other one, one request for each way and part that makes it so."""
    yield from _decisions(cell, side)
    yield from _easier_challenges(cell, side)
    yield from _credentials(cell, side)
    yield from _obligations(cell, side)


def _decisions(cell: Cell, side: Side) -> Iterator[Opening]:
    """Requests that a policy permits and the other one does not, or challenges where that one denies."""
    world, other = cell.world, OTHER[side]
    lifted = cell.alone(cell.forbids(other))
    for part in cell.allows(side):
        allow = part.rule
        assert isinstance(allow, ir.Allow)
        causes: list[tuple[RulePart, ...]] = [(part, each) for each in lifted]
        if not part.is_shared:
            causes.insert(0, (part,))
        for cause in causes:
            closed = cause[
                1:
            ]  # a forbid denies it under the other policy, or no allow opens it there
            near = [world.parts.forbids(each.rule) for each in closed]  # type: ignore[arg-type]
            also = [cell.applying(each) for each in closed]
            found = cell.search(
                "permit",
                side,
                cause,
                lambda allow=allow, near=near: [world.parts.permits(allow), *near],  # type: ignore[misc]
                [cell.permitting(part), *also],
                lambda closed=closed: [  # type: ignore[misc]
                    *cell.no_forbids(side),
                    *([] if closed else cell.no_permits(other)),
                ],
            )
            if found is not None:
                yield found
            if not allow.requirements:
                continue
            found = cell.search(
                "challenge",
                side,
                cause,
                lambda allow=allow, near=near: [world.parts.applies(allow), *near],  # type: ignore[misc]
                [cell.applying(part), *also],
                lambda closed=closed: [  # type: ignore[misc]
                    *cell.no_forbids(side),
                    *cell.no_permits(side),
                    *([] if closed else cell.no_applies(other)),
                ],
            )
            if found is not None:
                yield found


def _easier_challenges(cell: Cell, side: Side) -> Iterator[Opening]:
    """Requests that both policies challenge, where one asks for less."""
    world, other = cell.world, OTHER[side]
    for part in cell.alone(cell.allows(side)):
        allow = part.rule
        assert isinstance(allow, ir.Allow)
        if not allow.requirements:
            continue
        as_easy = [
            each
            for each in cell.allows(other)
            if is_as_easy(each.rule.requirements, allow.requirements)  # type: ignore[union-attr]
        ]
        for rival in cell.allows(other):
            if rival in as_easy:
                continue
            found = cell.search(
                "challenge",
                side,
                (part, *own(rival)),
                lambda rival=rival, allow=allow: [  # type: ignore[misc]
                    world.parts.applies(allow),
                    world.parts.applies(rival.rule),
                ],
                [cell.applying(part), cell.applying(rival)],
                lambda as_easy=as_easy: [  # type: ignore[misc]
                    *cell.no_forbids(side, other),
                    *cell.no_permits(side),
                    *cell.no_permits(other),
                    *(world.no_apply(each.rule) for each in as_easy),
                ],
            )
            if found is not None:
                yield found
                break


def _credentials(cell: Cell, side: Side) -> Iterator[Opening]:
    """Permits whose credential is there, lives longer or is renewed more often than the other one's."""
    world, other = cell.world, OTHER[side]
    mine = [each for each in cell.allows(side) if _credential(each) is not None]
    theirs = list(cell.allows(other))
    for part in cell.alone(iter(mine)):
        for rival in theirs:
            if _credential(rival) is None:
                found = _both_permit(
                    cell,
                    "credential",
                    side,
                    (part, rival),
                    part,
                    rival,
                    avoid=lambda: [
                        world.no_permit(each.rule)  # type: ignore[arg-type]
                        for each in theirs
                        if _credential(each) is not None
                    ],
                )
                if found is not None:
                    yield found
                    break
    for short in cell.alone(cell.allows(other)):
        terms = _credential(short)
        if terms is None:
            continue
        for term in ("ttl", "renew"):
            limit = getattr(terms, term)
            tight = [each for each in mine if getattr(_credential(each), term) <= limit]
            longer = [each for each in mine if each not in tight]
            rivals = [each for each in theirs if _credential(each) is not None]
            yield from _without(cell, "credential", side, short, tight, longer, rivals)


def _obligations(cell: Cell, side: Side) -> Iterator[Opening]:
    """Permits that oblige to something under the other policy, and to nothing like it under one."""
    other = OTHER[side]
    for lost in cell.alone(cell.allows(other)):
        assert isinstance(lost.rule, ir.Allow)
        for obligation in lost.rule.obligations:
            wanted = duty(obligation.name, obligation.properties)
            kept = [
                each
                for each in cell.allows(side)
                if any(covers(mine, wanted) for mine in _duties(each))
            ]
            free = [each for each in cell.allows(side) if each not in kept]
            rivals = list(cell.allows(other))
            yield from _without(cell, "obligation", side, lost, kept, free, rivals)


def _without(
    cell: Cell,
    kind: Kind,
    side: Side,
    binding: RulePart,
    as_much: list[RulePart],
    openers: list[RulePart],
    rivals: list[RulePart],
) -> Iterator[Opening]:
    """A permit that is bound by an allow under the other policy, and by none that asks as much under one."""
    for part in openers:
        for rival in sorted(rivals, key=lambda each: each is not binding):
            found = _both_permit(
                cell,
                kind,
                side,
                tuple(dict.fromkeys((*own(part), binding))),
                part,
                rival,
                binding=binding,
                avoid=lambda: [cell.world.no_bind(each.rule) for each in as_much],  # type: ignore[arg-type]
            )
            if found is not None:
                yield found
                return


def _both_permit(
    cell: Cell,
    kind: Kind,
    side: Side,
    cause: tuple[RulePart, ...],
    part: RulePart,
    rival: RulePart,
    *,
    avoid: Callable[[], list[Avoid]],
    binding: RulePart | None = None,
) -> Opening | None:
    """A request that both policies permit, by these allows, under which another binds."""
    world = cell.world
    also = [] if binding is None or binding is rival else [binding]
    return cell.search(
        kind,
        side,
        cause,
        lambda: [
            world.parts.permits(part.rule),  # type: ignore[arg-type]
            world.parts.permits(rival.rule),  # type: ignore[arg-type]
            *(world.parts.binds(each.rule) for each in also),  # type: ignore[arg-type]
        ],
        [
            cell.permitting(part),
            cell.permitting(rival),
            *(world.judged(each, interpreter.allow_binds) for each in also),
        ],
        lambda: [*cell.no_forbids(side, OTHER[side]), *avoid()],
    )


def own(part: RulePart) -> tuple[RulePart, ...]:
    """The part, where it makes a difference."""
    return () if part.is_shared else (part,)


def _credential(part: RulePart) -> ir.Credential | None:
    assert isinstance(part.rule, ir.Allow)
    return part.rule.credential


def _duties(part: RulePart) -> list[Any]:
    assert isinstance(part.rule, ir.Allow)
    return [duty(each.name, each.properties) for each in part.rule.obligations]
