"""Places in a text, as clients of the protocol count them and as spans do.

A client counts lines and characters from 0, characters in UTF-8 or UTF-16 units, and takes a `\\r` alone for the end
of a line, too. A span counts lines and columns from 1, columns in code points, and ends lines at `\\n` alone. Between
the two stand offsets in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from lsprotocol import types

from ..compiler.report.source import Span

Encoding = types.PositionEncodingKind
DEFAULT = Encoding.Utf16
"""What a client counts in that does not say."""

_ENDS = re.compile(r"\r\n|\n|\r")
_NEWLINE = re.compile("\n")


def chosen(offered: Sequence[Encoding | str] | None) -> Encoding:
    """The units to count in, of those that a client offers: UTF-8 if it can, since that is what files are."""
    for each in (Encoding.Utf8, Encoding.Utf16, Encoding.Utf32):
        if each in (offered or ()):
            return each
    return DEFAULT


class Lines:
    """Where the lines of a text are. Places that are not there become the nearest that are."""

    __slots__ = ("_ends", "_spans", "_starts", "encoding", "text")

    def __init__(self, text: str, encoding: Encoding = DEFAULT) -> None:
        """Find the lines, once."""
        self.text, self.encoding = text, encoding
        found = [match.span() for match in _ENDS.finditer(text)]
        self._starts = [0, *(end for _, end in found)]
        self._ends = [*(start for start, _ in found), len(text)]
        alone = len(found) != text.count("\n")
        self._spans = (
            [0, *(match.end() for match in _NEWLINE.finditer(text))] if alone else self._starts
        )

    def __len__(self) -> int:
        """How many lines a client sees."""
        return len(self._starts)

    # --- as clients count ---

    def offset(self, position: types.Position) -> int:
        """The offset of a position."""
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[position.line], self._ends[position.line]
        return start + self._code_points(self.text[start:end], position.character)

    def position(self, offset: int) -> types.Position:
        """The position of an offset."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        before = self.text[start : min(offset, self._ends[line])]
        return types.Position(line, self._units(before))

    def between(self, start: int, end: int) -> types.Range:
        """The range between two offsets."""
        return types.Range(self.position(start), self.position(end))

    def whole(self) -> types.Range:
        """The range of the whole text."""
        return self.between(0, len(self.text))

    # --- as spans count ---

    def place(self, position: types.Position) -> tuple[int, int]:
        """The line and the column that a span has at a position."""
        return self.place_of(self.offset(position))

    def place_of(self, offset: int) -> tuple[int, int]:
        """The line and the column that a span has at an offset."""
        line = bisect_right(self._spans, offset)
        return line, offset - self._spans[line - 1] + 1

    def offset_of(self, line: int, column: int) -> int:
        """The offset of a line and a column of a span."""
        if line > len(self._spans):
            return len(self.text)
        start = self._spans[max(line, 1) - 1]
        return min(start + max(column, 1) - 1, len(self.text))

    def offsets(self, span: Span) -> tuple[int, int]:
        """Where a span begins and ends."""
        start = self.offset_of(span.line, span.column)
        return start, max(start, self.offset_of(span.end_line, span.end_column))

    def range(self, span: Span) -> types.Range:
        """The range of a span."""
        return self.between(*self.offsets(span))

    def span(self, name: str, range: types.Range) -> Span:
        """The span of a range, in the file of a name."""
        return Span(name, *self.place(range.start), *self.place(range.end))

    # --- units ---

    def _code_points(self, line: str, units: int) -> int:
        """How many code points stand in so many units; one that they end inside does not count."""
        if line.isascii() or self.encoding == Encoding.Utf32:
            return min(units, len(line))
        if self.encoding == Encoding.Utf8:
            return len(line.encode("utf-8")[:units].decode("utf-8", "ignore"))
        return len(line.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))

    def _units(self, text: str) -> int:
        if text.isascii() or self.encoding == Encoding.Utf32:
            return len(text)
        if self.encoding == Encoding.Utf8:
            return len(text.encode("utf-8"))
        return len(text.encode("utf-16-le")) // 2
