"""Semantic tokens: what each name stands for, which a grammar of colours cannot know."""

from __future__ import annotations

from bisect import bisect_left

from lsprotocol import types

from ...compiler.lowering.names.definitions import TargetKind
from ..snapshot import Snapshot

_TYPES: dict[TargetKind, str] = {
    "package": "namespace",
    "agent": "class",
    "intent": "event",
    "resource": "struct",
    "action": "method",
    "parameter": "parameter",
    "field": "property",
    "type": "type",
    "member": "enumMember",
    "set": "variable",
    "condition": "function",
    "rule": "interface",
    "meter": "variable",
    "source": "variable",
    "group": "enum",
    "terms": "macro",
    "control": "decorator",
}
"""What themes have colours for, nearest to what each is."""

_READ_ONLY = ("set", "member")
LEGEND = types.SemanticTokensLegend(sorted(set(_TYPES.values())), ["declaration", "readonly"])
_NUMBERS = {name: number for number, name in enumerate(LEGEND.token_types)}


def semantic_tokens(snapshot: Snapshot, name: str, within: types.Range | None = None) -> list[int]:
    """The names of a file, or of a part of it, five numbers each, as the protocol has them."""
    lines = snapshot.lines_of(name)
    data: list[int] = []
    line, character = 0, 0
    uses = snapshot.compilation.uses.in_file(name)
    first = 0
    if within is not None:
        top, _ = lines.place(within.start)
        first = bisect_left(uses, top, key=lambda each: each.span.end_line)
    for use in uses[first:]:
        where = lines.range(use.span)
        if within is not None and where.start.line > within.end.line:
            break
        if where.start.line != where.end.line:
            continue
        length = where.end.character - where.start.character
        step = where.start.line - line
        start = where.start.character - (0 if step else character)
        if step < 0 or start < 0 or length <= 0:
            continue
        modifiers = use.is_definition | (use.target.kind in _READ_ONLY) << 1
        data += (step, start, length, _NUMBERS[_TYPES[use.target.kind]], modifiers)
        line, character = where.start.line, where.start.character
    return data


def edits(before: list[int], after: list[int]) -> list[types.SemanticTokensEdit]:
    """What makes the one of the other: all between what both begin with and what both end with."""
    if before == after:
        return []
    start, shorter = 0, min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    inside = after[start : len(after) - end]
    return [types.SemanticTokensEdit(start, len(before) - end - start, inside)]
