"""The syntax of AGP: `agp.lark` defines it, `tables.json` is what the parser runs on."""

from __future__ import annotations

import json
import pkgutil
from functools import cache
from typing import NamedTuple

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


class Tables(NamedTuple):
    """The LALR(1) automaton.

    A row says for each terminal what to do: shift and go to the state of that number, or if it is
    negative, reduce by the rule -1 - number. A word or sign is its own key.
    """

    grammar: str
    """The SHA-256 of `agp.lark`, in hexadecimal."""
    terminals: tuple[Terminal, ...]
    rules: tuple[Reduction, ...]
    starts: dict[str, int]
    ends: dict[str, int]
    rows: tuple[dict[str, int], ...]
    """What each state does, by number."""
    gotos: tuple[dict[str, int], ...]
    """Where each state goes after a reduction, by the rule's origin."""


def grammar_text() -> str:
    """Read `agp.lark`."""
    return _read("agp.lark")


def _read(name: str) -> str:
    content = pkgutil.get_data(__package__, name)  # importlib.resources takes longer to import
    assert content is not None
    return content.decode("utf-8")


@cache
def tables() -> Tables:
    """Load the tables, once in a process."""
    data = json.loads(_read("tables.json"))
    rows = data["rows"]
    return Tables(
        data["grammar"],
        tuple(Terminal(*each) for each in data["terminals"]),
        tuple(
            Reduction(origin, size, action, tuple(picks), tuple(spread))
            for origin, size, action, picks, spread in data["rules"]
        ),
        data["starts"],
        data["ends"],
        tuple(rows[number] for number in data["row_of"]),
        tuple(data["gotos"]),
    )
