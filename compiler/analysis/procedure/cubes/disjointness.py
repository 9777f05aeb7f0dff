"""The few values that a rule asks of an attribute: most rules that are apart are seen to be by these.

An attribute is absent, malformed, or one of some values; where these are many, nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ....meaning.request import ABSENT, MALFORMED
from ..domains.texts import OneOf, Texts
from ..domains.values import Finite, Intervals, Values
from .cube import Cube, CubeKey

MANY = 64
Points: TypeAlias = Mapping[CubeKey, frozenset[Any]]


def points_of(cubes: Iterable[Cube]) -> Points:
    """For each attribute that all cubes ask few values of, these values."""
    found: dict[CubeKey, frozenset[Any]] | None = None
    for cube in cubes:
        mine = {
            key: few for key, values in cube.values.items() if (few := _few(values)) is not None
        }
        if found is None:
            found = mine
        else:
            found = {key: found[key] | mine[key] for key in found.keys() & mine.keys()}
        if not found:
            break
    return found or {}


def are_apart(one: Points, other: Points) -> bool:
    """Whether some attribute cannot be as both ask."""
    if len(other) < len(one):
        one, other = other, one
    for key, few in one.items():
        others = other.get(key)
        if others is not None and few.isdisjoint(others):
            return True
    return False


def _few(values: Values) -> frozenset[Any] | None:
    states = [
        state
        for state, may_be in ((ABSENT, values.absent), (MALFORMED, values.malformed))
        if may_be
    ]
    match values.body:
        case None:
            return frozenset(states)
        case Finite() as body:
            return frozenset((*states, *body.members()))
        case Intervals(_, spans) if len(spans) <= MANY and all(a == b for a, b in spans):
            return frozenset((*states, *(low for low, _ in spans)))
        case Texts(inside) as body:
            finite = [each.texts for each in inside if isinstance(each, OneOf)]
            least = min(finite, key=len, default=None)
            if least is not None and len(least) <= MANY:
                return frozenset((*states, *filter(body.contains, least)))
        case _:
            pass
    return None
