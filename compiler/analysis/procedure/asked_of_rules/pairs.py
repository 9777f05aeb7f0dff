"""Two requests that are both permitted and share something: the resource, or the whole call.

What is shared is first narrowed to what both sides allow, which may prove that there is no pair. Then
one side is found, and the other is sought with the shared values of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

from ....ir import nodes as ir
from ....ir.roots import ROOTS
from ....meaning.request import ABSENT, MALFORMED, Call
from ....structs import Struct
from ..calls.scope import Scope, bits
from ..cubes.cube import NOW_KEY, Cube, CubeKey, What, clock_of, conjunction, read_by
from ..domains.values import (
    EDGES,
    Finite,
    Intervals,
    Lists,
    Values,
    intervals,
    one_of,
)
from ..search.avoid import Avoid, permits
from ..search.copied import copied
from ..search.ways_to_match import split
from ..verdict import Doubts, Undetermined
from ..world import World

PAIR_STEPS = 500  # of the searches for one pair, beside what they count: each begins anew


Pair: TypeAlias = tuple[dict[str, Any], dict[str, Any]]


class Side(Struct):
    """One of the two requests: where to look, in which cubes, and what it must not do."""

    scope: Scope
    cubes: Sequence[Cube]
    holds: Callable[[Call], bool]
    avoid: Sequence[Avoid]


def side_of(world: World, allow: ir.Allow, scope: Scope) -> Side:
    """The requests in a scope that an allow permits."""
    return Side(
        world.rules.scope(allow) & scope,
        world.rules.permits(allow),
        lambda call: permits(allow, call),
        world.denials(allow),
    )


def find_pair(world: World, left: Side, right: Side, shared: tuple[str, ...]) -> Pair | None:
    """Give two requests that agree in the shared roots, or None if there are provably none.

    Raises `Undetermined`.
    """
    try:
        return _find(world, left, right, shared)
    except Undetermined:
        if not left.avoid and not right.avoid:
            raise
        if (left.scope.agents | right.scope.agents) & world.universe.unseen:
            raise  # it is not known what they have to avoid
    # What one side has to avoid may be about what is shared: it narrows the other side as well.
    others = list(spared_parts(right))
    return _first(
        partial(_find, world, one, other, shared) for one in spared_parts(left) for other in others
    )


def spared_parts(side: Side) -> Iterator[Side]:
    """A side in parts, in each of which what has to be avoided is avoided by the cubes themselves."""
    for number in bits(side.scope.capabilities):
        here = [each for each in side.avoid if each.scope.capabilities >> number & 1]
        blocks = [(side.scope.agents, side.scope.intents, list[Avoid]())]
        for each in here:
            blocks = [part for block in blocks for part in split(block, each.scope, (each,))]
        for agents, intents, relevant in blocks:
            cubes = conjunction([list(side.cubes), *(each.escapes() for each in relevant)])
            yield Side(Scope(agents, intents, 1 << number), cubes, side.holds, relevant)


def _find(world: World, left: Side, right: Side, shared: tuple[str, ...]) -> Pair | None:
    narrow = (
        (narrowed(one, other, shared), narrowed(other, one, shared))
        for one in left.cubes
        for other in right.cubes
    )
    return _first(
        partial(_search, world, left, mine, right, theirs, shared)
        for mine, theirs in narrow
        if mine is not None and theirs is not None
    )


def _first(attempts: Iterable[Callable[[], Pair | None]]) -> Pair | None:
    """Give the first pair that an attempt finds; a doubt about another attempt does not matter then."""
    doubts = Doubts()
    for attempt in attempts:
        with doubts:
            found = attempt()
            if found is not None:
                return found
    doubts.settle()
    return None


def narrowed(cube: Cube, other: Cube, shared: tuple[str, ...]) -> Cube | None:
    """A cube with what another asks of the shared roots alone, and of no age: each has its own clock.

    Of a time whose age is asked for, the other's clock leaves as much as it can be.
    """
    values = {key: v for key, v in other.values.items() if key.root in shared and not key.aged}
    relations = (each for each in other.relations if _is_about(each[0], shared))
    both = cube & Cube(values, frozenset(relations))
    for key, age in other.values.items():
        if both is not None and key.aged and key.root in shared and not age.absent:
            both &= Cube({clock_of(key)[1]: times_of(other, key)})
    return both


def _is_about(what: What, shared: tuple[str, ...]) -> bool:
    """Whether a relation reads nothing but shared roots, so that both requests have it alike."""
    if isinstance(what, ir.Window | ir.Requirement):
        return False
    return all(attribute.root in shared for attribute in read_by(what))


def times_of(cube: Cube, aged: CubeKey) -> Values:
    """The times at which something may have been, for its age to be as asked; of `now` its first to last."""
    now, age = cube.values.get(NOW_KEY), cube.values[aged]
    whole = Intervals("time", EDGES["time"])
    moments = whole if now is None else now.body
    if not (isinstance(moments, Intervals) and moments.spans and isinstance(age.body, Intervals)):
        return Values(False, False, None)
    first, *_, last = (*moments.spans, *moments.spans)
    spans = ((first[0] - most, last[1] - least) for least, most in age.body.spans)
    return Values(False, False, intervals("time", spans))


def _search(
    world: World, left: Side, mine: Cube, right: Side, theirs: Cube, shared: tuple[str, ...]
) -> Pair | None:
    keys = {key for key in (*mine.values, *theirs.values) if key.root in shared and not key.aged}
    world.effort.begin()
    world.effort.spend(PAIR_STEPS)
    first = world.find(left.scope, [mine], left.holds, left.avoid)
    if first is None:
        return None
    second = _same(world, first, right, theirs, keys, shared)
    if second is not None:
        return first, second
    swapped = world.find(right.scope, [theirs], right.holds, right.avoid)
    if swapped is None:
        return None
    again = _same(world, swapped, left, mine, keys, shared)
    if again is None:
        raise Undetermined("each of the two is possible, and no pair was found")
    return again, swapped


def _same(
    world: World,
    first: dict[str, Any],
    side: Side,
    cube: Cube,
    keys: Iterable[CubeKey],
    shared: tuple[str, ...],
) -> dict[str, Any] | None:
    """A request of a side that carries what another one carries in the shared roots."""
    call = Call.read(world.policy, first)
    assert call is not None
    fixed = cube & Cube({key: exactly(key, call, world.policy) for key in keys})
    if fixed is None:
        return None

    def carried(request: dict[str, Any]) -> dict[str, Any]:
        other: dict[str, Any] = copied(request)
        for root in shared:
            part = ROOTS[root].place[0]
            other[part] = {**other[part], "properties": first[part]["properties"]}
        if "resource" in shared:
            other["resource"] = {**first["resource"]}
        return other

    def holds(call: Call) -> bool:
        other = Call.read(world.policy, carried(call.request))
        return (
            other is not None
            and side.holds(other)
            and not any(each.happens(other) for each in side.avoid)
        )

    try:
        found = world.find(side.scope, [fixed], holds, side.avoid)
    except Undetermined:
        return None
    return None if found is None else carried(found)


def exactly(key: CubeKey, call: Call, policy: ir.Policy) -> Values:
    """The one value that a request gives an attribute; a list as the set of its elements."""
    attribute = ir.Attribute(key.root, key.path, key.type, of=key.of)  # type: ignore[arg-type]
    value = call.read_attribute(attribute)
    if value is ABSENT or value is MALFORMED:
        return Values(value is ABSENT, value is MALFORMED, None)
    if isinstance(key.type, ir.RecordType) or key.type == ir.JSON:
        return Values(False, False, Finite(1, 1))
    if isinstance(key.type, ir.ListType):
        of = key.type.of
        elements = one_of(value, of, policy)
        ones = tuple(one_of((each,), of, policy) for each in value)
        return Values(False, False, Lists(elements, tuple(dict.fromkeys(ones))))
    return Values(False, False, one_of((value,), key.type, policy))
