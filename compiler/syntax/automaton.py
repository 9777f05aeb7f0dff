"""The tables of the grammar, made ready to run: patterns compiled, and the stacks that parsers begin with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeAlias

from ...grammar import END, Tables, tables
from ..structs import Struct
from .stacks import Ground, Stack

SKIP = r"[ \t\r\n]*+(?:#[^\n]*+[ \t\r\n]*+)*+"
_SIGNS = r"==|!=|<=|>=|\.\.\.?|[][{}(),:>?]|=(?![<>~])|<(?!>)"  # `=<`, `<>` and their like: `odd`
_NOT_JOINED = r"(?![-/][A-Za-z_]|::)"  # nor is half of `my-bot` a name

IGNORED = "%IGNORED"
"""The key of text that is no token, and is best passed over."""

Find: TypeAlias = Callable[[str, int], re.Match[str] | None]


class FindHere(dict[int, Find | None]):
    """For each state, finds the tokens that only it and its like accept; most are never asked, nor compiled."""

    def __init__(self, tables: Tables) -> None:
        """Know none yet."""
        self._rows = tables.rows
        self._patterns = {
            key: text for key, text, is_contextual in tables.terminals if is_contextual
        }
        self._finds: dict[tuple[str, ...], Find] = {}

    def __missing__(self, state: int) -> Find | None:
        """Compile what a state accepts, once for all that accept the same."""
        keys = tuple(key for key in self._patterns if key in self._rows[state])
        if keys and keys not in self._finds:
            choices = "|".join(f"(?P<{key[1:]}>{self._patterns[key]})" for key in keys)
            self._finds[keys] = re.compile(f"{SKIP}(?:{choices})").match
        found = self[state] = self._finds[keys] if keys else None
        return found


class Automaton(Struct):
    """What the parser runs on; a state is a number."""

    tables: Tables
    find: Find
    """Finds the next token, after white space and comments, as one of its groups."""
    keys: tuple[str | None, ...]
    """The key of what each group finds, by number; None of a sign, which is its own."""
    find_here: FindHere
    """Finds the tokens that come before those, as a group of the name of each."""
    starts: Mapping[str, Stack]
    """Where the parser begins, by what the text is to be: "file" or "expression"."""


@cache
def automaton() -> Automaton:
    """Make the tables ready, once in a process."""
    data = tables()
    general = {
        key: f"({pattern}{_NOT_JOINED if key in ('%NAME', '%PATH') else ''})"
        for key, pattern, is_contextual in data.terminals
        if not is_contextual
    }
    return Automaton(
        data,
        re.compile(f"{SKIP}(?:({_SIGNS})|{'|'.join(general.values())}|(\\Z))").match,
        (None, None, *general, END),
        FindHere(data),
        {start: Stack(Ground(data, start), state, None) for start, state in data.starts.items()},
    )
