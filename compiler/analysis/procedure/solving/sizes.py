"""Sizes of lists: a cube says something of a list and of its size by two keys.

They are there, absent or malformed together. A list that has to have an element has one of those that it may have, and
one without elements has none. What else a size asks is left to whoever asks the interpreter of the request that is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .....runtime.values import MAX_INT
from ....ir import nodes as ir
from ....ir.listed import LIST, OPTIONAL, way
from ....structs import changed
from ..cubes.cube import Cube, CubeKey
from ..domains.values import Intervals, Lists, Values, is_empty
from ..verdict import Undetermined

NONE = Intervals("int", ((0, 0),))


def with_sizes_together(cube: Cube) -> Cube:
    """Give a cube in which what is said of the size of a list is said of the list, as far as it is seen."""
    sizes = [(key, of) for key in cube.values if (of := _measured(key)) is not None]
    if not sizes:
        return cube
    values = dict(cube.values)
    for size, of in sizes:
        for key in cube.values:
            if _is(key, of):
                _put_together(values, size, key)
        for key in cube.values:
            if _is(key, of) or _has_as_many(key, of):
                values[key] = _of_size(values[key], values[size])
                if _never_has_any(values[key]):
                    values[size] &= Values(True, True, NONE)
    return Cube(values, cube.relations)


def size_of_as_many(cube: Cube, size: CubeKey, model: Mapping[CubeKey, Any]) -> float | None:
    """A size of as many elements as its list was given, or of more where it has to have more; None if it is that already.

    What fills a list up is any value, of which nobody has asked whether it may be an element.
    """
    of, sizes = _measured(size), cube.values[size].body
    if of is None or not isinstance(sizes, Intervals):
        return None
    given = [model[key] for key in cube.values if _is(key, of) and key in model]
    lengths = [len(each) for each in given if isinstance(each, list)]
    if not lengths or not isinstance(model[size], int) or model[size] == max(lengths):
        return None
    if sizes.contains(max(lengths)):
        return max(lengths)
    if model[size] > max(lengths):
        return None
    enough = sizes & Intervals("int", ((max(lengths), MAX_INT),))
    return next(enough.members(), None)


def _measured(key: CubeKey) -> ir.Attribute | None:
    """The list whose size it is, if it is one."""
    is_size = key.of is not None and not key.aged and not _attribute(key).beyond
    return key.of if is_size else None


def _attribute(key: CubeKey) -> ir.Attribute:
    return ir.Attribute(key.root, key.path, key.type, of=key.of)  # type: ignore[arg-type]


def _is(key: CubeKey, of: ir.Attribute) -> bool:
    """Whether it is a list, or the list of a part of its elements."""
    is_there = not key.aged and (key.root, key.path) == (of.root, of.path)
    return is_there and ir.whole_type(key.type) == of.type


def _has_as_many(key: CubeKey, of: ir.Attribute) -> bool:
    """Whether it is what stands at the end of a path through a list, once for each element."""
    if key.aged or key.of != of or not _attribute(key).beyond:
        return False
    steps = list(way(_attribute(key)))
    return steps.count(LIST) == 1 and not any(each.startswith(OPTIONAL) for each in steps)


def _put_together(values: dict[CubeKey, Values], size: CubeKey, key: CubeKey) -> None:
    both = [values[size], values[key]]
    absent = all(each.absent for each in both)
    malformed = all(each.malformed for each in both)
    is_there = all(each.body is not None for each in both)
    for each in (size, key):
        values[each] = Values(absent, malformed, values[each].body if is_there else None)


def _of_size(values: Values, size: Values) -> Values:
    """What is left of a list that has an element, or none, where its size says so."""
    if size.absent or size.malformed:
        return values
    match values.body, size.body:
        case Lists(every, some), Intervals() as sizes:
            if not sizes.contains(0):
                return changed(values, body=Lists(every, some or (every,)))
            if some and not any(high > 0 for _, high in sizes.spans):
                return changed(values, body=None)
        case _:
            pass
    return values


def _never_has_any(values: Values) -> bool:
    """Whether no value may be an element, as far as it can be told."""
    if not isinstance(values.body, Lists) or values.absent or values.malformed:
        return False
    try:
        return is_empty(values.body.every)
    except Undetermined:
        return False
