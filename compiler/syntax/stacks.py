"""The states that a parser has come through, as a stack that knows what each terminal does to it.

What the automaton does hangs on these states alone, and most statements are like one before: the same stacks come
again and again. So each is there once, and it is found out once what a terminal has put together in it, and to which
stack that leads. All of this follows from the grammar, so that it holds for every text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import itemgetter
from typing import Any, TypeAlias

from ...grammar import END, Reduction, Tables
from .build_tree import BUILD
from .building.conditions import words
from .building.node_lists import together

MOST = 50_000
"""How many stacks are kept, which no policy comes near; those beyond are made anew each time."""

PASS, GATHER, GROW, MAKE = range(4)

Step: TypeAlias = tuple[
    str, int, int, Callable[..., Any], Callable[[list[Any]], Iterable[Any]], slice
]
"""A reduction: the rule's origin and size, a kind, what makes a value, what takes its parts, and all but the first.

The kind says whether it passes a value on, gathers values in one, adds to what the first part has gathered, or makes
a node. What takes the parts gets all values that there are, of which the last are those of the rule.
"""

GATHERED: dict[Callable[..., Any], Callable[..., Any]] = {together: tuple, words: " ".join}
"""What gathers values for a function of the tree builder that makes no node, and needs no span."""


class Ground:
    """What all stacks of a start of the grammar stand on."""

    def __init__(self, tables: Tables, start: str) -> None:
        """Know no stack yet."""
        self.rows, self.gotos = tables.rows, tables.gotos
        self.last = tables.ends[start]
        self.steps = Steps(tables)
        self.kept = 0


class Stack(dict[str, "Move | None"]):
    """A state, and the stack below it; looks up what a terminal does: None if it cannot stand here."""

    __slots__ = ("_above", "_ground", "_is_kept", "below", "row", "state")

    def __init__(self, ground: Ground, state: int, below: Stack | None) -> None:
        """Know nothing of any terminal yet."""
        self._ground, self.state = ground, state
        self.below = below
        """None of the first state alone."""
        self.row: Mapping[str, int] = ground.rows[state]
        """What may be done here; some of it only if the stack were another one."""
        self._above: dict[int, Stack] = {}
        self._is_kept: bool = ground.kept < MOST and (below is None or below._is_kept)
        ground.kept += self._is_kept

    def __missing__(self, key: str) -> Move | None:
        """Find out what a terminal does that has not been here before."""
        if key not in self.row:
            return None  # of any word at all, so that nothing is kept
        move = self._move(key)
        if self._is_kept and (move is None or move[1]._is_kept):
            self[key] = move
        return move

    def _move(self, key: str) -> Move | None:
        stack = self
        steps: list[Step] = []
        while (action := stack.row.get(key)) is not None:
            if action >= 0:
                return tuple(steps), stack.on(action)
            stack, step = stack._reduced(action)
            steps += step
            if key == END and stack.state == self._ground.last:
                return tuple(steps), stack
        return None  # a row may know a terminal only because LALR merges states that differ in what came before

    def up_to(self, key: str, rules: frozenset[str]) -> Move | None:
        """What a terminal has put together up to where one of some rules may begin; None if there is no such place."""
        stack = self
        steps: list[Step] = []
        while (action := stack.row.get(key)) is not None and action < 0:
            stack, step = stack._reduced(action)
            steps += step
            if stack.begins(rules):
                return tuple(steps), stack
        return None

    def _reduced(self, action: int) -> tuple[Stack, tuple[Step, ...]]:
        """The stack after a reduction, and what that does to values: nothing if it passes the only one on."""
        step = self._ground.steps[action]
        origin, size, kind, *_ = step
        below = self
        for _ in range(size):
            assert below.below is not None  # as the automaton sees to it
            below = below.below
        return below.after(origin), () if size == 1 and kind == PASS else (step,)

    def begins(self, rules: frozenset[str]) -> bool:
        """Whether one of some rules may begin here."""
        return not rules.isdisjoint(self.begun)

    @property
    def begun(self) -> Mapping[str, int]:
        """The rules that may begin here, each with the state behind it."""
        return self._ground.gotos[self.state]

    def after(self, rule: str) -> Stack:
        """The stack behind a rule that may begin here."""
        return self.on(self._ground.gotos[self.state][rule])

    def on(self, state: int) -> Stack:
        """The stack with a state more."""
        found = self._above.get(state)
        if found is None:
            found = Stack(self._ground, state, self)
            if found._is_kept:
                self._above[state] = found
        return found

    def takes(self, key: str) -> bool:
        """Whether a terminal can stand here."""
        return self[key] is not None

    @property
    def expected(self) -> set[str]:
        """The terminals that can stand here."""
        return {key for key in self.row if self.takes(key)}


Move: TypeAlias = tuple[tuple[Step, ...], Stack]
"""What is put together before a terminal is taken, and the stack then."""


class Steps(dict[int, Step]):
    """The reduction of each action that is one."""

    def __init__(self, tables: Tables) -> None:
        """Know none yet."""
        self._tables = tables

    def __missing__(self, action: int) -> Step:
        """Look up what a reduction does that nobody has come to before."""
        made = self[action] = _step(self._tables.rule(action))
        return made


def _step(rule: Reduction) -> Step:
    origin, size, action, picks, spread = rule
    kind = GATHER
    make: Callable[..., Any] = list
    if action == "=":
        kind, make = PASS, itemgetter(0)
    elif action and BUILD[action] in GATHERED:
        make = GATHERED[BUILD[action]]
    elif action:
        kind, make = MAKE, BUILD[action]
    elif spread == (0,) and picks[0] == 0:
        kind, picks, spread = GROW, picks[1:], ()
    return origin, size, kind, make, _taker(size, picks, spread), slice(1 - size, None)


@cache
def _taker(
    size: int, picks: tuple[int | None, ...], spread: tuple[int, ...]
) -> Callable[[list[Any]], Iterable[Any]]:
    """What takes values by place among the last ones, and those that are gathered one by one."""
    at = [pick - size for pick in picks if pick is not None]
    if len(picks) == len(at) == len(spread) == 1:
        return itemgetter(*at)
    if len(at) == len(picks) and not spread:
        if len(at) > 1:
            return itemgetter(*at)
        return itemgetter(slice(at[0], (at[0] + 1) or None) if at else slice(0))
    each = [(pick, number in spread) for number, pick in enumerate(picks)]

    def take(values: list[Any]) -> Iterable[Any]:
        taken: list[Any] = []
        for pick, is_gathered in each:
            if pick is None:  # a part that is left out
                taken.append(None)
            elif is_gathered:
                taken += values[pick - size]
            else:
                taken.append(values[pick - size])
        return taken

    return take
