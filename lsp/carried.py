"""Findings of an earlier text, where they are in a later one: those whose lines have not changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ..compiler.report.diagnostics import Diagnostic, Label
from ..compiler.report.fixes import Fix
from ..compiler.report.source import Source, Span
from ..compiler.structs import changed

Move = Callable[[Span], Span | None]
"""Where a place is now; None where it is no more."""


def carried(
    found: Iterable[Diagnostic], before: Mapping[str, Source], now: Mapping[str, Source]
) -> Iterator[Diagnostic]:
    """The findings whose place stands as it did, moved to where that is."""
    moves: dict[str, Move] = {}
    for each in found:
        labels = []
        for label in each.labels:
            name = label.span.file
            if name not in moves:
                moves[name] = _move(before.get(name), now.get(name))
            span = moves[name](label.span)
            if span is not None:
                labels.append(label if span is label.span else Label(span, label.text))
            elif label is each.labels[0]:
                break
        else:
            fixes = tuple(_fixes(each, moves))
            is_same = tuple(labels) == each.labels and fixes == each.fixes
            yield each if is_same else changed(each, labels=tuple(labels), fixes=fixes)


def _fixes(found: Diagnostic, moves: Mapping[str, Move]) -> Iterator[Fix]:
    """The fixes of a finding whose places stand as they did, moved to where they are."""
    for fix in found.fixes:
        edits = []
        for edit in fix.edits:
            move = moves.get(edit.span.file)
            span = None if move is None else move(edit.span)
            if span is None:
                break
            edits.append(changed(edit, span=span))
        else:
            yield changed(fix, edits=tuple(edits))


def _move(before: Source | None, now: Source | None) -> Move:
    if before is None or now is None:
        return lambda span: None
    if before.text == now.text:
        return lambda span: span
    old, new = before.text.split("\n"), now.text.split("\n")
    most = min(len(old), len(new))
    above = 0
    while above < most and old[above] == new[above]:
        above += 1
    below = 0
    while below < most - above and old[-1 - below] == new[-1 - below]:
        below += 1
    first, shift = len(old) - below, len(new) - len(old)

    def move(span: Span) -> Span | None:
        if span.end_line <= above:
            return span
        if span.line <= first:
            return None
        return Span(
            span.file, span.line + shift, span.column, span.end_line + shift, span.end_column
        )

    return move
