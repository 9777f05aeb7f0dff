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
from ...ir.walk import attributes
from ...meaning.request import ABSENT, MALFORMED, Call
from ..procedure.calls.agents_of_conditions import conditions_of_rules
from ..procedure.cubes.cube import NOW_KEY, Cube, Key, conjunction, key_of
from ..procedure.domains.values import EDGES, Intervals, Values, one_of
from ..procedure.search.avoid import permits
from ..procedure.verdict import Undetermined
from .joint_rules import Ending
from .joint_world import has_ended
from .openings import Cell, Open, Opening, own
from .sides import OTHER, RulePart, Side

LASTING = ("args", "task")
"""The roots that a lease was issued for, and that stay."""


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
    others = [each for each in cell.allows(OTHER[side]) if each.rule.credential is not None]  # type: ignore[union-attr]
    for part in cell.allows(side):
        if part.rule.credential is None:  # type: ignore[union-attr]
            continue
        cause = (*own(part), ending)
        for rival in sorted(others, key=lambda each: each is not ending):
            try:
                found = _pair(cell, side, ending, part, rival, kind)
            except Undetermined as undetermined:
                cell.open.append(Open(kind, side, cause, str(undetermined)))
                continue
            if found is not None:
                yield Opening(kind, side, cause, *found)
                return


def _pair(
    cell: Cell, side: Side, ending: RulePart, part: RulePart, rival: RulePart, kind: Ending
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A request that both permit with a credential, and a state in which one has ended it."""
    world = cell.world
    if _later(cell, ending, [part], kind, []) is None:
        return None  # whatever the request was, this allow ends no later than the other
    avoided: list[RulePart] = []
    issued_by = dict.fromkeys((ending, rival))
    while True:
        first = world.search(
            cell.here,
            conjunction(
                [
                    *(world.parts.permits(each.rule) for each in (part, *issued_by)),  # type: ignore[arg-type]
                    *world.as_both_read(cell.parts),
                ]
            ),
            [cell.permitting(part), *(cell.permitting(each) for each in issued_by)],
            [
                *cell.no_forbids(side, OTHER[side]),
                *(world.no_permit(each.rule) for each in avoided),  # type: ignore[arg-type]
            ],
        )
        if first is None:
            if avoided:
                raise Undetermined("several allows permit at once, and end in different states")
            return None
        call = Call(world.policy, first)
        keeping = [each for each in cell.allows(side) if world.judged(each, permits)(call)]
        later = _later(cell, ending, keeping, kind, [_as_issued(cell, call, (ending, *keeping))])
        if later is not None:
            merged = _with_what_lasts(later, first)
            if _is_kept(cell, ending, keeping, kind, merged):
                return first, merged
            raise Undetermined("the state that was found is not one of the same lease")
        if avoided:
            raise Undetermined("no later state was found for the requests that were tried")
        avoided = [each for each in keeping if each is not part]
        if not avoided:
            raise Undetermined("no later state was found for the request that was tried")


def _later(
    cell: Cell, ending: RulePart, keeping: list[RulePart], kind: Ending, pinned: list[Cube]
) -> dict[str, Any] | None:
    """A state in which one allow ends its lease and others keep theirs."""
    world = cell.world
    unions = [
        world.parts.ends(ending.rule, kind),  # type: ignore[arg-type]
        *([each] for each in pinned),
        *world.as_both_read(cell.parts),
    ]
    return world.search(
        cell.here,
        conjunction(unions),
        [world.judged(ending, partial(has_ended, ending=kind))],
        [world.no_end(each.rule) for each in keeping],  # type: ignore[arg-type]
    )


def _as_issued(cell: Cell, call: Call, parts: tuple[RulePart, ...]) -> Cube:
    """What a lease was issued for, as far as its allows end by it."""
    world = cell.world
    values: dict[Key, Values] = {}
    for part in parts:
        for condition in conditions_of_rules((part.rule,)):
            for attribute, _ in attributes(condition):
                if attribute.root not in LASTING or isinstance(
                    attribute.type, ir.ListType | ir.RecordType
                ):
                    continue
                side = next(iter(part.of))
                value = world.calls_of(call)[side].read_attribute(attribute)
                values[key_of(attribute)] = Values(
                    value is ABSENT,
                    value is MALFORMED,
                    None
                    if value is ABSENT or value is MALFORMED
                    else one_of((value,), attribute.type, world.policy),
                )
    if call.now is not None:
        span = (call.now, EDGES["time"][-1][1])
        values[NOW_KEY] = Values(True, True, Intervals("time", (span,)))
    return Cube(values)


def _with_what_lasts(later: dict[str, Any], first: dict[str, Any]) -> dict[str, Any]:
    """A later state as one of the call that a lease was issued for."""
    found = copy.deepcopy(later)
    found["action"] = copy.deepcopy(first["action"])
    found["resource"]["id"] = first["resource"]["id"]
    state = found.get("context", {}).get("task", {}).get("state", "active")
    context = found.setdefault("context", {})
    context["task"] = {**first["context"]["task"], "state": state}
    return found


def _is_kept(
    cell: Cell, ending: RulePart, keeping: list[RulePart], kind: Ending, later: dict[str, Any]
) -> bool:
    world = cell.world
    call = Call(world.policy, later)
    return world.judged(ending, partial(has_ended, ending=kind))(call) and not any(
        world.judged(each, has_ended)(call) for each in keeping
    )
