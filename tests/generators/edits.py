"""Edits of JSON data: every place in it, and copies in which one place is other or gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def places(data: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every value in JSON data, the whole first."""
    yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from places(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from places(value, (*path, index))


def at(data: Any, path: Path) -> Any:
    """The value at a path."""
    for step in path:
        data = data[step]
    return data


def with_value(data: Any, path: Path, value: Any) -> Any:
    """A copy with another value at a path; what is not on the path is shared."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    copy = data.copy()
    copy[step] = with_value(data[step], rest, value)
    return copy


def without_field(data: Any, path: Path) -> Any:
    """A copy without the field, or the list element, at a path."""
    if len(path) == 1:
        copy = data.copy()
        del copy[path[0]]
        return copy
    return with_value(data, path[:1], without_field(data[path[0]], path[1:]))


def deletions(data: Any) -> Iterator[tuple[Path, Any]]:
    """Every copy in which one object field is gone, with the path of the field."""
    for path in places(data):
        if path and isinstance(path[-1], str):
            yield path, without_field(data, path)
