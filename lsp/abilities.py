"""What a client can, read once of what it says of itself at the beginning."""

from __future__ import annotations

from lsprotocol import types

from ..compiler.structs import Struct
from .positions import DEFAULT, Encoding, chosen

_PLAIN, _MARKDOWN = types.MarkupKind.PlainText, types.MarkupKind.Markdown


class Abilities(Struct):
    """What a client can; one that does not say so cannot."""

    encoding: Encoding = DEFAULT
    """In what it counts characters."""

    markup: types.MarkupKind = _PLAIN
    """What it shows in a hover: Markdown, if it can."""

    pulls: bool = False
    """Whether it asks for the diagnostics of what is open, also again when it is told to."""

    watches: bool = False
    """Whether it can tell of changes on the disk."""

    refreshes_lenses: bool = False
    """Whether it asks for lenses again when it is told to."""

    versions: bool = False
    """Whether its edits may say of which version of a document they are."""

    snippet_edits: bool = False
    """Whether the author may fill in holes of an edit."""

    snippet_items: bool = False
    """Whether the author may fill in holes of what was completed."""

    insert_and_replace: bool = False
    """Whether what is completed may have a range to insert at, and another one to replace."""

    @classmethod
    def of(cls, said: types.ClientCapabilities) -> Abilities:
        """What a client says."""
        general = said.general or types.GeneralClientCapabilities()
        document = said.text_document or types.TextDocumentClientCapabilities()
        workspace = said.workspace or types.WorkspaceClientCapabilities()
        hover = document.hover or types.HoverClientCapabilities()
        completion = document.completion or types.CompletionClientCapabilities()
        item = completion.completion_item or types.ClientCompletionItemOptions()
        edit = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
        pulled, lenses = workspace.diagnostics, workspace.code_lens
        watched = workspace.did_change_watched_files
        return cls(
            encoding=chosen(general.position_encodings),
            markup=_MARKDOWN if _MARKDOWN in (hover.content_format or ()) else _PLAIN,
            pulls=bool(document.diagnostic and pulled and pulled.refresh_support),
            watches=bool(watched and watched.dynamic_registration),
            refreshes_lenses=bool(lenses and lenses.refresh_support),
            versions=bool(edit.document_changes),
            snippet_edits=bool(edit.snippet_edit_support),
            snippet_items=bool(item.snippet_support),
            insert_and_replace=bool(item.insert_replace_support),
        )
