"""Quick proofs that a request exists: of most questions about rules, the answer is seen without a search.

A yes is a proof. A no only means that it takes a search to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from .....runtime.values import NANOSECONDS
from ....ir import nodes as ir
from ..cubes.clauses import AGENT_ID, ALWAYS_THERE
from ..cubes.costs import cost_of
from ..cubes.cube import NOW_KEY, Cube, CubeKey, Relation, clock_of, key_of
from ..cubes.disjointness import are_apart, points_of
from ..domains.texts import Texts
from ..domains.values import (
    Body,
    Finite,
    Intervals,
    Lists,
    Values,
    everything,
    is_empty,
)
from ..effort import POINTS_A_STEP, Effort
from ..search.avoid import Avoid
from ..solving.instants import windows_exclude_each_other
from ..solving.solve import solve
from ..verdict import Undetermined

MAX_STEPS = 300
LONG = 15 * 86_400 * NANOSECONDS  # holds each window of a week twice, whatever a clock change skips


def surely_possible(
    cubes: Iterable[Cube], avoid: Sequence[Avoid] = (), effort: Effort | None = None
) -> bool:
    """Whether some request is surely in one of the cubes and does nothing that it must avoid.

    It looks for one that could be made by any agent and for any intent. What it takes is counted.
    """
    effort = effort or Effort(rules=0)
    effort.begin()
    steps = 0

    def descend(cube: Cube, met: Sequence[Avoid], depth: int) -> bool:
        nonlocal steps
        effort.spend(1)
        if depth == len(met):
            effort.spend(cost_of(cube))
            return is_possible(cube)
        for escape in met[depth].escapes():
            steps += 1
            if steps > MAX_STEPS:
                return False
            both = cube & escape
            if both is not None and descend(both, met, depth + 1):
                return True
        return False

    def leaves_some(cube: Cube) -> bool:
        points = points_of((cube,))
        effort.spend(1 + len(avoid) // POINTS_A_STEP)
        met = [each for each in avoid if not are_apart(points, each.points())]
        return len(met) <= MAX_STEPS and descend(cube, met, 0)

    try:
        return any(map(leaves_some, cubes))
    except Undetermined:
        return False


def is_possible(cube: Cube) -> bool:
    """Whether some request is surely in a cube, whoever the agent is."""
    for key, values in cube.values.items():
        if ir.EACH in key.path:  # which the arguments or a list that are there decide
            return False
        if key == AGENT_ID or len(key.path) > 1 or isinstance(key.type, ir.RecordType):
            return False
        if key in ALWAYS_THERE:
            values = Values(False, False, values.body)
        if not (values.absent or values.malformed) and _may_be_empty(values.body):
            return False
    aged = [key for key in cube.values if key.aged]
    if aged and not _ages_hold(cube, aged):
        return False
    return not cube.relations or _relations_hold(cube)


def _ages_hold(cube: Cube, aged: list[CubeKey]) -> bool:
    """Whether the ages, the times that they are of and `now` can all be as asked."""
    asked = {
        key: cube.values[key]
        for each in aged
        for key in (each, *clock_of(each))
        if key in cube.values
    }
    return _clock_holds(tuple(asked.items()))


@lru_cache(maxsize=20_000)
def _clock_holds(asked: tuple[tuple[CubeKey, Values], ...]) -> bool:
    return solve(Cube(dict(asked)), _NO_POLICY) is not None


_NO_POLICY = ir.Policy()  # that times and ages are read under, which know none


@lru_cache(maxsize=20_000)
def _is_empty(texts: Texts) -> bool:
    return is_empty(texts)


def _may_be_empty(body: Body | None) -> bool:
    match body:
        case None:
            return True
        case Texts(inside, outside):
            return bool(inside or outside) and _is_empty(body)
        case _:
            return is_empty(body)


def _relations_hold(cube: Cube) -> bool:
    """Whether what relates attributes surely can hold: each of them is about others."""
    about: set[CubeKey] = {each for key in cube.values if key.aged for each in clock_of(key)}
    evidence = [truth for what, truth in cube.relations if isinstance(what, _EVIDENCE)]
    if True in evidence and False in evidence:
        return False
    for relation in cube.relations:
        if isinstance(relation[0], _EVIDENCE):
            continue
        keys = _keys(relation)
        if not about.isdisjoint(keys) or not _holds(relation, keys, cube):
            return False
        about |= keys
    return True


_EVIDENCE = ir.Requirement


def _keys(relation: Relation) -> set[CubeKey]:
    match relation[0]:
        case ir.Window():
            return {NOW_KEY}
        case ir.Compare(_, ir.Attribute() as left, ir.Attribute() as right):
            return {key_of(left), key_of(right)}
        case _:
            pass
    return set()


def _holds(relation: Relation, keys: set[CubeKey], cube: Cube) -> bool:
    """Whether a relation surely holds for some values of what it is about."""
    what, truth = relation
    bodies = [cube.values[key].body if key in cube.values else None for key in keys]
    match what:
        case ir.Window():
            (now,) = bodies
            if NOW_KEY not in cube.values:
                return not truth
            if windows_exclude_each_other([(what, truth is True)]):
                return False  # outside of `mon..sun 00:00..24:00` there is nothing
            return isinstance(now, Intervals) and any(high - low > LONG for low, high in now.spans)
        case ir.Compare("=="):
            if len(keys) != 2 or None in bodies:
                return False
            free = [_is_everything(body) for body in bodies]
            return any(free) if truth else all(free)
        case _:
            pass
    return False


def _is_everything(body: Body | None) -> bool:
    """Whether it has all values of a type, and more than one."""
    match body:
        case None | Lists():
            return False
        case Finite(_, size):
            return size > 1 and body == everything(body)
        case _:
            return body == everything(body)
