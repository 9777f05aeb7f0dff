"""Offsets in a source to lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right

from .source import Source, Span, new_span

_NEWLINE = re.compile("\n")


class Offsets:
    """Knows where the lines of a source begin."""

    __slots__ = ("file", "line_starts")

    def __init__(self, source: Source) -> None:
        """Find the line ends, once."""
        self.file = source.name
        self.line_starts = [0, *map(re.Match.end, _NEWLINE.finditer(source.text))]

    def span(self, start: int, end: int) -> Span:
        """Give the span between two offsets."""
        lines = self.line_starts
        line = bisect_right(lines, start)
        before = lines[line - 1] - 1
        if line == len(lines) or end < lines[line]:  # most spans end on their first line
            return new_span((self.file, line, start - before, line, end - before))
        end_line = bisect_right(lines, end)
        return Span(self.file, line, start - before, end_line, end - lines[end_line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """Give the offset of a place."""
        return self.line_starts[line - 1] + column - 1
