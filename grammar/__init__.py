"""The syntax of AGP: `agp.lark` defines it, `tables.json` is what the parser runs on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from os.path import dirname, join
from typing import Any, NamedTuple

END = "$END"


class Terminal(NamedTuple):
    """A terminal that is not a fixed word or sign; its key is `%` and its name in `agp.lark`.

    A contextual one is looked for first, and only where the grammar accepts it.
    """

    key: str
    pattern: str
    contextual: bool


class Reduction(NamedTuple):
    """A rule of the grammar.

    `action` names the function of the tree builder, "" gathers values for the rule that uses this
    one, and "=" passes the only value on. `picks` are the values that the action gets, by place in
    the rule; None is a part that is left out, and those of `spread` (by place in `picks`) are
    gathered values.
    """

    origin: str
    size: int
    action: str
    picks: tuple[int | None, ...]
    spread: tuple[int, ...]


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


class Tables(NamedTuple):
    """The LALR(1) automaton.

    A row says for each terminal what to do: shift and go to the state of that number, or if it is
    negative, reduce by the rule -1 - number. A word or sign is its own key.
    """

    grammar: str
    """The SHA-256 of `agp.lark`, in hexadecimal."""
    terminals: tuple[Terminal, ...]
    rules: Sequence[Sequence[Any]]
    """What `rule` reads."""
    starts: dict[str, int]
    ends: dict[str, int]
    rows: Rows
    """What each state does, by number."""
    gotos: Sequence[dict[str, int]]
    """Where each state goes after a reduction, by the rule's origin."""

    def rule(self, number: int) -> Reduction:
        """Give the rule of a number."""
        origin, size, action, picks, spread = self.rules[number]
        return Reduction(origin, size, action, tuple(picks), tuple(spread))


def grammar_text() -> str:
    """Read `agp.lark`."""
    return _read("agp.lark")


def _read(name: str) -> str:
    loader: Any = __spec__.loader  # importlib.resources, which asks it too, takes longer to import
    content: bytes = loader.get_data(join(dirname(__file__), name))
    return content.decode("utf-8")


@cache
def tables() -> Tables:
    """Load the tables, once in a process."""
    data = json.loads(_read("tables.json"))
    return Tables(
        data["grammar"],
        tuple(Terminal(*each) for each in data["terminals"]),
        data["rules"],
        data["starts"],
        data["ends"],
        Rows(data["rows"], data["row_of"], data["sets"]),
        data["gotos"],
    )
