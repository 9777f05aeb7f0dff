"""Whether other rules leave nothing of a rule, found cheaply first: by whom, why and what they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .. import ir
from ..interpreter import Call, allow_applies, forbid_applies, missing
from ..source import Span
from .cubes import Cube
from .solve import solve
from .verdict import Undetermined
from .world import AGENT_ID, Avoid, Scope, World, bits, split


@dataclass(frozen=True, slots=True)
class Region:
    """Requests: those in a scope, in one of some cubes, for which the interpreter agrees."""

    scope: Scope
    cubes: list[Cube]
    holds: Callable[[Call], bool]


def permitted(world: World, allow: ir.Allow) -> Region:
    """The requests that an allow permits, if no forbid applies."""
    return Region(
        world.scope(allow),
        world.permits(allow),
        lambda call: allow_applies(allow, call) and not missing(allow, call),
    )


def forbidden(world: World, forbid: ir.Forbid) -> Region:
    """The requests to which a forbid applies."""
    return Region(
        world.scope(forbid), world.forbids(forbid), lambda call: forbid_applies(forbid, call)
    )


def some(
    world: World, region: Region, avoid: Sequence[Avoid] = (), *, shown: bool = False
) -> dict[str, Any] | None:
    """A request of a region that does nothing of what it must avoid; None if there is none."""
    return world.find(region.scope, region.cubes, region.holds, avoid, shown=shown)


def is_empty(world: World, region: Region) -> bool:
    """Whether a region has no request. Raises `Undetermined`."""
    for cube in region.cubes:
        if is_plain(cube):
            try:
                if solve(cube, world.policy) is not None:
                    return False
            except Undetermined:
                continue  # another cube may do, or the search below says that none is known to
    return some(world, region) is None


def is_plain(cube: Cube) -> bool:
    """Whether values for its attributes always make a request, whoever the agent is."""
    return not any(isinstance(what, ir.Approval | ir.StepUp) for what, _ in cube.relations) and all(
        len(key.path) < 2 and key != AGENT_ID and not isinstance(key.type, ir.RecordType)
        for key in cube.values
    )


def covers(world: World, region: Region, avoid: Sequence[Avoid]) -> bool:
    """Whether some of what must be avoided happens in every request of a region."""
    return names_all(region.scope, avoid) and some(world, region, avoid) is None


def names_all(scope: Scope, avoid: Sequence[Avoid]) -> bool:
    """Whether for every agent, intent and capability of a scope something names them."""
    for number in bits(scope.capabilities):
        here = [each for each in avoid if each.scope.capabilities >> number & 1]
        if not here:
            return False
        left = [(scope.agents, scope.intents, list[Avoid]())]
        for each in here:
            left = [
                part
                for block in left
                for part in split(block, each)
                if not part[2]
            ]
        if left:
            return False
    return True


def fewest(world: World, region: Region, avoid: list[Avoid]) -> list[Avoid]:
    """Of what covers a region: one that does so alone, or some of which none can be left out."""
    if len(avoid) == 1:
        return avoid
    for each in avoid:
        if covers(world, region, [each]):
            return [each]
    kept = list(avoid)
    for each in avoid:
        fewer = [other for other in kept if other is not each]
        if covers(world, region, fewer):
            kept = fewer
    return kept
