"""Whether other rules leave nothing of a rule, found cheaply first: by whom, why and what they name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .. import ir
from ..diagnostics import Diagnostic, Label
from ..interpreter import Call, allow_applies, forbid_applies, missing
from .cubes import Cube
from .possible import surely_possible
from .world import Avoid, Scope, World, bits, split


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
    return not surely_possible(region.cubes) and some(world, region) is None


def covers(world: World, region: Region, avoid: Sequence[Avoid]) -> bool:
    """Whether some of what must be avoided happens in every request of a region."""
    return (
        names_all(region.scope, avoid)
        and not surely_possible(region.cubes, avoid)
        and some(world, region, avoid) is None
    )


def names_all(scope: Scope, avoid: Sequence[Avoid]) -> bool:
    """Whether for every agent, intent and capability of a scope something names them."""
    for number in bits(scope.capabilities):
        here = [each for each in avoid if each.scope.capabilities >> number & 1]
        if not here:
            return False
        left = [(scope.agents, scope.intents, list[Avoid]())]
        for each in here:
            left = [part for block in left for part in split(block, each) if not part[2]]
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


R = TypeVar("R", bound=ir.Allow | ir.Forbid)


@dataclass(frozen=True, slots=True)
class Covered(Generic[R]):
    """A rule of which others leave nothing: its equals, itself first, and the fewest that cover them.

    Without others, equals explain it by themselves.
    """

    equals: tuple[R, ...]
    others: tuple[R, ...]


def covered(
    world: World,
    rule: R,
    near: Sequence[R],
    region: Callable[[R], Region],
    avoid: Callable[[R], Avoid],
    may_replace: Callable[[R, R], bool],
) -> Covered[R] | None:
    """What leaves nothing of a rule, once for rules that are equal: for the first of them by place.

    `may_replace` says whether the first rule could stand in for the second, but for its region.
    Raises `Undetermined`.
    """
    able = [other for other in near if may_replace(other, rule)]
    avoids = {other.id: avoid(other) for other in able}
    mine = region(rule)
    if not covers(world, mine, list(avoids.values())) or is_empty(world, mine):
        return None
    equals: list[R] = [
        other
        for other in able
        if may_replace(rule, other)
        and covers(world, region(other), [avoid(rule)])
        and covers(world, mine, [avoids[other.id]])
    ]
    if any(other.span < rule.span for other in equals):
        return None
    rest = [other for other in able if other not in equals]
    found: list[Avoid] = []
    if covers(world, mine, [avoids[other.id] for other in rest]):
        found = fewest(world, mine, [avoids[other.id] for other in rest])
    return Covered(
        tuple(sorted([rule, *equals], key=lambda each: each.span)),
        tuple(other for other in rest if avoids[other.id] in found),
    )


def describe(found: Covered[Any], kind: str, code: str) -> Diagnostic:
    """Say which rules cover another, or mean the same."""
    first, twins = found.equals[0], found.equals[1:]
    same = [Label(each.span, "the same again") for each in twins]
    others = [Label(each.span, "covers it") for each in found.others]
    if len(others) > 1:
        others = [Label(each.span, "covers a part of it") for each in found.others]
    if not others:
        message = f"{kind} `{twins[0].id}` says what `{first.id}` says"
        return Diagnostic(
            code, message, (*same, Label(first.span, "said here")), f"keep one {kind} of them"
        )
    names = " and ".join(f"`{each.id}`" for each in found.others[:3])
    if len(found.others) > 3:
        names = f"{len(found.others)} others together"
    return Diagnostic(
        code,
        f"{kind} `{first.id}` changes nothing, since {names} "
        f"{'cover it' if len(found.others) > 1 else 'covers it'}",
        (Label(first.span, "covered"), *same, *others),
        f"remove the {kind}, or narrow what covers it",
    )
