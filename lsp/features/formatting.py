"""Formatting, of a whole document and of some of its lines: what `agpc fmt` makes of it, as edits."""

from __future__ import annotations

from lsprotocol import types

from ...compiler.format.formatter import format_source
from ...compiler.format.mend import parse_mended
from ...compiler.report.diagnostics import Diagnostics, has_errors
from ...compiler.report.fixes import line_end
from ...compiler.report.source import Source
from ..positions import Lines
from .edits import between, text_edits


def formatted(source: Source) -> str | None:
    """A text as `agpc fmt` writes it; None where it has a mistake of syntax, and nothing may move.

    How lines end is the editor's matter: where they end in `\\r\\n`, they still do.
    """
    found: Diagnostics = []
    parse_mended(source, found)
    if has_errors(found):
        return None
    after = format_source(source)
    return after.replace("\n", "\r\n") if line_end(source.text) == "\r\n" else after


def formatting(source: Source, lines: Lines) -> list[types.TextEdit] | None:
    """The edits that format a document."""
    after = formatted(source)
    return None if after is None else text_edits(lines, after)


def range_formatting(
    source: Source, lines: Lines, ranges: list[types.Range]
) -> list[types.TextEdit] | None:
    """Those of the edits that touch some lines, and no others."""
    after = formatted(source)
    if after is None:
        return None
    wanted = [(_line_start(lines, each.start), _line_end(lines, each)) for each in ranges]
    return [
        types.TextEdit(lines.between(start, end), text)
        for start, end, text in between(source.text, after)
        if any(first <= start and end <= last for first, last in wanted)
    ]


def _line_start(lines: Lines, position: types.Position) -> int:
    return lines.offset(types.Position(position.line, 0))


def _line_end(lines: Lines, range: types.Range) -> int:
    """Where the last line of a range ends; one that ends at the start of a line does not have that line."""
    last = range.end
    if last.character == 0 and last.line > range.start.line:
        return lines.offset(last)
    return lines.offset(types.Position(last.line + 1, 0))
