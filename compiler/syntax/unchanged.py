"""What an edit leaves of a text: statements that stand where they stood, which nobody has to read again.

A statement is the same if its text is, if what follows it is, since the first token behind it tells where it ends,
and if the parser comes to its beginning where a statement may begin. All of it but the last is known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from ..report.offsets import Offsets
from ..report.source import Source
from . import tree as syntax

Unchanged: TypeAlias = Mapping[int, tuple[syntax.Statement, int]]
"""Statements by the offset at which they begin in the later text, each with that of its end."""


def unchanged(before: syntax.File, was: Source, now: Source) -> Unchanged:
    """The statements of a file without mistakes that stand in a later text of it: before what has changed, and behind it.

    Behind it only where no line has come or gone, so that their places are the same.
    """
    old, new = was.text, now.text
    above = _common(old, new)
    below = _common(old[above:][::-1], new[above:][::-1])
    places = Offsets(was)
    found: dict[int, tuple[syntax.Statement, int]] = {}
    ended: tuple[int, syntax.Statement, int] | None = None
    moved = len(new) - len(old)
    first = old.find("\n", len(old) - below) if below else -1
    is_level = old.count("\n", above, len(old) - below) == new.count("\n", above, len(new) - below)
    for each in before.statements:
        start = places.offset(each.span.line, each.span.column)
        end = places.offset(each.span.end_line, each.span.end_column)
        if ended is not None and end <= above:  # all of the next one stands there, too
            found[ended[0]] = ended[1:]
        ended = start, each, end
        if is_level and 0 <= first < start:
            found[start + moved] = each, end + moved
    return found


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least
