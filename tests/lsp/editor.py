"""An editor as tests drive it: `pytest-lsp`'s client, connected to `agpc lsp` in a process of its own, which is forked."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from forking import agpc
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

PATIENCE = 60.0
"""Seconds, of a machine that has much else to do."""

ANALYSIS = "agpc analysis"

converter = cache(default_converter)
"""Of all clients: what it has to work out about a type it works out once."""


@cache
def _of_vs_code() -> types.ClientCapabilities:
    return client_capabilities("visual-studio-code")


def able_as_vs_code() -> types.ClientCapabilities:
    """What a client says it can, to be changed at will."""
    return deepcopy(_of_vs_code())


@dataclass
class Editor:
    """A client, its folder, and the documents that it has open."""

    client: LanguageClient
    folder: Path
    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    published: dict[str, types.PublishDiagnosticsParams] = field(default_factory=dict)
    registered: list[types.Registration] = field(default_factory=list)
    result: types.InitializeResult | None = None

    def uri(self, name: str) -> str:
        """The address of a file of the folder; what has a scheme is one already."""
        return name if ":" in name else (self.folder / name).as_uri()

    def write(self, name: str, text: str) -> str:
        """Write a file, as it is, and give its address."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path.as_uri()

    def open(self, name: str, text: str | None = None) -> str:
        """Open a document, with what is on the disk if nothing else is said."""
        uri = self.uri(name)
        if text is None:
            text = (self.folder / name).read_bytes().decode()
        self.texts[uri], self.versions[uri] = text, 1
        item = types.TextDocumentItem(uri, "agp", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, *changes: types.TextDocumentContentChangeEvent) -> None:
        """Send changes."""
        self.versions[uri] += 1
        of = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(of, list(changes)))

    def write_over(self, uri: str, text: str) -> None:
        """Put another text in place of a document's."""
        self.texts[uri] = text
        self.change(uri, types.TextDocumentContentChangeWholeDocument(text))

    def close(self, uri: str) -> None:
        """Close a document."""
        self.texts.pop(uri, None)
        of = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(of))

    def changed_on_disk(self, *uris: str, type: int = types.FileChangeType.Changed) -> None:
        """Tell that files have changed beside the editor."""
        events = [types.FileEvent(each, types.FileChangeType(type)) for each in uris]
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))

    def diagnostics(self, uri: str, source: str | None = None) -> list[types.Diagnostic]:
        """What was last said of a document, by somebody or by all."""
        found = self.published.get(uri)
        return [
            each
            for each in (found.diagnostics if found else ())
            if source is None or each.source == source
        ]

    def codes(self, uri: str, source: str | None = None) -> list[str]:
        """The codes of what was last said of a document."""
        return sorted(str(each.code) for each in self.diagnostics(uri, source))

    async def until(self, condition: Any) -> None:
        """Wait until something holds."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not condition():
            if asyncio.get_running_loop().time() > deadline:
                said = {uri: self.codes(uri) for uri in self.published}
                raise AssertionError(f"it has not come to hold; what is said: {said}")
            await asyncio.sleep(0.01)

    async def until_told(self, uri: str) -> list[types.Diagnostic]:
        """Wait for what is said of a document's last version."""
        version = self.versions[uri]
        await self.until(lambda: uri in self.published and self.published[uri].version == version)
        return self.diagnostics(uri)


@asynccontextmanager
async def started(
    folder: Path,
    *,
    encodings: Sequence[types.PositionEncodingKind] | None = None,
    capabilities: types.ClientCapabilities | None = None,
    folders: Sequence[Path] | None = None,
    command: Sequence[str] | None = None,
) -> AsyncIterator[Editor]:
    """Start a server, and end it in order."""
    client = LanguageClient(converter_factory=converter)
    editor = Editor(client, folder)

    def published(client: LanguageClient, params: types.PublishDiagnosticsParams) -> None:
        editor.published[params.uri] = params

    def registered(client: LanguageClient, params: types.RegistrationParams) -> None:
        editor.registered += params.registrations

    own = {
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: published,
        types.CLIENT_REGISTER_CAPABILITY: registered,
    }
    register_lsp_features(client, {**DEFAULT_CLIENT_FEATURES, **own})
    await client.start_io(*(command or [*agpc(), "lsp", "--stdio"]), cwd=str(folder))
    able = capabilities or able_as_vs_code()
    if capabilities is None and able.text_document is not None:
        able.text_document.diagnostic = None  # told rather than asked; tests of the other say so
    if encodings is not None:
        able.general = types.GeneralClientCapabilities(position_encodings=list(encodings))
    editor.result = await client.initialize_session(
        types.InitializeParams(
            capabilities=able,
            workspace_folders=[
                types.WorkspaceFolder(each.as_uri(), each.name)
                for each in ([folder] if folders is None else folders)
            ],
        )
    )
    try:
        yield editor
    finally:
        await client.shutdown_session()
        await client.stop()
    assert client.error is None


def checked(paths: Sequence[str], directory: Path) -> list[dict[str, Any]]:
    """What a fresh `agpc check` says."""
    found = subprocess.run(
        [*agpc(), "check", "--format", "json", *paths],
        capture_output=True,
        cwd=directory,
        env={**os.environ},
        check=False,
    )
    assert found.stdout, found.stderr
    said: list[dict[str, Any]] = json.loads(found.stdout)["diagnostics"]
    return said
