"""Another name for what is declared, in all files of the set; also in those that are not open."""

from __future__ import annotations

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ...compiler.check.compiling.memory import Memory
from ...compiler.check.edits.rename import CannotRename, can_be_renamed, renamed
from ...compiler.report.fixes import Replacement
from ..snapshot import Snapshot
from .workspace_edits import Editing

FAILED = -32803
"""The protocol's `RequestFailed`: what was asked is well formed, and cannot be done."""


def prepare(
    snapshot: Snapshot, file: str, line: int, column: int
) -> types.PrepareRenamePlaceholder | None:
    """The word that would be renamed; an error in words where it has its name from elsewhere."""
    use = snapshot.compilation.uses.at(file, line, column)
    if use is None:
        return None
    try:
        can_be_renamed(snapshot.compilation, use)
    except CannotRename as refused:
        raise JsonRpcException(str(refused), FAILED) from None
    lines = snapshot.lines_of(file)
    start, end = lines.offsets(use.span)
    return types.PrepareRenamePlaceholder(
        range=lines.between(start, end), placeholder=lines.text[start:end]
    )


def rename(
    editing: Editing, memory: Memory, place: tuple[str, int, int], name: str
) -> types.WorkspaceEdit | None:
    """The edits of all documents, or an error that says why there are none."""
    snapshot = editing.snapshot
    use = snapshot.compilation.uses.at(*place)
    if use is None:
        return None
    try:
        found = renamed(snapshot.compilation, use, name, memory)
    except CannotRename as refused:
        raise JsonRpcException(str(refused), FAILED) from None
    changes: dict[str, list[Replacement]] = {}
    for each in found:
        start, end = snapshot.lines_of(each.span.file).offsets(each.span)
        changes.setdefault(each.span.file, []).append((start, end, each.text))
    return editing.edit(changes)
