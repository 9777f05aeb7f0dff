"""Edits, applied as a client does."""

from __future__ import annotations

from itertools import pairwise

from lsprotocol import types

from agpc.lsp.positions import Lines
from lsp.editor import Editor


def applied(editor: Editor, uri: str, edit: types.WorkspaceEdit | None) -> str:
    """A document with an edit, as a client applies it: snippets with what they leave to the author."""
    assert edit is not None
    if edit.document_changes:
        (change,) = edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.uri == uri
        assert change.text_document.version == editor.versions[uri]
        edits = [*change.edits]
    else:
        assert edit.changes is not None
        edits = [*edit.changes[uri]]
    return edited(editor.texts[uri], edits)


def edited(text: str, edits: list[types.TextEdit | types.SnippetTextEdit]) -> str:
    lines = Lines(text)
    placed = []
    for each in edits:
        new = each.snippet.value if isinstance(each, types.SnippetTextEdit) else each.new_text
        placed.append((lines.offset(each.range.start), lines.offset(each.range.end), new))
    placed.sort(reverse=True)
    for (start, _, _), (_, end, _) in pairwise(placed):
        assert end <= start
    for start, end, new in placed:
        text = text[:start] + new + text[end:]
    return text
