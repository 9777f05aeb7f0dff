"""The parser: runs the grammar's automaton over a text, and builds the tree on the way.

Nothing here calls itself, so that the depth of the input cannot exhaust the stack. An error is
left to `recover`, which changes the stacks or the place and lets the parser go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ...grammar import END
from ..report.diagnostics import Diagnostics, report
from ..report.offsets import Offsets
from ..report.source import Source
from ..text.field_names import MAX_QUOTED, problem
from .automaton import GATHER, GROW, IGNORED, MAKE, PASS, Automaton, automaton
from .build_tree import LEAVES
from .characters import MAX_DIGITS, MAX_NAME, check_string

if TYPE_CHECKING:
    from .mistakes.unreadable import Oddities
    from .tree import Statement

MAX_DEPTH = 100

CLOSERS = {"(": ")", "[": "]", "{": "}"}


class Token(NamedTuple):
    """A piece of text between two offsets; `key` is that of its terminal in the tables."""

    key: str
    text: str
    start: int
    end: int


_token: Callable[[tuple[str, str, int, int]], Token] = partial(tuple.__new__, Token)
"""As `Token._make` does, with less between: one is made for each word."""


class Bracket(NamedTuple):
    """An opening bracket that waits for its closing one.

    `height` is that of the stack below it, `depth` the nesting outside of it.
    """

    key: str
    start: int
    height: int
    depth: int


class Machine:
    """A parse in progress."""

    def __init__(
        self,
        source: Source,
        places: Offsets,
        diagnostics: Diagnostics,
        deepest: int = MAX_DEPTH,
    ) -> None:
        """Get ready at the start of the text; `begin` says what to parse."""
        self.deepest = deepest
        self.text = source.text
        self.places = places
        self.diagnostics = diagnostics
        self._source = source
        self.machine: Automaton = automaton()
        self.rows = self.machine.tables.rows
        self.gotos = self.machine.tables.gotos
        self.ways = self.machine.ways
        self.find = self.machine.find
        self.find_here = self.machine.find_here
        self.pos = 1 if self.text[:1] == "\ufeff" else 0
        self.states: list[int] = []
        self.values: list[Any] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.brackets: list[Bracket] = []
        self.nots = 0  # that stand in a row right here
        self.last = 0
        self.accepted = False
        self.too_deep = False

    def begin(self, start: str) -> None:
        """Choose what the text is to be: "file" or "expression"."""
        self.states.append(self.machine.tables.starts[start])
        self.last = self.machine.tables.ends[start]

    @cached_property
    def odd(self) -> Oddities:
        """What reads that which is no token."""
        from .mistakes.unreadable import Oddities  # only a mistake pays for its tables

        return Oddities(self._source, self.places, self.diagnostics)

    @property
    def depth(self) -> int:
        """How deep the place is nested in brackets and `not`s."""
        return (self.brackets[-1].depth + 1 if self.brackets else 0) + self.nots

    def scan(self, states: Sequence[int], pos: int) -> Token:
        """Read the token at an offset, as the parser would see it in a state."""
        text, find = self.text, self.find
        here = self.find_here[states[-1]]
        match = here(text, pos) if here is not None else None
        if match is None or not self._takes_here(states, f"%{match.lastgroup}"):
            match = find(text, pos)
            while match is None:
                odd = Token(*self.odd.token(pos))
                if odd.key != IGNORED:
                    return self._as_keyword(states, odd)
                pos = odd.end
                match = find(text, pos)
        kind, number = match.lastgroup, match.lastindex
        assert kind is not None and number is not None
        start, end = match.span(number)
        word = text[start:end]
        if kind == "NAME":
            key = word if self._takes_here(states, word) else "%NAME"
        elif kind == "SIGN":
            key = word
        else:
            key = END if kind == "END" else f"%{kind}"
        return _token((key, word, start, end))

    def _as_keyword(self, states: Sequence[int], token: Token) -> Token:
        """See what only looks like a name as the keyword that it looks like."""
        is_keyword = token.key == "%NAME" and self.takes(states, token.text)
        return token._replace(key=token.text) if is_keyword else token

    def _takes_here(self, states: Sequence[int], key: str) -> bool:
        """Whether a terminal can be shifted; mostly seen at once."""
        action = self.rows[states[-1]].get(key)
        return action is not None and (action >= 0 or self.takes(states, key))

    def takes(self, states: Sequence[int], key: str) -> bool:
        """Whether a terminal can be shifted.

        A row may know it only because LALR merges the look-ahead of states that differ in what
        came before; a word that cannot be shifted is a name.
        """
        return self.machine.takes(tuple(states), key, self.last)

    def feed(self, token: Token, until: frozenset[str] = frozenset()) -> bool:
        """Take a token; False if it cannot stand here, and then some reductions may be done.

        With `until`, only reduce, up to where one of these rules may begin.
        """
        key, word, start, end = token
        rows, gotos, steps, ways = self.rows, self.gotos, self.machine.steps, self.ways
        states, values, starts, ends = self.states, self.values, self.starts, self.ends
        span = self.places.span
        while True:
            action = rows[states[-1]].get(key)
            if action is None:
                return False
            if action >= 0:
                break
            origin, size, kind, make, take = steps[action]
            height = len(values) - size
            if size != 1 or kind != PASS:
                parts = values[height:]
                parts.append(None)  # which a part that is left out picks
                first, last = (starts[height], ends[-1]) if size else (start, start)
                if kind == MAKE:
                    value = make(span(first, last), *take(parts))
                elif kind == GROW:
                    value = parts[0]
                    value.extend(take(parts))
                elif kind == GATHER:
                    value = make(take(parts))
                else:
                    (value,) = take(parts)
                values[height:], starts[height:], ends[height:] = (value,), (first,), (last,)
            below = states[height]
            state = gotos[below][origin] if until else ways[below, origin, key]
            states[height + 1 :] = (state,)
            if key == END and state == self.last:
                self.accepted = True
                return True
            if until and until & gotos[state].keys():
                return False
        leaf = LEAVES.get(key)
        if leaf is None:
            values.append(word)
            if key in _NESTING:
                self._nest(key, start)
            else:
                self.nots = 0
        else:
            if (
                end - start > MAX_DIGITS
                or key in _QUOTED
                or (key == "%STRING" and not _is_simple(word))
            ):
                self._check_leaf(token)
            values.append(leaf(span(start, end), word))
            self.nots = 0
        states.append(action)
        starts.append(start)
        ends.append(end)
        self.pos = end
        return True

    def feed_statement(self, token: Token, statement: Statement, end: int) -> bool:
        """Take a statement that is known, and begins with a token; the token alone where no statement may begin."""
        if not self._begins_statement and self.feed(token, _STATEMENT):
            return True
        if not self._begins_statement:
            return False
        self.states.append(self.gotos[self.states[-1]]["statement"])
        self.values.append(statement)
        self.starts.append(token.start)
        self.ends.append(end)
        self.nots, self.pos = 0, end
        return True

    @property
    def _begins_statement(self) -> bool:
        return "statement" in self.gotos[self.states[-1]]

    def cut(self, height: int) -> None:
        """Forget what is above a height of the stack."""
        del self.states[height:], self.values[height - 1 :]
        del self.starts[height - 1 :], self.ends[height - 1 :]
        while self.brackets and self.brackets[-1].height >= height:
            self.brackets.pop()
        self.nots = 0

    def _nest(self, key: str, start: int) -> None:
        if key == "not":
            self.nots += 1
        elif key in CLOSERS:
            self.brackets.append(Bracket(key, start, len(self.states), self.depth))
            self.nots = 0
        else:
            self.brackets.pop()
            self.nots = 0
        if self.depth > self.deepest:
            self.too_deep = True

    def _check_leaf(self, token: Token) -> None:
        if token.key == "%STRING":
            check_string(token.text, token.start, self.places, self.diagnostics)
        elif token.key in _QUOTED:
            self._check_quoted(token)
        elif token.key == "%NUMBER":
            report(
                self.diagnostics,
                "AGP1008",
                self.places.span(token.start, token.end),
                f"a number may have {MAX_DIGITS} digits",
            )
        elif token.key in _NAMES and token.end - token.start > MAX_NAME:
            report(
                self.diagnostics,
                "AGP1310",
                self.places.span(token.start, token.end),
                f"this name has {token.end - token.start} characters, and a name may have "
                f"{MAX_NAME}, dots included",
                "give it a shorter one; what it stands for can be said in a comment",
            )

    def _check_quoted(self, token: Token) -> None:
        found: Diagnostics = []
        check_string(token.text, token.start, self.places, found)
        self.diagnostics.extend(found)
        wrong = problem(token.text)
        if wrong is not None and not found:
            report(
                self.diagnostics,
                "AGP1017",
                self.places.span(token.start, token.end),
                "this text in quotes cannot be a name",
                f"{wrong}; a name in quotes is a visible text of 1 to {MAX_QUOTED} characters",
            )


_STATEMENT = frozenset(("statement",))
_QUOTED = {"%QUOTED_NAME", "%QUOTED_PATH"}
_NAMES = {"%NAME", "%PATH", "%WILDCARD", "%CONTROL_ID", "%PLATFORM_NAME"}
_NESTING = {"not", *CLOSERS, *CLOSERS.values()}


def _is_simple(quoted: str) -> bool:
    return quoted.isascii() and "\\" not in quoted
