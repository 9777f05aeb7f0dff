"""The texts and numbers in what a call carries or gives back, and when two of them are equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from ..runtime.conditions import read_list
from ..runtime.facts import Part, Shape
from ..runtime.values import MAX_DEPTH, is_text, read_number

MANY = 1_000
MOST_BITS = 1_300  # of a whole number that every reader reads back

Value: TypeAlias = "str | int | float"
Held: TypeAlias = "tuple[Value, dict[str, Any] | None]"
"""A value, and the innermost record that holds it."""


def same(value: Value) -> str | float | None:
    """Give what equal values have in common: 20 and 20.0 are equal. None if it equals nothing."""
    if isinstance(value, str):
        return value if is_text(value) else None
    return read_number(value)


def everything_in(value: Any) -> Iterator[Value]:
    """Every text and number in JSON, the names of members too."""
    pending = [value]
    while pending:
        each = pending.pop()
        if type(each) is dict:
            yield from each
            pending.extend(each.values())
        elif type(each) is list:
            pending.extend(each)
        elif type(each) in (str, int, float):
            yield each


def is_plain(value: Any) -> bool:
    """Whether a value is JSON that reads back as it is, and has few enough levels to stand in a line of a record."""
    level = [value]
    for depth in range(1, MAX_DEPTH + 1):
        below: list[Any] = []
        for each in level:
            if type(each) is list:
                if depth == MAX_DEPTH:
                    return False
                below += each
            elif type(each) is dict:
                if depth == MAX_DEPTH:
                    return False
                for name, inner in each.items():
                    if type(name) is not str:
                        return False
                    if type(inner) is not str:
                        below.append(inner)
            elif type(each) is int:
                if each.bit_length() > MOST_BITS:
                    return False
            elif type(each) is float:
                if each - each != 0.0:  # infinite, or no number
                    return False
            elif each is not None and type(each) is not bool and type(each) is not str:
                return False
        if len(below) > MANY:  # what stands in many places is looked at once
            below = list({id(each): each for each in below}.values())
        level = below
        if not level:
            break
    return True


def copied(value: Any) -> Any:
    """Copy JSON, which whoever gave it may change."""
    if type(value) is dict:
        return {name: copied(each) for name, each in value.items()}
    return [copied(each) for each in value] if type(value) is list else value


def values_of(value: Any, shape: Shape | None) -> Iterator[Value]:
    """Every text and number in a value; what is chosen does not count, and of what has no type all does."""
    if shape is None:
        yield from everything_in(value)
    elif shape.chosen:
        return
    elif shape.of is not None and type(value) is list:
        for each in value:
            yield from values_of(each, shape.of)
    elif shape.fields is not None and type(value) is dict:
        shapes = {part.name: part.shape for part in shape.fields}
        for name, each in value.items():
            if name not in shapes:
                yield name
            yield from values_of(each, shapes.get(name))
    else:
        yield from everything_in(value)


def held_at(
    value: Any,
    shape: Shape | None,
    path: tuple[str, ...] = (),
    it: dict[str, Any] | None = None,
    *,
    quoted: bool = False,
) -> Iterator[Held]:
    """The values at a path, and below it, through lists, as far as they are declared and fit their types.

    What is beyond a type has no path. Nor has a part of free JSON; but something may stand in its texts, and is `quoted`.
    """
    if shape is None or shape.chosen:
        return
    if shape.of is not None:
        for each in value if type(value) is list else ():
            yield from held_at(each, shape.of, path, it, quoted=quoted)
    elif shape.fields is not None:
        for part in shape.fields if type(value) is dict else ():
            if (not path or part.name == path[0]) and value.get(part.name) is not None:
                yield from held_at(value[part.name], part.shape, path[1:], value, quoted=quoted)
    elif shape.free:
        if quoted and not path:
            yield from ((each, it) for each in everything_in(value))
    elif not path and type(value) in (str, int, float) and shape.read(value) is not None:
        yield value, it


def arguments(parts: tuple[Part, ...], given: Any) -> dict[str, tuple[Shape, Any]]:
    """The arguments that are there, and what is in records of them, by the path that names them."""
    found: dict[str, tuple[Shape, Any]] = {}
    if type(given) is dict:
        for part in parts:
            if given.get(part.name) is not None:
                _with_fields(part.written, part.shape, given[part.name], found)
    return found


def _with_fields(name: str, shape: Shape, value: Any, found: dict[str, tuple[Shape, Any]]) -> None:
    found[name] = (shape, value)
    if shape.fields is not None and type(value) is dict:
        for part in shape.fields:
            if value.get(part.name) is not None:
                _with_fields(f"{name}.{part.written}", part.shape, value[part.name], found)
    inner = shape.of
    if (
        inner is not None
        and inner.fields is not None
        and type(value) is list
        and all(type(each) is dict for each in value)
    ):
        for part in inner.fields:
            listed = [each[part.name] for each in value if each.get(part.name) is not None]
            list_shape = Shape(read_list(part.shape.read), of=part.shape)
            _with_fields(f"{name}.{part.written}", list_shape, listed, found)
