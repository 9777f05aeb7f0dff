"""What changes beside the editor: files that come, go or are saved, and settings."""

from __future__ import annotations

from lsprotocol import types

from ..registry import asked_of_all
from ..session import Session
from ..uris import path_of

WATCHED = ("**/*.agp", "**/agpc.toml", "**/pyproject.toml")


@asked_of_all(types.INITIALIZED)
def watch(session: Session, params: types.InitializedParams) -> None:
    """Ask the client to watch files, where it can."""
    session.ask_to_watch(WATCHED)


@asked_of_all(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def changed(session: Session, params: types.DidChangeWatchedFilesParams) -> None:
    """Look again at what changed on the disk."""
    paths = (path_of(each.uri) for each in params.changes)
    session.look_again(tuple(each for each in paths if each is not None))


@asked_of_all(types.TEXT_DOCUMENT_DID_SAVE)
def saved(session: Session, params: types.DidSaveTextDocumentParams) -> None:
    """A document is on the disk as it is here: look whether others changed with it."""
    session.look_again()


@asked_of_all(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
def configured(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Read the settings again; they are in files, and those of the editor are about what it shows."""
    session.preferences.take(params.settings)
    session.look_again()
