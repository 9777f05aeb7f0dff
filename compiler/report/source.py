"""Source files and places in them."""

from __future__ import annotations

from ..records import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a source file; lines and columns count from 1, columns in code points.

    `end_line` and `end_column` name the place right after the last character.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        """Give the place as `file:line:column`, as editors and CI logs link it."""
        return f"{self.file}:{self.line}:{self.column}"

    def lies_in(self, other: Span) -> bool:
        """Whether this span begins inside another one."""
        begins = (other.line, other.column) <= (self.line, self.column)
        return (
            self.file == other.file
            and begins
            and (self.line, self.column) < (other.end_line, other.end_column)
        )

    def to(self, end: Span) -> Span:
        """Extend this span to the end of a later one."""
        return Span(self.file, self.line, self.column, end.end_line, end.end_column)


@dataclass(frozen=True, slots=True)
class Source:
    """One file's text, under the name that messages and artifacts give it.

    The name is relative to the root of the policy set and has `/` between its parts, so that
    output does not depend on the machine.
    """

    name: str
    text: str

    def lines(self) -> list[str]:
        """Split the text as spans count lines: at `\\n` and `\\r\\n` alone."""
        return [line.removesuffix("\r") for line in self.text.split("\n")]


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A source, and the path by which it was reached; both are `<stdin>` for standard input."""

    source: Source
    path: str
    place: str | None = None
    """Of a revision: the path in its tree, which `path` has the revision before."""
