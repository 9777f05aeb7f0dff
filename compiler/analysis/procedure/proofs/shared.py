"""Quick proofs that two allows permit one and the same call: most pairs are seen without a search.

A yes is a proof. A no only means that it takes a search to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ....ir import nodes as ir
from ..cubes.cube import Cube, CubeKey, Relation, What, key_of, read_by
from ..domains.values import (
    Body,
    Finite,
    Lists,
    Values,
    everything,
)
from .existence import is_possible


def surely_shared(left: Sequence[Cube], right: Sequence[Cube], shared: tuple[str, ...]) -> bool:
    """Whether two requests surely exist that agree in the shared roots; of loosened cubes."""
    return any(_agree(one, other, shared) for one in left for other in right)


def loosened(cubes: Iterable[Cube], shared: tuple[str, ...]) -> list[Cube]:
    """The cubes of which a quick proof can be made, without the ties that bind nothing shared.

    An attribute of one's own that may be anything can be made equal to whatever is shared.
    """
    found = []
    for cube in cubes:
        kept = frozenset(each for each in cube.relations if not _is_free(each, cube, shared))
        loose = Cube(cube.values, kept)
        if not _binds(loose, shared) and is_possible(loose):
            found.append(loose)
    return found


def _agree(one: Cube, other: Cube, shared: tuple[str, ...]) -> bool:
    both: Cube | None = Cube(_of(one, shared)) & Cube(_of(other, shared))
    return both is not None and is_possible(both)


def _of(cube: Cube, shared: tuple[str, ...]) -> dict[CubeKey, Values]:
    return {key: values for key, values in cube.values.items() if key.root in shared}


def _is_free(relation: Relation, cube: Cube, shared: tuple[str, ...]) -> bool:
    """Whether a relation asks nothing of what is shared: `mine == theirs`, where mine is free."""
    match relation:
        case (ir.Compare("==", ir.Attribute() as left, ir.Attribute() as right), truth):
            own = [key for key in (key_of(left), key_of(right)) if key.root not in shared]
            return (
                len(own) == 1 and len(own[0].path) == 1 and _takes_all(own[0], cube, truth is True)
            )
        case _:
            pass
    return False


def _takes_all(key: CubeKey, cube: Cube, equal: bool) -> bool:
    """Whether an attribute may be equal, or unequal, to any value, and stands in one relation only."""
    if (
        key.path in (("id",), (ir.EACH,))
        or CubeKey(key.root, key.path, key.type, aged=True) in cube.values
    ):
        return False
    body = cube.values[key].body if key in cube.values else None
    if body is None or isinstance(body, Lists) or (not equal and _has_one_value(body)):
        return False
    mentions = sum(key in _keys(what) for what, _ in cube.relations)
    return mentions == 1 and body == everything(body)


def _has_one_value(body: Body) -> bool:
    return isinstance(body, Finite) and body.size == 1


def _keys(what: What) -> tuple[CubeKey, ...]:
    return tuple(map(key_of, read_by(what)))


def _binds(cube: Cube, shared: tuple[str, ...]) -> bool:
    """Whether something still ties what is shared, or its age, to something else."""
    return any(key.aged and key.root in shared for key in cube.values) or any(
        key.root in shared for what, _ in cube.relations for key in _keys(what)
    )
