"""A witness without every field that it does without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ....ir.roots import ROOTS
from .copied import copied


def smaller(request: dict[str, Any], holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Leave out every field that a witness does without."""
    found = request
    for path in list(optional_paths(request)):
        without = copied(found)
        holder: Any = without
        for step in path[:-1]:
            holder = holder.get(step, {})
        holder.pop(path[-1], None)
        if holds(without):
            found = without
    return found


def optional_paths(request: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The fields that AuthZEN does not require, innermost first."""
    for row in ROOTS.values():
        if row.required:
            part, fields = row.place
            for name in request[part].get(fields, {}):
                yield (part, fields, name)
    time = ROOTS["now"].place
    kept = (
        ROOTS["task"].place,
        time,
        ("context", "delegation"),
    )  # who acts for nobody has to say so
    for name in request.get("context", {}):
        if ("context", name) not in kept:
            yield ("context", name)
    yield time
