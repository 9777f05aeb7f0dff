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
    """What each state has; most files come to few of the states, and only those are read."""

    def __init__(self, texts: Sequence[str], row_of: Sequence[int]) -> None:
        """Know none yet, but the texts of the rows, and which of them each state has."""
        self._texts, self._row_of = texts, row_of

    def __missing__(self, state: int) -> dict[str, int]:
        """Read the row of a state to which nobody has come before: words, each with its number."""
        words = self._texts[self._row_of[state]].split()
        row = self[state] = dict(zip(words[::2], map(int, words[1::2]), strict=True))
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
    gotos: Rows
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
        Rows(data["rows"], data["row_of"]),
        Rows(data["gotos"], range(len(data["gotos"]))),
    )
