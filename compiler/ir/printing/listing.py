"""Source text as it is written, a line at a time, each known by the part of a policy that it says."""

from __future__ import annotations

from ...report.source import Source, Span


class Listing:
    """Lines of source text. The part is named before its text is made: `page.at(part).add(text)`.

    So it is also known where text cannot be made. Parts are named as in the JSON form, such as
    `allows[0].condition`.
    """

    def __init__(self, name: str = "") -> None:
        """Start an empty listing, of the name that its source will have."""
        self.name = name
        self.part = ""
        self.indent = ""
        self.lines: list[str] = []
        self._parts: list[str] = []

    def at(self, part: str) -> Listing:
        """Say which part of the policy comes next."""
        self.part = part
        return self

    def add(self, text: str) -> None:
        """Write lines that say the part."""
        lines = [f"{self.indent}{line}" for line in text.split("\n")]
        self.lines += lines
        self._parts += [self.part] * len(lines)

    def source(self) -> Source:
        """Give what has been written."""
        return Source(self.name, "\n".join(self.lines) + "\n")

    def part_at(self, span: Span) -> str:
        """The part of the policy that stands at a place."""
        return self._parts[min(span.line, len(self._parts)) - 1]
