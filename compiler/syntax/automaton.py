"""The tables of the grammar, made ready to run: patterns compiled, functions looked up."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from ...grammar import Reduction, Tables, tables
from ..records import dataclass
from .build_tree import BUILD

SKIP = r"[ \t\r\n]*+(?:#[^\n]*+[ \t\r\n]*+)*+"
_SIGNS = r"==|!=|<=|>=|\.\.\.?|[][{}(),:>?]|=(?![<>~])|<(?!>)"  # `=<`, `<>` and their like: `odd`
_NOT_JOINED = r"(?![-/][A-Za-z_]|::)"  # nor is half of `my-bot` a name

IGNORED = "%IGNORED"
"""The key of text that is no token, and is best passed over."""

Find: TypeAlias = Callable[[str, int], re.Match[str] | None]

PASS, GATHER, MAKE = range(3)


class Step(NamedTuple):
    """A reduction: `kind` says whether it passes its value on, gathers values or makes a node."""

    origin: str
    size: int
    kind: int
    make: Callable[..., Any]
    picks: tuple[int, ...]
    """The values that it gets, by place; -1 is None."""
    spread: tuple[int, ...]
    plain: bool
    """All picks are values and none is to be spread."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """What the parser runs on; a state is a number."""

    tables: Tables
    steps: tuple[Step, ...]
    find: Find
    """Finds the next token, after white space and comments; its group is its kind."""
    find_here: tuple[Find | None, ...]
    """For each state, finds the tokens that only it and its like accept, which come first."""


@cache
def automaton() -> Automaton:
    """Make the tables ready, once in a process."""
    data = tables()
    general = [
        f"(?P<{each.key[1:]}>{each.pattern}{_NOT_JOINED if each.key in ('%NAME', '%PATH') else ''})"
        for each in data.terminals
        if not each.contextual
    ]
    contextual = {each.key: each.pattern for each in data.terminals if each.contextual}

    @cache
    def matcher(keys: tuple[str, ...]) -> Find:
        choices = "|".join(f"(?P<{key[1:]}>{contextual[key]})" for key in keys)
        return re.compile(f"{SKIP}(?:{choices})").match

    here = [tuple(key for key in contextual if key in row) for row in data.rows]
    return Automaton(
        data,
        tuple(_step(each) for each in data.rules),
        re.compile(f"{SKIP}(?:(?P<SIGN>{_SIGNS})|{'|'.join(general)}|(?P<END>\\Z))").match,
        tuple(matcher(keys) if keys else None for keys in here),
    )


def _step(rule: Reduction) -> Step:
    kind = {"": GATHER, "=": PASS}.get(rule.action, MAKE)
    make = BUILD[rule.action] if kind == MAKE else _gather
    plain = not rule.spread and None not in rule.picks
    picks = tuple(-1 if pick is None else pick for pick in rule.picks)
    return Step(rule.origin, rule.size, kind, make, picks, rule.spread, plain)


def _gather(_: object, *values: Any) -> list[Any]:
    return list(values)
