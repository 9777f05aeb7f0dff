"""What the formatter mends: commas behind lists that no bracket closes."""

from __future__ import annotations

from ..report.diagnostics import Diagnostics
from ..report.source import Source
from ..syntax import tree as syntax
from ..syntax.parse import parse


def parse_mended(source: Source, diagnostics: Diagnostics) -> tuple[Source, syntax.File]:
    """Parse a file as if it had no such commas; the source given back has spaces in their place."""
    found: Diagnostics = []
    file = parse(source, found)
    while file.commas:
        lines = source.text.split("\n")
        for comma in file.commas:
            line = lines[comma.line - 1]
            lines[comma.line - 1] = line[: comma.column - 1] + " " + line[comma.column :]
        source = Source(source.name, "\n".join(lines))
        found.clear()
        file = parse(source, found)
    diagnostics.extend(found)
    return source, file
