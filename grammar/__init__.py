"""The syntax of AGP: `agp.lark` defines it, `lalr.py` is what the parser runs on.

Begin with `agp.lark`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from os.path import dirname, join
from typing import Any, TypeAlias

END = "$END"


Terminal: TypeAlias = tuple[str, str, bool]
"""A terminal that is not a fixed word or sign: its key, which is `%` and its name in `agp.lark`, its pattern, and
whether it is contextual: such a one is looked for first, and only where the grammar accepts it.
"""

Reduction: TypeAlias = tuple[str, int, str, tuple[int | None, ...], tuple[int, ...]]
"""A rule of the grammar: its origin, its size, its action, its picks and its spread.

The action names the function of the tree builder, "" gathers values for the rule that uses this one, and "="
passes the only value on. The picks are the values that the action gets, by place in the rule; None is a part
that is left out, and those of the spread (by place in the picks) are gathered values.
"""


class Rows(dict[int, dict[str, int]]):
    """What each state does; most files come to few of the states, and only the rows of those are put together."""

    def __init__(
        self, rows: Sequence[Sequence[Any]], row_of: Sequence[int], sets: Sequence[Sequence[str]]
    ) -> None:
        """Know none yet, but which row each state has: its shifts, and reductions before a set of terminals each."""
        self._rows, self._row_of, self._sets = rows, row_of, sets

    def __missing__(self, state: int) -> dict[str, int]:
        """Put together the row of a state to which nobody has come before."""
        shifts, *reductions = self._rows[self._row_of[state]]
        row: dict[str, int] = dict(shifts)
        for action, number in reductions:
            row.update(dict.fromkeys(self._sets[number], action))
        self[state] = row
        return row


class Tables:
    """The LALR(1) automaton.

    A row says for each terminal what to do: shift and go to the state of that number, or if it is
    negative, reduce by the rule -1 - number. A word or sign is its own key.
    """

    def __init__(self) -> None:
        """Load them."""
        from . import lalr

        self.terminals: tuple[Terminal, ...] = lalr.TERMINALS
        self.rules: tuple[Reduction, ...] = lalr.RULES
        self.starts: dict[str, int] = lalr.STARTS
        self.ends: dict[str, int] = lalr.ENDS
        self.rows = Rows(lalr.ROWS, lalr.ROW_OF, lalr.SETS)
        """What each state does, by number."""
        self.gotos: tuple[dict[str, int], ...] = lalr.GOTOS
        """Where each state goes after a reduction, by the rule's origin."""

    def rule(self, action: int) -> Reduction:
        """Give the rule that an action of a row reduces by."""
        return self.rules[-1 - action]


def grammar_text() -> str:
    """Read `agp.lark`."""
    loader: Any = __spec__.loader  # importlib.resources, which asks it too, takes longer to import
    content: bytes = loader.get_data(join(dirname(__file__), "agp.lark"))
    return content.decode("utf-8")


@cache
def tables() -> Tables:
    """The tables, loaded once in a process."""
    return Tables()
