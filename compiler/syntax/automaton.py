"""The tables of the grammar, made ready to run: patterns compiled, functions looked up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

from ...grammar import END, Reduction, Tables, tables
from ..structs import Struct
from .build_tree import BUILD
from .building.node_lists import together

SKIP = r"[ \t\r\n]*+(?:#[^\n]*+[ \t\r\n]*+)*+"
_SIGNS = r"==|!=|<=|>=|\.\.\.?|[][{}(),:>?]|=(?![<>~])|<(?!>)"  # `=<`, `<>` and their like: `odd`
_NOT_JOINED = r"(?![-/][A-Za-z_]|::)"  # nor is half of `my-bot` a name

IGNORED = "%IGNORED"
"""The key of text that is no token, and is best passed over."""

Find: TypeAlias = Callable[[str, int], re.Match[str] | None]

PASS, GATHER, GROW, MAKE = range(4)


Step: TypeAlias = tuple[str, int, int, Callable[..., Any], Callable[[list[Any]], Iterable[Any]]]
"""A reduction: the rule's origin and size, a kind, what makes a value, and what takes its parts.

The kind says whether it passes its value on, gathers values in a list or tuple, adds to what the first part has
gathered, or makes a node. What takes the parts gets their values, after which stands None for what is left out.
"""


class Steps(dict[int, Step]):
    """The reduction of each action that is one."""

    def __init__(self, tables: Tables) -> None:
        """Know none yet."""
        self._tables = tables

    def __missing__(self, action: int) -> Step:
        """Look up what a reduction does that nobody has come to before."""
        made = self[action] = _step(self._tables.rule(action))
        return made


class Ways(dict[tuple[int, str, str], int]):
    """Where the parser goes from a state with what it has reduced to a rule's origin, before a terminal.

    That is over all that would pass the one value on, to where something happens: half of all reductions are such
    as make an operand of a literal, and a comparison of that. The grammar bounds how many there are.
    """

    def __init__(self, tables: Tables, steps: Mapping[int, Step]) -> None:
        """Know none yet."""
        self._tables, self._steps = tables, steps

    def __missing__(self, key: tuple[int, str, str]) -> int:
        """Find a way that nobody has taken before."""
        below, origin, terminal = key
        rows, gotos = self._tables.rows, self._tables.gotos
        state = gotos[below][origin]
        while (action := rows[state].get(terminal, 0)) < 0:
            to, size, kind, *_ = self._steps[action]
            if size != 1 or kind != PASS:
                break
            state = gotos[below][to]
        self[key] = state
        return state


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
    steps: Steps
    ways: Ways
    find: Find
    """Finds the next token, after white space and comments; its group is its kind."""
    find_here: FindHere
    """Finds the tokens that come before those."""
    takes: Callable[[tuple[int, ...], str, int], bool]
    """Whether a terminal can be shifted over these states; the last argument is the state that ends the text."""


@cache
def automaton() -> Automaton:
    """Make the tables ready, once in a process."""
    data = tables()
    steps = Steps(data)
    ways = Ways(data, steps)
    general = [
        f"(?P<{key[1:]}>{pattern}{_NOT_JOINED if key in ('%NAME', '%PATH') else ''})"
        for key, pattern, is_contextual in data.terminals
        if not is_contextual
    ]

    @lru_cache(maxsize=4096)  # most statements are like one before
    def takes(states: tuple[int, ...], key: str, last: int) -> bool:
        action = data.rows[states[-1]].get(key)
        kept = len(states)
        above: list[int] = []
        while action is not None and action < 0:
            origin, size = steps[action][:2]
            if size > len(above):
                kept -= size - len(above)
                above.clear()
            elif size:
                del above[-size:]
            state = ways[above[-1] if above else states[kept - 1], origin, key]
            if key == END and state == last:
                return True
            above.append(state)
            action = data.rows[state].get(key)
        return action is not None

    return Automaton(
        data,
        steps,
        ways,
        re.compile(f"{SKIP}(?:(?P<SIGN>{_SIGNS})|{'|'.join(general)}|(?P<END>\\Z))").match,
        FindHere(data),
        takes,
    )


def _step(rule: Reduction) -> Step:
    origin, size, action, picks, spread = rule
    kind = GATHER
    make: Callable[..., Any] = list
    if action == "=":
        kind = PASS
    elif action and BUILD[action] is together:
        make = tuple
    elif action:
        kind, make = MAKE, BUILD[action]
    elif spread == (0,) and picks[0] == 0:
        kind, picks, spread = GROW, picks[1:], ()
    return origin, size, kind, make, _taker(picks, spread)


@cache
def _taker(
    picks: tuple[int | None, ...], spread: tuple[int, ...]
) -> Callable[[list[Any]], Iterable[Any]]:
    """What takes values by place, and those that are gathered one by one."""
    at = [-1 if pick is None else pick for pick in picks]
    if not spread and len(at) > 1:
        return itemgetter(*at)
    if not spread and at != [-1]:
        return itemgetter(slice(at[0], at[0] + 1) if at else slice(0))
    each = [(pick, number in spread) for number, pick in enumerate(at)]

    def take(parts: list[Any]) -> Iterable[Any]:
        taken: list[Any] = []
        for pick, is_gathered in each:
            if is_gathered:
                taken += parts[pick]
            else:
                taken.append(parts[pick])
        return taken

    return take
