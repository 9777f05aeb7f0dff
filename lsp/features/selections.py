"""Selection ranges: the word, what its brackets hold, the brackets, the clause, the statement, the file."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from ..snapshot import Snapshot
from .brackets import pairs
from .completion.cursor import token_at


def selection_ranges(
    snapshot: Snapshot, name: str, positions: Iterable[types.Position]
) -> list[types.SelectionRange]:
    """For each position what may be selected around it, each inside the next."""
    lines = snapshot.lines_of(name)
    text, tree = lines.text, snapshot.tree_of(name)
    known = [*pairs(text)]
    nodes = []
    for statement in tree.statements:
        nodes.append(lines.offsets(statement.span))
        inside = getattr(statement, "clauses", ()) or getattr(statement, "items", ())
        nodes += [lines.offsets(each.span) for each in inside]
    found = []
    for position in positions:
        offset = lines.offset(position)
        word = token_at(text, offset)
        around = [(0, len(text)), (offset, offset), *nodes]
        if word is not None:
            around.append((word.start, word.end))
        around += [(opened + 1, closed) for opened, closed in known]
        around += [(opened, closed + 1) for opened, closed in known]
        held = sorted(
            {(start, end) for start, end in around if start <= offset <= end},
            key=lambda each: (each[0] - each[1], each[0]),
        )
        range_: types.SelectionRange | None = None
        before = (-1, len(text) + 1)
        for start, end in held:
            if before[0] <= start and end <= before[1]:
                range_ = types.SelectionRange(lines.between(start, end), range_)
                before = (start, end)
        assert range_ is not None  # the whole text is around every place
        found.append(range_)
    return found
