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
from .automaton import IGNORED, automaton
from .build_tree import LEAVES
from .characters import MAX_DIGITS, MAX_NAME, check_string
from .stacks import GROW, MAKE, Stack, Step

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
        self._automaton = automaton()
        self._find, self._keys = self._automaton.find, self._automaton.keys
        self._find_here = self._automaton.find_here
        self.stack = self._automaton.starts["file"]
        self.pos = 1 if self.text[:1] == "\ufeff" else 0
        self.values: list[Any] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.brackets: list[Bracket] = []
        self.nots = 0  # that stand in a row right here
        self.accepted = False
        self.too_deep = False

    def begin(self, start: str) -> None:
        """Choose what the text is to be: "file" or "expression"."""
        self.stack = self._automaton.starts[start]

    @property
    def stacks(self) -> list[Stack]:
        """The stack, and before it all that are below it."""
        found: list[Stack] = []
        each: Stack | None = self.stack
        while each is not None:
            found.append(each)
            each = each.below
        return found[::-1]

    @cached_property
    def odd(self) -> Oddities:
        """What reads that which is no token."""
        from .mistakes.unreadable import Oddities  # only a mistake pays for its tables

        return Oddities(self._source, self.places, self.diagnostics)

    @property
    def depth(self) -> int:
        """How deep the place is nested in brackets and `not`s."""
        return (self.brackets[-1].depth + 1 if self.brackets else 0) + self.nots

    def scan(self, stack: Stack, pos: int) -> Token:
        """Read the token at an offset, as the parser would see it with a stack."""
        text, find = self.text, self._find
        here = self._find_here[stack.state]
        match = None if here is None else here(text, pos)
        if match is not None and stack.takes(key := f"%{match.lastgroup}"):
            start, end = match.span(match.lastgroup or 0)
            return _token((key, text[start:end], start, end))
        match = find(text, pos)
        while match is None:
            odd = Token(*self.odd.token(pos))
            if odd.key != IGNORED:
                return _as_keyword(stack, odd)
            pos = odd.end
            match = find(text, pos)
        group = match.lastindex or 0
        start, end = match.span(group)
        word = text[start:end]
        kind = self._keys[group]
        if kind is None or (kind == "%NAME" and word in stack.row and stack.takes(word)):
            return _token((word, word, start, end))
        return _token((kind, word, start, end))

    def feed(self, token: Token) -> bool:
        """Take a token; False if it cannot stand here."""
        key, word, start, end = token
        move = self.stack[key]
        if move is None:
            return False
        steps, self.stack = move
        if steps:
            self._put_together(steps, start)
        if key == END:
            self.accepted = True
            return True
        leaf = LEAVES.get(key)
        if leaf is None:
            self.values.append(word)
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
            self.values.append(leaf(self.places.span(start, end), word))
            self.nots = 0
        self.starts.append(start)
        self.ends.append(end)
        self.pos = end
        return True

    def _put_together(self, steps: Sequence[Step], start: int) -> None:
        """Do what reductions do to the values, before a token that begins at an offset."""
        values, starts, ends, span = self.values, self.starts, self.ends, self.places.span
        for _, size, kind, make, take, rest in steps:
            if kind == MAKE:
                place = span(starts[-size], ends[-1]) if size else span(start, start)
                value = make(place, *take(values))
            elif kind == GROW:
                value = values[-size]
                value.extend(take(values))
            else:
                value = make(take(values))
            if size == 1:
                values[-1] = value
            elif size:
                values[-size], ends[-size] = value, ends[-1]
                del values[rest], starts[rest], ends[rest]
            else:
                values.append(value)
                starts.append(start)
                ends.append(start)

    def complete(self, key: str, start: int, rules: frozenset[str]) -> bool:
        """Put together what a terminal would, up to where one of some rules may begin; False if there is no such place."""
        move = self.stack.up_to(key, rules)
        if move is None:
            return False
        steps, self.stack = move
        self._put_together(steps, start)
        return True

    def feed_statement(self, token: Token, statement: Statement, end: int) -> bool:
        """Take a statement that is known, and begins with a token; the token alone where no statement may begin."""
        if not self.stack.begins(_STATEMENT) and not self.complete(
            token.key, token.start, _STATEMENT
        ):
            return self.feed(token)
        self.stack = self.stack.after("statement")
        self.values.append(statement)
        self.starts.append(token.start)
        self.ends.append(end)
        self.nots, self.pos = 0, end
        return True

    def cut(self, height: int) -> None:
        """Forget what is above a height of the stack."""
        self.stack = self.stacks[height - 1]
        del self.values[height - 1 :]
        del self.starts[height - 1 :], self.ends[height - 1 :]
        while self.brackets and self.brackets[-1].height >= height:
            self.brackets.pop()
        self.nots = 0

    def _nest(self, key: str, start: int) -> None:
        if key == "not":
            self.nots += 1
        elif key in CLOSERS:
            self.brackets.append(Bracket(key, start, len(self.values), self.depth))
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


def _as_keyword(stack: Stack, token: Token) -> Token:
    """See what only looks like a name as the keyword that it looks like."""
    is_keyword = token.key == "%NAME" and stack.takes(token.text)
    return token._replace(key=token.text) if is_keyword else token


def _is_simple(quoted: str) -> bool:
    return quoted.isascii() and "\\" not in quoted
