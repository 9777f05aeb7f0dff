"""Formatting, of a whole document and of some of its lines: what `agpc fmt` makes of it, as edits."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from ...compiler.format.formatter import format_source
from ...compiler.format.mend import parse_mended
from ...compiler.report.diagnostics import Diagnostics, has_errors
from ...compiler.report.fixes import line_end
from ..positions import Lines
from ..snapshot import Snapshot
from .edits import between, text_edits


def formatted(snapshot: Snapshot, name: str) -> str | None:
    """A text as `agpc fmt` writes it; None where it has a mistake of syntax, and nothing may move.

    How lines end is the editor's matter: where they end in `\\r\\n`, they still do.
    """
    source = snapshot.source_of(name)
    if any(
        each.severity == "error" and (not each.labels or each.labels[0].span.file == name)
        for each in snapshot.compilation.diagnostics
    ):
        found: Diagnostics = []
        mended, tree = parse_mended(source, found)
        if has_errors(found):
            return None
    else:
        mended, tree = source, snapshot.tree_of(name)
    after = format_source(mended, tree)
    return after.replace("\n", line_end(source.text))


def formatting(snapshot: Snapshot, name: str) -> list[types.TextEdit] | None:
    """The edits that format a document."""
    after = formatted(snapshot, name)
    return None if after is None else text_edits(snapshot.lines_of(name), after)


def range_formatting(
    snapshot: Snapshot, name: str, ranges: Iterable[types.Range]
) -> list[types.TextEdit] | None:
    """Those of the edits that are within some lines, and no others."""
    after = formatted(snapshot, name)
    if after is None:
        return None
    lines = snapshot.lines_of(name)
    wanted = [(_line_start(lines, each.start), _line_end(lines, each)) for each in ranges]
    return [
        types.TextEdit(lines.between(start, end), text)
        for start, end, text in between(lines.text, after)
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
