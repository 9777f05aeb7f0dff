"""Source files and places in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from ..structs import Struct


class Span(NamedTuple):
    """A stretch of a source file; lines and columns count from 1, columns in code points.

    `end_line` and `end_column` name the place right after the last character. It is a tuple because each node of a
    tree has one, and nothing else is made as fast.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def start(self) -> tuple[int, int]:
        """The line and the column of its first character."""
        return self.line, self.column

    @property
    def end(self) -> tuple[int, int]:
        """The line and the column right after its last character."""
        return self.end_line, self.end_column

    def __str__(self) -> str:
        """Give the place as `file:line:column`, as editors and CI logs link it."""
        return f"{self.file}:{self.line}:{self.column}"

    def lies_in(self, other: Span) -> bool:
        """Whether this span begins inside another one."""
        return self.file == other.file and other.start <= self.start < other.end

    def is_within(self, other: Span) -> bool:
        """Whether all of this span lies in another one of the same file."""
        return other.start <= self.start and self.end <= other.end

    def touches(self, other: Span) -> bool:
        """Whether two spans of one file have a place in common, an end counted."""
        return self.start <= other.end and other.start <= self.end

    def holds(self, line: int, column: int) -> bool:
        """Whether a place lies in this span, its end counted: where a cursor stands that is right behind a word."""
        return self.start <= (line, column) <= self.end

    def to(self, end: Span) -> Span:
        """Extend this span to the end of a later one."""
        return Span(self.file, self.line, self.column, end.end_line, end.end_column)


new_span: Callable[[tuple[str, int, int, int, int]], Span] = partial(tuple.__new__, Span)
"""As `Span._make` does, with less between."""


class Source(Struct):
    """One file's text, under the name that messages and artifacts give it.

    The name is relative to the root of the policy set and has `/` between its parts, so that
    output does not depend on the machine.
    """

    name: str
    text: str

    def lines(self) -> list[str]:
        """Split the text as spans count lines: at `\\n` and `\\r\\n` alone."""
        lines = self.text.split("\n")
        return [line.removesuffix("\r") for line in lines] if "\r" in self.text else lines


class PolicyFile(Struct):
    """A source, and the path by which it was reached; both are `<stdin>` for standard input."""

    source: Source
    path: str
    place: str | None = None
    """Of a revision: the path in its tree, which `path` has the revision before."""
