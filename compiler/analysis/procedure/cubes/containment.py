"""Whether cubes lie in others, as far as can be seen attribute by attribute.

A yes is a proof. A no only means that it is not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import chain
from operator import or_

from ....structs import Struct
from ..domains.texts import Texts
from ..domains.values import Body, Finite, Intervals, OrNothing, Values, intervals
from .cube import Cube, CubeKey


def lie_in(cubes: Sequence[Cube], others: Sequence[Cube]) -> bool:
    """Whether each of some cubes is seen to lie in one of others. No only means that it is not seen."""
    return all(any(lies_in(each, other) for other in others) for each in cubes)


def lies_in(cube: Cube, other: Cube) -> bool:
    """Whether a cube is seen to lie in another."""
    return other.relations <= cube.relations and _values_lie_in(cube.values, other.values)


def _values_lie_in(some: Mapping[CubeKey, Values], others: Mapping[CubeKey, Values]) -> bool:
    for key, theirs in others.items():
        mine = some.get(key)
        if mine is None or mine.absent > theirs.absent or mine.malformed > theirs.malformed:
            return False
        if not _is_in(mine.body, theirs.body):
            return False
    return True


def _is_in(few: Body | None, many: Body | None) -> bool:
    match few, many:
        case None, _:
            return True
        case Finite(), Finite():
            return not few.mask & ~many.mask
        case Intervals(), Intervals():
            return few & many == few
        case Texts(), Texts():
            return many.inside <= few.inside and many.outside <= few.outside
        case OrNothing(), OrNothing():
            return few.nothing <= many.nothing and _is_in(few.values, many.values)
        case _:
            return few == many


class Outline(Struct):
    """What can be said of all of some cubes together."""

    values: dict[CubeKey, Values]
    """Of attributes that each of the cubes limits: all that one of them lets it be."""
    unlike: frozenset[CubeKey]
    """Those for which that is no set of one form."""


def outline(cubes: Sequence[Cube]) -> Outline | None:
    """The outline of some cubes; None if there are none."""
    if not cubes:
        return None
    shared = [key for key in cubes[0].values if all(key in each.values for each in cubes)]
    joined = {key: _joined([each.values[key] for each in cubes]) for key in shared}
    values = {key: found for key, found in joined.items() if found is not None}
    return Outline(values, frozenset(joined) - frozenset(values))


def may_lie_in(mine: Outline | None, theirs: Outline | None) -> bool:
    """Whether `lie_in` may say yes of cubes with these outlines: if not, it says no."""
    if mine is None or theirs is None:
        return True
    told = {key: each for key, each in theirs.values.items() if key not in mine.unlike}
    return _values_lie_in(mine.values, told)


def _joined(values: Sequence[Values]) -> Values | None:
    """All that one of several lets an attribute be; None where that is no set of one form."""
    absent, malformed = any(each.absent for each in values), any(each.malformed for each in values)
    bodies = list(dict.fromkeys(each.body for each in values if each.body is not None))
    match bodies:
        case []:
            return Values(absent, malformed, None)
        case [Finite(_, size), *_]:
            masks = [each.mask for each in bodies if isinstance(each, Finite) and each.size == size]
            if len(masks) == len(bodies):
                return Values(absent, malformed, Finite(reduce(or_, masks), size))
        case [Intervals(kind, _), *_]:  # also of one: in both outlines, spans that touch are joined
            spans = [
                each.spans for each in bodies if isinstance(each, Intervals) and each.kind == kind
            ]
            if len(spans) == len(bodies):
                return Values(absent, malformed, intervals(kind, chain.from_iterable(spans)))
        case [only]:
            return Values(absent, malformed, only)
        case _:
            pass
    return None
