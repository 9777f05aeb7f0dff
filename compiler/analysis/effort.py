"""How much work answers may take: much for one of them, and little once all together have taken much."""

from __future__ import annotations

from dataclasses import dataclass

from .cubes import Cube
from .texts import Glob, Path, Texts
from .values import Values
from .verdict import Undetermined

MOST = 200_000  # steps for one answer
FEW = 200  # for one answer, once all have taken more than they may
POINTS_A_STEP = BLOCKS_A_STEP = 4  # that are compared in a step
PATTERN_STEPS = 20  # for each of several that are walked side by side
FOR_A_POLICY, FOR_A_RULE = 500_000, 100  # what all answers may take


@dataclass(slots=True)
class Effort:
    """The steps of an analysis; one takes about as long as the interpreter does to judge a rule."""

    rules: int
    spent: int = 0
    _until: int = MOST

    def begin(self) -> None:
        """Begin with an answer."""
        is_much = self.spent > FOR_A_POLICY + FOR_A_RULE * self.rules
        self._until = self.spent + (FEW if is_much else MOST)

    def spend(self, steps: int) -> None:
        """Count steps. Raises `Undetermined` once the answer at hand has taken too many."""
        self.spent += steps
        if self.spent > self._until:
            is_much = self.spent > FOR_A_POLICY + FOR_A_RULE * self.rules
            what = "all questions about the policy took" if is_much else "the search took"
            raise Undetermined(f"{what} too many steps")


def cost_of(cube: Cube) -> int:
    """The steps that it takes to look for a member of each set of a cube, at most."""
    return sum(map(_cost_of_values, cube.values.values()))


def _cost_of_values(values: Values) -> int:
    if not isinstance(values.body, Texts):
        return 0
    languages = (*values.body.inside, *values.body.outside)
    walked = sum(isinstance(each, Glob | Path) for each in languages)
    return PATTERN_STEPS * walked if walked > 1 else 0
