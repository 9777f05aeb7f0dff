"""A witness without every field that it does without."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any


def smaller(request: dict[str, Any], holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Leave out every field that a witness does without."""
    found = request
    for path in list(optional_paths(request)):
        without = copy.deepcopy(found)
        holder: Any = without
        for step in path[:-1]:
            holder = holder.get(step, {})
        holder.pop(path[-1], None)
        if holds(without):
            found = without
    return found


def optional_paths(request: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The fields that AuthZEN does not require, innermost first."""
    for part in ("subject", "action", "resource"):
        for name in request[part].get("properties", {}):
            yield (part, "properties", name)
    context = request.get("context", {})
    for name in context:
        if name not in ("task", "time"):
            yield ("context", name)
    yield ("context", "time")
