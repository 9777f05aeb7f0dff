"""Whether cubes lie in others, as far as can be seen attribute by attribute.

A yes is a proof. A no only means that it is not seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..domains.texts import Texts
from ..domains.values import Body, Finite, Intervals, OrNothing
from .cube import Cube


def lie_in(cubes: Sequence[Cube], others: Sequence[Cube]) -> bool:
    """Whether each of some cubes is seen to lie in one of others. No only means that it is not seen."""
    return all(any(lies_in(each, other) for other in others) for each in cubes)


def lies_in(cube: Cube, other: Cube) -> bool:
    """Whether a cube is seen to lie in another."""
    if not other.relations <= cube.relations:
        return False
    for key, theirs in other.values.items():
        mine = cube.values.get(key)
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
