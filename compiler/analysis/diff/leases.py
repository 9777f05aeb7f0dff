"""Leases that one policy keeps alive in a state in which the other one has ended them.

A lease rests on the allows that permitted the request, and the first of them that ends ends it. What the agent
asked for stays as it was; what is reported about it (`context`, the agent, the resource, the person) and the time
may be others later.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import partial
from typing import Any

from ...ir import nodes as ir
from ...ir.walk import attributes, conditions_of_rule
from ...meaning.request import ABSENT, MALFORMED, Call
from ...structs import Struct
from ..procedure.cubes.cube import EVERYTHING, NOW_KEY, Cube, CubeKey, conjunction, key_of
from ..procedure.domains.values import EDGES, Body, Intervals, Values, body_of, one_of
from ..procedure.search.avoid import permits
from ..procedure.verdict import Undetermined
from .cell import Cell, Open, Opening
from .joint.joint_rules import Ending
from .joint.joint_world import has_ended
from .joint.sides import OTHER, RulePart, Side
from .openings import own

LASTING = ("args", "task")
"""The roots that a lease was issued for, and that stay."""
MOST = 32
"""Requests that are tried for one allow that ends its leases and one that keeps them."""


def longer_leases(cell: Cell, side: Side) -> Iterator[Opening]:
    """Leases that a policy keeps where the other one ends them, for each allow that ends them there."""
    for ending in cell.alone(cell.allows(OTHER[side])):
        allow = ending.rule
        assert isinstance(allow, ir.Allow)
        if allow.revoke:
            yield from _kept(cell, side, ending, "revoke")
        if allow.validity is not None or allow.window is not None:
            yield from _kept(cell, side, ending, "validity")


def _kept(cell: Cell, side: Side, ending: RulePart, kind: Ending) -> Iterator[Opening]:
    rivals = [each for each in cell.allows(OTHER[side]) if each.rule.credential is not None]  # type: ignore[union-attr]
    rivals.sort(key=lambda each: each is not ending)
    for part in cell.allows(side):
        if part.rule.credential is None:  # type: ignore[union-attr]
            continue
        cause = (*own(part), ending)
        try:
            found = _Lease(cell, side, ending, part, kind).longer(rivals)
        except Undetermined as undetermined:
            cell.open.append(Open(kind, side, cause, str(undetermined)))
            continue
        if found is not None:
            yield Opening(kind, side, cause, *found)
            return


class _Lease(Struct):
    """A lease that one policy issues by an allow, and that the other one ends by one of its own."""

    cell: Cell
    side: Side
    ending: RulePart
    part: RulePart
    kind: Ending

    def longer(self, rivals: list[RulePart]) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """A request that both permit with a credential, and a state in which one has ended it; None if there is none.

        All the allows that permit a request keep its lease. Where those of one that was found cannot all be alive
        when the other policy has ended it, every other request lacks one of them, so each is avoided in turn.
        """
        if self._end_with((self.part,)):
            return None
        left: list[tuple[RulePart, ...]] = [()]
        seen: set[frozenset[str]] = set()
        failed = ""
        tried = 0
        while left:
            avoided = left.pop()
            for rival in rivals:
                tried += 1
                if tried > MOST:
                    raise Undetermined("several allows permit at once, in too many ways")
                first = self._issued(rival, avoided)
                if first is None:
                    continue
                keeping = self._keeping(first)
                if found := self._later_than(first, keeping):
                    return found
                together = self._never_alive(keeping)
                if not together:
                    if found := self._turned(keeping, rival, avoided):
                        return found
                    failed = "no later state was found for the requests that were tried"
                    continue
                for each in together:
                    more = (*avoided, each)
                    names = frozenset(part.rule.id for part in more)
                    if names not in seen:
                        seen.add(names)
                        left.append(more)
                break  # what the other allows issue with these together ends as well
        if failed:
            raise Undetermined(failed)
        return None

    def _issued(
        self, rival: RulePart, avoided: tuple[RulePart, ...], pinned: Cube = EVERYTHING
    ) -> dict[str, Any] | None:
        """A request that both policies permit with a credential, and that some allows do not permit."""
        cell, world = self.cell, self.cell.world
        permitting = tuple(dict.fromkeys((self.part, self.ending, rival)))
        return world.search(
            cell.here,
            conjunction(
                [
                    *(world.parts.permits(each.rule) for each in permitting),  # type: ignore[arg-type]
                    *world.retyped(cell.parts).pairs,
                    [pinned],
                ]
            ),
            [cell.permitting(each) for each in permitting],
            [
                *cell.no_forbids(self.side, OTHER[self.side]),
                *(world.no_permit(each.rule) for each in avoided),  # type: ignore[arg-type]
            ],
        )

    def _keeping(self, first: dict[str, Any]) -> tuple[RulePart, ...]:
        """The allows that a lease rests on which was issued for a request."""
        world = self.cell.world
        call = Call(world.policy, first)
        return tuple(e for e in self.cell.allows(self.side) if world.judged(e, permits)(call))

    def _later_than(
        self, first: dict[str, Any], keeping: tuple[RulePart, ...]
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """A request with a later state of its lease that one policy has ended and the other one keeps."""
        call = Call(self.cell.world.policy, first)
        pinned = _as_issued(self.cell, call, (self.ending, *keeping))
        later = self._ended(keeping, pinned)
        if later is None:
            return None
        merged = _with_what_lasts(later, first)
        return (first, merged) if self._is_kept(keeping, merged) else None

    def _turned(
        self, keeping: tuple[RulePart, ...], rival: RulePart, avoided: tuple[RulePart, ...]
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """As `_later_than`, with a request that is looked for by the state that its lease is to come into."""
        world = self.cell.world
        later = self._ended(keeping, self._what_lasts(keeping))
        if later is None:
            return None
        (pinned, *_) = _as_issued(self.cell, Call(world.policy, later), (self.ending, *keeping))
        values = {key: value for key, value in pinned.values.items() if key != NOW_KEY}
        first = self._issued(rival, avoided, Cube(values))
        return None if first is None else self._later_than(first, self._keeping(first))

    def _never_alive(self, keeping: tuple[RulePart, ...]) -> tuple[RulePart, ...]:
        """Of the allows that keep a lease some, one of which ends whenever the other policy ends it."""
        others = tuple(each for each in keeping if each is not self.part)
        for each in others:
            if self._end_with((self.part, each)):
                return (each,)
        return others if others and self._end_with(keeping) else ()

    def _end_with(self, keeping: tuple[RulePart, ...]) -> bool:
        """Whether allows never keep a lease all together that the other policy has ended."""
        return self._ended(keeping, self._what_lasts(keeping)) is None

    def _what_lasts(self, keeping: tuple[RulePart, ...]) -> list[Cube]:
        """What is so of every lease that some allows permitted for as long as it lasts."""
        world = self.cell.world
        permitted = (world.parts.permits(each.rule) for each in (self.ending, *keeping))  # type: ignore[arg-type]
        try:
            cubes = conjunction([*permitted, *world.retyped(self.cell.parts).pairs])
        except Undetermined:
            return [EVERYTHING]
        found = {tuple(_lasting(each).items()): None for each in cubes}
        return [Cube(dict(each)) for each in found]

    def _ended(self, keeping: tuple[RulePart, ...], pinned: list[Cube]) -> dict[str, Any] | None:
        """A state in which one allow ends its lease and others keep theirs."""
        cell, world = self.cell, self.cell.world
        return world.search(
            cell.here,
            conjunction(
                [
                    world.parts.ends(self.ending.rule, self.kind),  # type: ignore[arg-type]
                    pinned,
                    *world.retyped(cell.parts).pairs,
                ]
            ),
            [world.judged(self.ending, partial(has_ended, ending=self.kind))],
            [world.no_end(each.rule) for each in keeping],  # type: ignore[arg-type]
        )

    def _is_kept(self, keeping: tuple[RulePart, ...], later: dict[str, Any]) -> bool:
        world = self.cell.world
        call = Call(world.policy, later)
        return world.judged(self.ending, partial(has_ended, ending=self.kind))(call) and not any(
            world.judged(each, has_ended)(call) for each in keeping
        )


def _lasts(key: CubeKey) -> bool:
    return key.root in LASTING or (key.root, key.path) == ("resource", ("id",))


def _lasting(cube: Cube) -> dict[CubeKey, Values]:
    """What a cube says of what stays, and that no time before its first comes."""
    found = {key: value for key, value in cube.values.items() if _lasts(key) and not key.aged}
    now = cube.values.get(NOW_KEY)
    if now is None or now.absent or now.malformed:
        return found
    if isinstance(now.body, Intervals) and now.body.spans:
        found[NOW_KEY] = _from(now.body.spans[0][0])
    return found


def _from(start: float) -> Values:
    return Values(True, True, Intervals("time", ((start, EDGES["time"][-1][1]),)))


def _as_issued(cell: Cell, call: Call, parts: tuple[RulePart, ...]) -> list[Cube]:
    """What a lease was issued for, as far as its allows end by it."""
    world = cell.world
    values: dict[CubeKey, Values] = {}
    for part in parts:
        for condition in conditions_of_rule(part.rule):
            for attribute, _ in attributes(condition):
                key = key_of(attribute)
                if not _lasts(key) or isinstance(attribute.type, ir.ListType | ir.RecordType):
                    continue
                side = next(iter(part.of))
                value = world.calls_of(call)[side].read_attribute(attribute)
                is_there = value is not ABSENT and value is not MALFORMED
                body: Body | None = None
                if (
                    is_there and attribute.type == ir.JSON
                ):  # all that is read of it is that it is there
                    body = body_of(attribute.type, world.policy)
                elif is_there:
                    body = one_of((value,), attribute.type, world.policy)
                values[key] = Values(value is ABSENT, value is MALFORMED, body)
    if call.now is not None:
        values[NOW_KEY] = _from(call.now)
    return world.parts.told(Cube(values))


def _with_what_lasts(later: dict[str, Any], first: dict[str, Any]) -> dict[str, Any]:
    """A later state as one of the call that a lease was issued for."""
    found = copy.deepcopy(later)
    found["action"] = copy.deepcopy(first["action"])
    found["resource"]["id"] = first["resource"]["id"]
    state = found.get("context", {}).get("task", {}).get("state", "active")
    context = found.setdefault("context", {})
    context["task"] = {**first["context"]["task"], "state": state}
    return found
