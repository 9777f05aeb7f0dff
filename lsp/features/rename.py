"""Another name for what is declared, in all files of the set; also in those that are not open."""

from __future__ import annotations

from collections.abc import Mapping

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from ...compiler.check.memory import Memory
from ...compiler.check.rename import Refused, can_be_renamed, renamed
from ..snapshot import Snapshot

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
    except Refused as refused:
        raise JsonRpcException(str(refused), FAILED) from None
    lines = snapshot.lines_of(file)
    start, end = lines.offsets(use.span)
    return types.PrepareRenamePlaceholder(
        range=lines.between(start, end), placeholder=lines.text[start:end]
    )


def rename(
    snapshot: Snapshot,
    versions: Mapping[str, int | None] | None,
    memory: Memory,
    place: tuple[str, int, int],
    name: str,
) -> types.WorkspaceEdit | None:
    """The edits of all documents, or an error that says why there are none.

    `versions` are those of the open documents; None where the client takes no edits with versions.
    """
    use = snapshot.compilation.uses.at(*place)
    if use is None:
        return None
    try:
        found = renamed(snapshot.compilation, use, name, memory)
    except Refused as refused:
        raise JsonRpcException(str(refused), FAILED) from None
    by_file: dict[str, list[types.TextEdit]] = {}
    for each in found:
        edit = types.TextEdit(snapshot.range_of(each.span), each.text)
        by_file.setdefault(each.span.file, []).append(edit)
    by_uri = {snapshot.uri_of(file): edits for file, edits in by_file.items()}
    if versions is None:
        return types.WorkspaceEdit(changes=by_uri)
    changes = []
    for uri, edits in by_uri.items():
        of = types.OptionalVersionedTextDocumentIdentifier(uri, versions.get(uri))
        changes.append(types.TextDocumentEdit(of, list(edits)))
    return types.WorkspaceEdit(document_changes=list(changes))
