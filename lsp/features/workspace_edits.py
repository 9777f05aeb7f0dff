"""Edits of the documents of a set, told as a client can take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lsprotocol import types

from ...compiler.report.fixes import HOLE, Replacement
from ...compiler.structs import Struct
from ..abilities import Abilities
from ..snapshot import Snapshot


class Editing(Struct):
    """What it takes to tell a client of edits: the set that they are of, the versions that are open, what it can."""

    snapshot: Snapshot
    versions: Mapping[str, int | None]
    able: Abilities

    def document(self, name: str) -> dict[str, Any]:
        """The document that a file is, and its version, as the data of an action have them."""
        uri = self.snapshot.uri_of(name)
        return {"uri": uri, "version": self.versions.get(uri)}

    def edit(self, changes: Mapping[str, Iterable[Replacement]]) -> types.WorkspaceEdit:
        """Say what is to be replaced in each file."""
        if not self.able.versions:
            plain = {
                self.snapshot.uri_of(name): [
                    types.TextEdit(range, text.replace(HOLE, ""))
                    for range, text in self._placed(name, found)
                ]
                for name, found in changes.items()
            }
            return types.WorkspaceEdit(plain)
        return types.WorkspaceEdit(
            document_changes=[self._document(name, found) for name, found in changes.items()]
        )

    def _document(self, name: str, found: Iterable[Replacement]) -> types.TextDocumentEdit:
        uri = self.snapshot.uri_of(name)
        of = types.OptionalVersionedTextDocumentIdentifier(uri, self.versions.get(uri))
        return types.TextDocumentEdit(of, [self._edit(*each) for each in self._placed(name, found)])

    def _placed(self, name: str, found: Iterable[Replacement]) -> list[tuple[types.Range, str]]:
        lines = self.snapshot.lines_of(name)
        return [(lines.between(start, end), text) for start, end, text in found]

    def _edit(self, range: types.Range, text: str) -> types.TextEdit | types.SnippetTextEdit:
        if HOLE not in text:
            return types.TextEdit(range, text)
        if not self.able.snippet_edits:
            return types.TextEdit(range, text.replace(HOLE, ""))
        return types.SnippetTextEdit(range, types.StringValue(snippet(text)))


def snippet(text: str) -> str:
    """New text as a snippet, in which the author goes from hole to hole."""
    first, *rest = text.split(HOLE)
    parts = [escaped(first)]
    for number, each in enumerate(rest, start=1):
        parts += [f"${{{number}}}", escaped(each)]
    return "".join(parts) + "$0"


def escaped(text: str) -> str:
    """A text as a snippet writes it, in which a name could be taken for a placeholder.

    >>> print(escaped("a$b}"))
    a\\$b\\}
    """
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
