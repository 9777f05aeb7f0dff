"""Whether other rules leave nothing of a rule, found cheaply first: by whom, why and what they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from typing import Any, Generic, TypeVar

from ....ir import nodes as ir
from ....meaning.interpreter import forbid_applies, forbid_closes
from ....meaning.request import Call
from ....report.diagnostics import Diagnostic, Label
from ....structs import Struct, field
from ..calls.scope import Scope, bits
from ..cubes.cube import Cube, CubeKey
from ..domains.values import (
    Intervals,
    Kind,
    Values,
    intervals,
)
from ..proofs.existence import surely_possible
from ..search.avoid import Avoid, permits
from ..search.ways_to_match import Block, split
from ..verdict import Undetermined
from ..world import World

MAX_ALONE = 100  # of what covers a region, to be tried by themselves
MAX_CORNERS = 32  # of a region, to be looked at
MAX_NUMBERS = 3  # of a cube that has corners
FEW_MET = 20  # at a corner
MAX_TOGETHER = 20  # that cover a region together, to find out which are needed
MOST = 8  # places of one kind that a message points at


R = TypeVar("R", ir.Allow, ir.Forbid)


class Region(Struct):
    """Requests: those in a scope, in one of some cubes, for which the interpreter agrees."""

    scope: Scope
    cubes: list[Cube]
    holds: Callable[[Call], bool]


def permitted(world: World, allow: ir.Allow) -> Region:
    """The requests that an allow permits, if no forbid applies."""
    return Region(
        world.rules.scope(allow),
        world.rules.permits(allow),
        lambda call: permits(allow, call),
    )


def forbidden(world: World, forbid: ir.Forbid) -> Region:
    """The requests to which a forbid applies."""
    return Region(
        world.rules.scope(forbid),
        world.rules.forbids(forbid),
        lambda call: forbid_applies(forbid, call),
    )


def closed(world: World, forbid: ir.Forbid) -> Region:
    """The requests to which a forbid applies, or would without the evidence that lifts it."""
    return Region(
        world.rules.scope(forbid),
        world.rules.closed(forbid),
        lambda call: forbid_closes(forbid, call),
    )


def some(
    world: World, region: Region, avoid: Sequence[Avoid] = (), *, shown: bool = False
) -> dict[str, Any] | None:
    """A request of a region that does nothing of what it must avoid; None if there is none."""
    return world.find(region.scope, region.cubes, region.holds, avoid, shown=shown)


def is_empty(world: World, region: Region) -> bool:
    """Whether a region has no request. Raises `Undetermined`."""
    return not surely_possible(region.cubes, effort=world.effort) and some(world, region) is None


def covers(world: World, region: Region, avoid: Sequence[Avoid]) -> bool:
    """Whether some of what must be avoided happens in every request of a region."""
    return (
        names_all(region.scope, avoid)
        and not surely_possible(region.cubes, avoid, world.effort)
        and some(world, region, avoid) is None
    )


def names_all(scope: Scope, avoid: Sequence[Avoid]) -> bool:
    """Whether for every agent, intent and capability of a scope something names them."""
    scopes = dict.fromkeys(each.scope for each in avoid)
    for number in bits(scope.capabilities):
        left: list[Block] = [(scope.agents, scope.intents, [])]
        for each in scopes:
            if each.capabilities >> number & 1:
                parts = (part for block in left for part in split(block, each, ()))
                left = [part for part in parts if part[0] & ~each.agents or part[1] & ~each.intents]
        if left:
            return False
    return True


Near = Callable[[R, list[Cube], int | None], Iterator[R]]
"""The other rules of a kind that some requests of a rule may meet, unless they are too many."""


def stands_out(
    world: World,
    cubes: Sequence[Cube],
    meeting: Callable[[list[Cube]], list[Avoid]],
) -> bool:
    """Whether some requests of a rule are surely out of reach of all others: in a cube or its corner.

    `meeting` gives what may happen to requests in some cubes. No only means that it is not seen.
    """
    for each in islice((corner for cube in cubes for corner in corners(cube)), MAX_CORNERS):
        try:
            met = meeting([each])
        except Undetermined:  # too many
            continue
        if surely_possible([each], met, world.effort):
            return True
    return False


def corners(cube: Cube) -> Iterator[Cube]:
    """A cube, and where each number in it is the lowest or the highest that it may be."""
    yield cube
    numbers = {
        key: values.body.spans
        for key, values in cube.values.items()
        if isinstance(values.body, Intervals) and values.body.spans and not key.aged
    }
    if not 0 < len(numbers) <= MAX_NUMBERS:
        return
    for ends in product(*((spans[-1][1], spans[0][0]) for spans in numbers.values())):
        at = {
            key: Values(False, False, intervals(_kind(cube, key), ((end, end),)))
            for key, end in zip(numbers, ends, strict=True)
        }
        yield Cube({**cube.values, **at}, cube.relations)


def _kind(cube: Cube, key: CubeKey) -> Kind:
    body = cube.values[key].body
    assert isinstance(body, Intervals)
    return body.kind


class Coverers(Struct, frozen=False):
    """The search for what covers a region: a request that one leaves is tried first on the next."""

    world: World
    region: Region
    left: list[Call] = field(default_factory=list)
    """Requests of the region that something left, the latest first."""

    def one_covers(self, one: Avoid) -> bool:
        """Whether one covers the region by itself. Raises `Undetermined`."""
        self.world.effort.spend(1)
        return all(map(one.happens, self.left)) and self._leave([one]) is None

    def fewest(self, avoid: list[Avoid]) -> list[Avoid]:
        """Of what covers the region: one that does so alone, or some of which none can be left out.

        Where that takes long, or is undetermined, some could be left out.
        """
        if len(avoid) == 1:
            return avoid
        try:
            for each in avoid[:MAX_ALONE]:
                if self.one_covers(each):
                    return [each]
            kept = self._enough(avoid)
            for each in kept:
                fewer = [other for other in kept if other is not each]
                if self._leave(fewer) is None:
                    kept = fewer
            return kept
        except Undetermined:
            return avoid

    def _enough(self, avoid: list[Avoid]) -> list[Avoid]:
        """Some that cover the region together: of what meets a request that is left, the first."""
        found: list[Avoid] = []
        while (call := self._leave(found)) is not None:
            if len(found) == MAX_TOGETHER:
                raise Undetermined("many cover it together")
            found.append(next(each for each in avoid if each.happens(call)))
        return found

    def _leave(self, avoid: Sequence[Avoid]) -> Call | None:
        """A request of the region that some leave, if there is one."""
        request = some(self.world, self.region, avoid)
        if request is None:
            return None
        call = Call.read(self.world.policy, request)
        assert call is not None
        self.left.insert(0, call)
        return call


def fewest(world: World, region: Region, avoid: list[Avoid]) -> list[Avoid]:
    """Of what covers a region the fewest that do, as `Coverers.fewest` has it."""
    return Coverers(world, region).fewest(avoid)


class CoveredRule(Struct, Generic[R]):
    """A rule of which others leave nothing: its equals, itself first, and the fewest that cover them.

    Without others, equals explain it by themselves.
    """

    equals: tuple[R, ...]
    others: tuple[R, ...]


def covered(
    world: World,
    rule: R,
    near: Near[R],
    region: Callable[[R], Region],
    avoid: Callable[[R], Avoid],
    may_replace: Callable[[R, R], bool],
) -> CoveredRule[R] | None:
    """What leaves nothing of a rule, once for rules that are equal: for the first of them by place.

    `may_replace` says whether the first rule could stand in for the second, but for its region.
    Raises `Undetermined`.
    """
    twins = world.twins.of(rule)
    if twins[0] is not rule:
        return None
    mine = region(rule)

    def able_at(cubes: list[Cube], most: int | None = None) -> Iterator[R]:
        met = world.twins.firsts(near(rule, cubes, most))
        return (other for other in met if may_replace(other, rule))

    more = able_at(mine.cubes)
    able = list(islice(more, MAX_ALONE + 1))
    is_covered = bool(able) and not stands_out(
        world, mine.cubes, lambda at: list(map(avoid, able_at(at, FEW_MET)))
    )
    if is_covered and len(able) > MAX_ALONE:
        holder = _holder(world, rule, mine, able_at, region)
        if holder is not None:
            return None if is_empty(world, mine) else CoveredRule(tuple(twins), (holder,))
        able += more
    is_covered = is_covered and covers(world, mine, [avoid(other) for other in able])
    if (not is_covered and len(twins) == 1) or is_empty(world, mine):
        return None
    search = Coverers(world, mine)
    equals: list[R] = []
    for other in able if is_covered else ():
        if (
            may_replace(rule, other)
            and _may_cover(world, rule, other, region, avoid)
            and search.one_covers(avoid(other))
            and covers(world, region(other), [avoid(rule)])
        ):
            if other.span < rule.span:
                return None
            equals.append(other)
    rest = [other for other in able if other not in equals]
    found: list[Avoid] = []
    if is_covered and (not equals or covers(world, mine, [avoid(other) for other in rest])):
        found = search.fewest([avoid(other) for other in rest])
    alike = list(twins)
    for each in equals:
        alike += world.twins.of(each)
    return CoveredRule(
        tuple(sorted(alike, key=lambda each: each.span)),
        tuple(other for other in rest if avoid(other) in found),
    )


def _holder(
    world: World,
    rule: R,
    mine: Region,
    able_at: Callable[[list[Cube]], Iterator[R]],
    region: Callable[[R], Region],
) -> R | None:
    """The first of many rules that is seen to hold all of a rule, and is not held by it."""
    from ..cubes.containment import lie_in, may_lie_in, outline  # which few policies need

    scope, outlined = world.rules.scope(rule), outline(mine.cubes)
    for other in able_at([next(islice(corners(cube), 1, None), cube) for cube in mine.cubes[:1]]):
        world.effort.count(1)
        theirs = region(other)
        if other.id not in world.outlines:
            world.outlines[other.id] = outline(theirs.cubes)
        if (
            scope & theirs.scope == scope
            and may_lie_in(outlined, world.outlines[other.id])
            and lie_in(mine.cubes, theirs.cubes)
        ):
            is_held = scope == theirs.scope and lie_in(theirs.cubes, mine.cubes)
            return None if is_held else other
    return None


def _may_cover(
    world: World,
    rule: R,
    other: R,
    region: Callable[[R], Region],
    avoid: Callable[[R], Avoid],
) -> bool:
    """Whether a rule meets one request of another; if not, it does not cover it."""
    world.effort.spend(1)
    if other.id not in world.samples:
        request = some(world, region(other))
        world.samples[other.id] = None if request is None else Call.read(world.policy, request)
    sample = world.samples[other.id]
    return sample is None or avoid(rule).happens(sample)


def describe(found: CoveredRule[Any], kind: str, code: str) -> Diagnostic:
    """Say which rules cover another, or mean the same."""
    first, twins = found.equals[0], found.equals[1:]
    same = [Label(each.span, "the same again") for each in twins[:MOST]]
    text = "covers it" if len(found.others) == 1 else "covers a part of it"
    others = [Label(each.span, text) for each in found.others[:MOST]]
    more = len(twins) + len(found.others) - len(same) - len(others)
    notes = (f"and {more} more",) if more else ()
    if not others:
        message = f"{kind} `{twins[0].id}` says what `{first.id}` says"
        labels = (*same, Label(first.span, "said here"))
        return Diagnostic(code, message, labels, f"keep one {kind} of them", notes)
    names = " and ".join(f"`{each.id}`" for each in found.others[:3])
    if len(found.others) > 3:
        names = f"{len(found.others)} others together"
    return Diagnostic(
        code,
        f"{kind} `{first.id}` changes nothing, since {names} "
        f"{'cover it' if len(found.others) > 1 else 'covers it'}",
        (Label(first.span, "covered"), *same, *others),
        f"remove the {kind}, or narrow what covers it",
        notes,
    )
