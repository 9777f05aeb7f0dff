"""What the server knows while it is connected: documents, sets, what was said of them, and what is still to be done."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from functools import partial
from time import monotonic
from typing import Any

from lsprotocol import types

from ..compiler.check.review.review import ReviewKept
from .abilities import Abilities
from .background import Background, PausingAnswers
from .checking import Analysed, Checked, Checking, by_document
from .documents import Change, Document, Documents
from .preferences import Preferences
from .registry import Here
from .sets import Home, Sets
from .snapshot import Snapshot, Snapshots
from .uris import key_of, path_of

log = logging.getLogger(__name__)

REST = 0.01
"""Seconds without a message after which what has changed is checked; who types on is not disturbed."""
LONGEST = 0.25
"""Seconds after which it is checked also of who types on."""

LOOK = 3.0
"""Seconds between two looks at the disk, for clients that do not tell of it."""

Send = Callable[[str, Any], None]


class Session:
    """One editor's work. All but the analysis happens in the thread of the event loop."""

    def __init__(self, send: Send) -> None:
        """Start with nothing open."""
        self.documents = Documents()
        self.sets = Sets()
        self.background = Background()
        self.snapshots = Snapshots(self.documents, self.sets, self._kept)
        self.checking = Checking()
        self.preferences = Preferences()
        self.able = Abilities()
        """What the client can."""

        self._look: object = None
        self._send = send
        self._homes: dict[str, Home] = {}
        self._changed: dict[str, None] = {}
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._said: dict[str, dict[str, list[types.Diagnostic]]] = {}
        """What each set says of each document of which it speaks."""
        self._told: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        """What the client was last told of each document: what all sets say."""

    def _kept(self) -> ReviewKept:
        return ReviewKept(answers=PausingAnswers(self.background.pause))

    # --- the connection ---

    def initialize(self, params: types.InitializeParams) -> None:
        """Take up what the client can, and its folders."""
        self.able = Abilities.of(params.capabilities)
        self.preferences.take(params.initialization_options)
        self.documents.encoding = self.able.encoding
        folders = [each.uri for each in params.workspace_folders or ()]
        if not folders and params.root_uri is not None:
            folders = [params.root_uri]
        self.change_folders(folders, ())

    def change_folders(self, added: Iterable[str], removed: Iterable[str]) -> None:
        """Add workspace folders, and take some away."""
        for uri in removed:
            if (path := path_of(uri)) is not None:
                self.sets.remove_folder(path)
        for uri in added:
            if (path := path_of(uri)) is not None:
                self.sets.add_folder(path)
        self.look_again()

    def ask_to_watch(self, patterns: Iterable[str]) -> None:
        """Ask the client to tell of changes on the disk; of one that cannot, the disk is looked at now and then."""
        if not self.able.watches:
            self._look_later()
            return
        watchers = [types.FileSystemWatcher(each) for each in patterns]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        registration = types.Registration("watching", method, options)
        self._send(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams([registration]))

    def _look_later(self) -> None:
        self._look = self.snapshots.look()
        asyncio.get_running_loop().call_later(LOOK, self._look_now)

    def _look_now(self) -> None:
        if self.snapshots.look() != self._look:
            self.look_again()
        self._look_later()

    # --- documents ---

    def open(self, item: types.TextDocumentItem) -> None:
        """Take up a document."""
        for home in self.snapshots.edited(self.documents.open(item)):
            self._touch(home)

    def change(self, uri: str, changes: list[Change], version: int | None) -> None:
        """Change a document."""
        document = self.documents.change(uri, changes, version)
        if document is not None:
            for home in self.snapshots.edited(document):
                self.background.cancel(home.key)
                self._touch(home)

    def close(self, uri: str) -> None:
        """Let go of a document."""
        document = self.documents.close(uri)
        if document is not None:
            home = self.sets.home(document)
            self.look_again((document.path,) if document.path else ())
            self._touch(home)

    def look_again(self, paths: tuple[str, ...] = ()) -> None:
        """Look at the disk again, since something there is not as it was."""
        self.sets.forget()
        self.documents.look_again()
        self.snapshots.look_again(paths)
        for document in self.documents:
            self._touch(self.sets.home(document))
        for key in self.snapshots.known():
            if key in self._homes:
                self._touch(self._homes[key])

    # --- questions ---

    def here(self, uri: str) -> Here | None:
        """A document and its set as they are now; None where there is no such document."""
        document = self.documents.of(uri)
        if document is None:
            path = path_of(uri)
            if path is None or not os.path.isfile(path):
                return None
            document = Document(uri, "", None, self.documents.encoding, key_of(uri), path)
        home = self.sets.home(document)
        self._homes[home.key] = home
        snapshot = self.snapshots.of_home(home)
        name = snapshot.name_of(uri)
        return None if name is None else Here(self, snapshot, document, name)

    def all_snapshots(self) -> list[Snapshot]:
        """The sets of all open documents and workspace folders, as they are now."""
        homes = {home.key: home for home in map(self.sets.home, self.documents)}
        homes.update((home.key, home) for home in self.sets.homes())
        return [self.snapshots.of_home(each) for each in homes.values()]

    def checked(self, snapshot: Snapshot) -> Checked:
        """What is said of a snapshot so far."""
        return self.checking.at_once(snapshot)

    def refresher(self) -> Callable[[], None]:
        """What has the client ask for lenses again, from any thread; nothing where it cannot."""
        if not self.able.refreshes_lenses:
            return lambda: None
        loop = asyncio.get_running_loop()

        def refresh() -> None:
            loop.call_soon_threadsafe(self._send, types.WORKSPACE_CODE_LENS_REFRESH, None)

        return refresh

    # --- checking what has changed ---

    def _touch(self, home: Home) -> None:
        """Remember to check a set, when there is time."""
        self._homes[home.key] = home
        if not self._changed:
            self._since = monotonic()
        self._changed[home.key] = None
        self.rest()

    def rest(self) -> None:
        """Check what has changed after a moment of rest, which begins now."""
        if not self._changed:
            self.background.release()
            return
        if self._timer is not None:
            self._timer.cancel()
        left = self._since + LONGEST - monotonic()
        self._timer = asyncio.get_running_loop().call_later(max(0.0, min(REST, left)), self._settle)

    def _settle(self) -> None:
        """Check one set that has changed, and then the next, unless a message comes between."""
        self._timer = None
        key = next(iter(self._changed), None)
        if key is not None:
            del self._changed[key]
            try:
                self._check(key)
            except Exception:  # the last guard: the server goes on answering
                log.exception("the check of %s failed", key)
        self.rest()

    def _check(self, key: str) -> None:
        home = self._homes.get(key)
        if home is None:
            return
        home = self._now(home)
        if home is None:
            self._drop(key)
            return
        snapshot = self.snapshots.of_home(home)
        if not snapshot.files and not snapshot.troubles:
            self._drop(key)
            return
        self._tell(self.checking.at_once(snapshot))
        if snapshot.compilation.policy is None or home.trouble is not None:
            self.background.cancel(key)
            return
        answers = self.snapshots.kept(snapshot).answers
        loop = asyncio.get_running_loop()

        def tell(found: Analysed) -> None:
            loop.call_soon_threadsafe(self._analysed, found)

        work = partial(self.checking.analyse, snapshot, answers, self.background.pause)
        self.background.start(key, work, tell)

    def _now(self, home: Home) -> Home | None:
        """A set as its settings say now; None where nothing that is open or in a folder is in it."""
        for document in self.documents:
            if (now := self.sets.home(document)).key == home.key:
                return now
        for path, _ in self.sets.files(home):
            if self.sets.is_in_folder(path) and (now := self.sets.home_of(path)).key == home.key:
                return now
        return None

    def _drop(self, key: str) -> None:
        """Forget a set, and all that was said of it."""
        self.background.cancel(key)
        self.snapshots.drop(key)
        self.checking.forget(key)
        self._homes.pop(key, None)
        self._publish(self._said.pop(key, {}))

    def _analysed(self, analysed: Analysed) -> None:
        """Tell what the analysis found, unless its text is no longer there."""
        snapshot = analysed.snapshot
        key = snapshot.home.key
        if self.snapshots.latest(key) is not snapshot or key in self._changed:
            return
        self.checking.keep(analysed)
        self._tell(self.checking.at_once(snapshot))
        if self.able.pulls:
            self._send(types.WORKSPACE_DIAGNOSTIC_REFRESH, None)

    # --- telling ---

    def _tell(self, checked: Checked) -> None:
        """Publish what is said of each document where it is not what was said before."""
        key, found = checked.snapshot.home.key, by_document(checked)
        before = self._said.get(key, {})
        self._said[key] = found
        self._publish({**before, **found})

    def _publish(self, uris: Iterable[str]) -> None:
        """Tell of documents what all sets say: what one has no more to say, another may still."""
        for uri in uris:
            speaking = [each[uri] for each in self._said.values() if uri in each]
            document = self.documents.at(uri)
            found: list[types.Diagnostic] = []
            if document is None or not self.able.pulls:
                for said in speaking:
                    found += [each for each in said if each not in found]
            version = None if document is None or not speaking else document.version
            if self._told.get(uri) != (version, found):
                self._told[uri] = (version, found)
                self._send(
                    types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
                    types.PublishDiagnosticsParams(uri, found, version),
                )
            if not speaking:
                del self._told[uri]
