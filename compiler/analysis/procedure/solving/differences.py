"""Whole numbers whose differences are bounded, decided exactly: a closure, and a split of what is not convex.

Times, `now` and numbers are places on a line (`values` has them as whole numbers, doubles by their
order). What relates two of them bounds their difference; of bounds alone, a closure under shortest
paths says exactly what each may be. A difference that may lie in several spans is looked at when the
values are picked, and split where a picked value falls between two of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from .....runtime.values import NANOSECONDS
from ....structs import Struct, field
from ..effort import Effort
from ..verdict import Undetermined

MAX_CASES = 2_000
MAX_VARIABLES = 150
ZERO = 0  # the variable that is zero, so that a bound of one is a difference too

Span: TypeAlias = "tuple[float, float]"
Spans: TypeAlias = "Sequence[Span]"
UNEQUAL: Spans = ((-math.inf, -1), (1, math.inf))


class Limit(Struct):
    """`left - right` lies in one of some sorted closed spans."""

    left: int
    right: int
    spans: Spans


class Sum(Struct):
    """`whole` is `left - right`, where all three are variables; known by its bounds only."""

    whole: int
    left: int
    right: int


class Bounds(Struct, frozen=False):
    """The least upper bound of each difference, closed under addition."""

    least: list[list[float]]
    coarse: list[bool]  # the variables that are whole seconds

    def add(self, left: int, right: int, most: float) -> bool:
        """Ask that `left - right <= most`; whether that can be."""
        waiting = [(left, right, most)]
        while waiting:
            left, right, most = waiting.pop()
            least, coarse = self.least, self.coarse
            if coarse[left] and coarse[right] and most != math.inf:
                most = most // NANOSECONDS * NANOSECONDS
            if most >= least[left][right]:
                continue
            if most + least[right][left] < 0:
                return False
            ends = [
                (at, most + bound) for at, bound in enumerate(least[right]) if bound != math.inf
            ]
            for at, row in enumerate(least):
                start = row[left]
                if start == math.inf:
                    continue
                for end, rest in ends:
                    if start + rest < row[end]:
                        row[end] = start + rest
                        if coarse[at] and coarse[end] and row[end] % NANOSECONDS:
                            waiting.append((at, end, row[end]))
                            row[end] += 1  # so that the bound is taken up again, rounded
            if any(least[at][at] < 0 for at in range(len(least))):
                return False
        return True

    def copy(self) -> Bounds:
        """Bounds to go on with in a case."""
        return Bounds([row[:] for row in self.least], self.coarse)

    def of(self, left: int, right: int) -> Span:
        """The least and the greatest that a difference may be."""
        return -self.least[right][left], self.least[left][right]


Split: TypeAlias = "tuple[Limit, float]"
"""A limit, and a difference in one of its gaps, that no solution in the two cases can have."""


class Differences(Struct, frozen=False):
    """Variables, what bounds their differences, and how to pick a value among those possible."""

    effort: Effort
    coarse: list[bool] = field(default_factory=lambda: [True])  # of ZERO
    pick: list[Callable[[Spans], float | None]] = field(default_factory=lambda: [lambda _: 0])
    first: list[int] = field(default_factory=list)  # variables to pick before the others
    limits: list[Limit] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)

    def variable(self, pick: Callable[[Spans], float | None], *, coarse: bool = False) -> int:
        """Add a variable; `pick` chooses a value in spans, or None if it is in none as it should be."""
        self.coarse.append(coarse)
        self.pick.append(pick)
        return len(self.pick) - 1

    def solve(self) -> list[float] | None:
        """Give values within all limits, or None if there are provably none.

        Raises `Undetermined`.
        """
        size = len(self.pick)
        if size > MAX_VARIABLES:
            raise Undetermined(f"a condition relates more than {MAX_VARIABLES} values")
        near: list[list[Limit]] = [[] for _ in range(size)]
        start = Bounds(
            [[0 if a == b else math.inf for b in range(size)] for a in range(size)], self.coarse
        )
        for each in self.limits:
            near[each.left].append(each)
            near[each.right].append(each)
            if not each.spans or not (
                start.add(each.left, each.right, each.spans[-1][1])
                and start.add(each.right, each.left, -each.spans[0][0])
            ):
                return None
        order = sorted(
            range(1, size), key=lambda at: (not self.coarse[at], at not in self.first, at)
        )
        is_open = False
        cases = [start]
        for count in range(MAX_CASES + 1):
            if not cases:
                break
            if count == MAX_CASES:
                raise Undetermined(f"what relates values falls into more than {MAX_CASES} cases")
            case = cases.pop()
            self.effort.spend(1 + size * size // 20)
            if not self._exchange(case):
                continue
            found = self._values(case, order, near)
            if isinstance(found, list):
                return found
            if found is None:
                is_open = is_open or bool(self.sums)
                continue
            limit, gap = found
            below = max((high for _, high in limit.spans if high < gap), default=None)
            above = min((low for low, _ in limit.spans if low > gap), default=None)
            if above is not None:
                other = case.copy()
                if other.add(limit.right, limit.left, -above):
                    cases.append(other)
            if below is not None and case.add(limit.left, limit.right, below):
                cases.append(case)
        if is_open:
            raise Undetermined("no values were found for ages that are compared with durations")
        return None

    def _exchange(self, bounds: Bounds) -> bool:
        """Let the bounds of a sum and of its difference narrow each other."""
        for _round in range(1 + 2 * len(self.sums)):
            before = [row[:] for row in bounds.least] if self.sums else []
            for each in self.sums:
                low, high = bounds.of(each.left, each.right)
                least, most = bounds.of(each.whole, ZERO)
                if not (
                    bounds.add(each.whole, ZERO, high)
                    and bounds.add(ZERO, each.whole, -low)
                    and bounds.add(each.left, each.right, most)
                    and bounds.add(each.right, each.left, -least)
                ):
                    return False
            if before == bounds.least:
                break
        return True

    def _values(
        self, case: Bounds, order: list[int], near: list[list[Limit]]
    ) -> list[float] | Split | None:
        """Pick values one by one; a split where that fails between spans, None where all does."""
        bounds = case.copy()
        values: dict[int, float] = {ZERO: 0}
        for at in order:
            allowed: Spans = self._rounded(at, [bounds.of(at, ZERO)])
            for limit in near[at]:
                other = limit.right if limit.left == at else limit.left
                if other == at or other not in values:
                    if other == at and not any(low <= 0 <= high for low, high in limit.spans):
                        return limit, 0
                    continue
                base = values[other]
                moved = (
                    [(low + base, high + base) for low, high in limit.spans]
                    if limit.left == at
                    else [(base - high, base - low) for low, high in reversed(limit.spans)]
                )
                kept = self._rounded(at, common(allowed, moved))
                if not kept:
                    value = allowed[0][0]
                    gap = value - base if limit.left == at else base - value
                    if any(low <= gap <= high for low, high in limit.spans):
                        raise Undetermined("values between whole seconds are compared with others")
                    return limit, gap
                allowed = kept
            picked = self.pick[at](allowed)
            if picked is None:
                return None
            values[at] = picked
            fits = bounds.add(at, ZERO, picked) and bounds.add(ZERO, at, -picked)
            if not fits or not self._exchange(bounds):
                return None
        return [values[at] for at in range(len(values))]

    def _rounded(self, at: int, spans: Spans) -> Spans:
        if not self.coarse[at]:
            return spans
        found = (
            (-(-low // NANOSECONDS) * NANOSECONDS, high // NANOSECONDS * NANOSECONDS)
            for low, high in spans
        )
        return [(low, high) for low, high in found if low <= high]


def common(one: Spans, other: Spans) -> Spans:
    """The numbers in both of two sorted lists of spans."""
    found = []
    left, right = 0, 0
    while left < len(one) and right < len(other):
        low, high = max(one[left][0], other[right][0]), min(one[left][1], other[right][1])
        if low <= high:
            found.append((low, high))
        if one[left][1] < other[right][1]:
            left += 1
        else:
            right += 1
    return found
