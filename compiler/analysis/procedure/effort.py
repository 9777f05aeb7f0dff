"""How much work answers may take: much for one of them, and little once all together have taken much.

What a policy states of itself is asked first and has steps of its own, a share for each statement: no
warning takes them away, nor does another statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from ...structs import Struct
from .verdict import Undetermined

MOST = 200_000  # steps for one answer
FEW = 200  # for one answer, once all have taken more than they may
POINTS_A_STEP = BLOCKS_A_STEP = 4  # that are compared in a step
FOR_A_POLICY, FOR_A_RULE = 500_000, 100  # what all answers may take
FOR_STATEMENTS = 1_000_000  # what proofs of all statements may take, and each at least `MOST`


class Purse(Struct, frozen=False):
    """Steps that answers share, and what they have spent of them."""

    most: int
    whose: str
    spent: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether all are spent."""
        return self.spent > self.most


class Effort:
    """The steps of an analysis; one takes about as long as the interpreter does to judge a rule."""

    def __init__(self, rules: int, statements: int = 0) -> None:
        """Begin with nothing spent."""
        self.spent = 0
        self.until: float | None = None
        """When whoever asks has waited long enough, by the monotonic clock: the answers after that are open."""
        self._common = Purse(FOR_A_POLICY + FOR_A_RULE * rules, "all questions about the policy")
        self._for_statements = FOR_STATEMENTS + FOR_A_RULE * rules
        self._statements = statements
        self._purse = self._common
        self._until = MOST

    def renew(self, until: float | None) -> None:
        """Begin with the questions of somebody else, who waits until then; what was spent before is not theirs."""
        self.until, self._common.spent = until, 0

    def begin(self) -> None:
        """Begin with an answer."""
        self._until = self._purse.spent + (FEW if self._purse.is_empty else MOST)

    def spend(self, steps: int) -> None:
        """Count steps. Raises `Undetermined` once the answer at hand has taken too many."""
        self.spent += steps
        if self.until is not None and monotonic() > self.until:
            raise Undetermined("there was no more time")
        purse = self._purse
        purse.spent += steps
        if purse.spent > self._until:
            what = purse.whose if purse.is_empty else "the search"
            raise Undetermined(f"{what} took too many steps")

    def count(self, steps: int) -> None:
        """Count steps between answers, which end none of them."""
        self.spent += steps
        self._purse.spent += steps

    @contextmanager
    def statement(self) -> Iterator[None]:
        """Answer questions about one statement: with its share of what the ones before have left."""
        share = self._for_statements // max(1, self._statements)
        before, self._purse = self._purse, Purse(max(MOST, share), "all questions about it")
        try:
            yield
        finally:
            self._statements -= 1
            self._for_statements = max(0, self._for_statements - self._purse.spent)
            self._purse = before
