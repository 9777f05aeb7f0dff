"""The token at the cursor, and what the parser has read before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ....compiler.report.source import Span
from ....compiler.structs import Struct
from ....compiler.syntax import tree as syntax
from ....compiler.syntax.beginning import Beginning

_STRING = r'"(?:[^"\\\r\n]|\\[^\r\n])*+"?'
_PATH = rf"[A-Za-z_][A-Za-z0-9_]*+(?:\.(?!\.)(?:[A-Za-z_][A-Za-z0-9_]*+|\*|{_STRING})?+)*+"
_TOKENS = re.compile(
    rf"(?P<comment>\#.*+)|(?P<string>{_STRING})|(?P<path>{_PATH})|(?P<number>[0-9][A-Za-z0-9_:.+-]*+)|\S"
)
_WIDE = re.compile(rf"#.*+|{_STRING}|(?P<wide>[A-Za-z0-9_](?:[A-Za-z0-9_.:/()-]*+))|\S")


class Token(NamedTuple):
    """What would be replaced: its offsets, and what has been typed of it before the cursor."""

    start: int
    end: int
    typed: str

    @property
    def in_string(self) -> bool:
        """Whether the cursor stands in a text in quotes."""
        return self.typed.startswith('"')


class Cursor(Struct):
    """Where in a text something is to be completed."""

    token: Token
    beginning: Beginning

    @property
    def expected(self) -> frozenset[str]:
        """The terminals that may stand here."""
        return self.beginning.expected


def cursor_at(text: str, offset: int, statements: Iterable[syntax.Node]) -> Cursor | None:
    """Find the token at an offset, and read what is before it; None in a comment."""
    found, wide = token_at(text, offset), _in_line(_WIDE, text, offset)
    if found is None:
        return None
    for each in dict.fromkeys(filter(None, (wide, found))):
        read = Beginning(text[begin(text, each.start, statements) : each.start])
        takes_wide = {"%CONTROL_ID", "%PLATFORM_NAME"} & read.expected
        if each == found or takes_wide:
            return Cursor(each, read)
    return None


def token_at(text: str, offset: int) -> Token | None:
    """The word or the text that an offset is in, or right behind; an empty one between them, none in a comment."""
    return _in_line(_TOKENS, text, offset)


def _in_line(pattern: re.Pattern[str], text: str, offset: int) -> Token | None:
    line = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    written = text[line : len(text) if end < 0 else end].removesuffix("\r")
    found = _token(pattern, written, offset - line)
    return found and Token(line + found.start, line + found.end, found.typed)


def _token(pattern: re.Pattern[str], line: str, column: int) -> Token | None:
    """The token that a column of a line is in, or right behind."""
    for match in pattern.finditer(line):
        start, end = match.span()
        if start >= column:
            break
        typed = line[start:column]
        if match.lastgroup == "comment" or match[0].startswith("#"):
            return None
        if match[0].startswith('"'):
            is_open = match[0].count('"') == 1 or not match[0].endswith('"')
            if column < end or (column == end and is_open):
                return Token(start, end, typed)
        elif column <= end and match.lastgroup is not None:
            return Token(start, end, typed)
    return Token(column, column, "")


def begin(text: str, offset: int, statements: Iterable[syntax.Node]) -> int:
    """Where the statement begins that an offset is in, or behind; reading from there is enough."""
    lines = _LineStarts(text)
    begin = 0
    for each in statements:
        start = lines.offset(each.span)
        if start >= offset:
            break
        begin = start
    return begin


class _LineStarts:
    """Finds offsets of spans that come in the order of the text, without a list of all lines."""

    def __init__(self, text: str) -> None:
        self._text, self._line, self._start = text, 1, 0

    def offset(self, span: Span) -> int:
        while self._line < span.line:
            newline = self._text.find("\n", self._start)
            self._start = len(self._text) if newline < 0 else newline + 1
            self._line += 1
        return self._start + span.column - 1


def tokens(text: str) -> Iterator[Token]:
    """The words and texts of a source, for tests."""
    at = 0
    for line in text.split("\n"):
        for match in _TOKENS.finditer(line):
            if match.lastgroup not in (None, "comment"):
                yield Token(at + match.start(), at + match.end(), match[0])
        at += len(line) + 1
