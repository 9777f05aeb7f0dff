"""Whether cubes lie in others, as far as can be seen attribute by attribute.

A yes is a proof. A no only means that it is not seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..domains.texts import Texts
from ..domains.values import Finite, Intervals
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
        match mine.body, theirs.body:
            case None, _:
                pass
            case Finite() as few, Finite() as many:
                if few.mask & ~many.mask:
                    return False
            case Intervals() as few, Intervals() as many:
                if few & many != few:
                    return False
            case Texts() as few, Texts() as many:
                if not (many.inside <= few.inside and many.outside <= few.outside):
                    return False
            case few, many:
                if few != many:
                    return False
    return True
