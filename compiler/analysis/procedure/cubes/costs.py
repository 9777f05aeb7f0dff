"""How many steps it takes to judge a rule, and to look for a member of each set of a cube, at most."""

from __future__ import annotations

from collections.abc import Iterable

from ....ir import nodes as ir
from ....ir.walk import leaves
from ..domains.texts import Glob, Path, Texts
from ..domains.values import Values
from .cube import Cube

LEAVES_A_STEP = 4  # that the interpreter judges in a step, beside the first
PATTERN_STEPS = 20  # for each of several that are walked side by side


def judging(conditions: Iterable[ir.Condition]) -> int:
    """The steps that it takes to judge a rule of some conditions, at most."""
    return 1 + sum(1 for each in conditions for _ in leaves(each)) // LEAVES_A_STEP


def cost_of(cube: Cube) -> int:
    """The steps that it takes to look for a member of each set of a cube, at most."""
    return sum(map(_cost_of_values, cube.values.values()))


def _cost_of_values(values: Values) -> int:
    if not isinstance(values.body, Texts):
        return 0
    languages = (*values.body.inside, *values.body.outside)
    walked = sum(isinstance(each, Glob | Path) for each in languages)
    return PATTERN_STEPS * walked if walked > 1 else 0
