"""What an editor may fold: blocks and lists, long statements without any, runs of comments and of `use` lines."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from ...compiler.syntax import tree as syntax
from ..snapshot import Snapshot
from .brackets import pairs

Kind = types.FoldingRangeKind


def folding_ranges(snapshot: Snapshot, name: str) -> list[types.FoldingRange]:
    """The ranges of lines that may be folded, one for each line that begins one."""
    found: dict[int, types.FoldingRange] = {}
    for each in (*_blocks(snapshot, name), *_runs(snapshot, name)):
        known = found.get(each.start_line)
        if known is None or known.end_line < each.end_line:
            found[each.start_line] = each
    return [found[line] for line in sorted(found)]


def _blocks(snapshot: Snapshot, name: str) -> Iterator[types.FoldingRange]:
    lines = snapshot.lines_of(name)
    for opened, closed in pairs(lines.text):
        first, last = lines.position(opened).line, lines.position(closed).line - 1
        if last > first:
            yield types.FoldingRange(first, last, kind=Kind.Region)
    for statement in snapshot.tree_of(name).statements:
        where = snapshot.range_of(statement.span)
        ends_block = (
            lines.text[max(0, lines.offset(where.end) - 1) : lines.offset(where.end)] == "}"
        )
        if where.start.line < where.end.line and not ends_block:
            yield types.FoldingRange(where.start.line, where.end.line, kind=Kind.Region)


def _runs(snapshot: Snapshot, name: str) -> Iterator[types.FoldingRange]:
    """Comments, and `use`s, that stand on lines right after each other."""
    tree = snapshot.tree_of(name)
    texts = snapshot.source_of(name).lines()
    comments = [
        each.span.line
        for each in tree.comments
        if not texts[each.span.line - 1][: each.span.column - 1].strip()
    ]
    uses = [each.span.line for each in tree.statements if isinstance(each, syntax.Use)]
    lines = snapshot.lines_of(name)
    for kind, numbers in ((Kind.Comment, comments), (Kind.Imports, uses)):
        start = 0
        for at, number in enumerate(numbers):
            if at + 1 == len(numbers) or numbers[at + 1] != number + 1:
                if at > start:
                    first, last = (
                        lines.position(lines.offset_of(each, 1)).line
                        for each in (numbers[start], number)
                    )
                    yield types.FoldingRange(first, last, kind=kind)
                start = at + 1
