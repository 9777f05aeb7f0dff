"""The documents that are open in the editor: their text is there, and not on the disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lsprotocol import types

from ..compiler.structs import Struct, changed, field
from .positions import DEFAULT, Encoding, Lines
from .uris import key_of, path_of

_SURROGATES = re.compile("[\ud800-\udfff]")

Change = types.TextDocumentContentChangeEvent


class Document(Struct, frozen=False):
    """A document at one moment; a change makes another one."""

    uri: str
    text: str
    version: int | None = None
    encoding: Encoding = DEFAULT
    key: str = ""
    path: str | None = None
    _lines: Lines | None = field(default=None, compare=False)

    @property
    def lines(self) -> Lines:
        """Its lines, found when they are asked for."""
        if self._lines is None:
            self._lines = Lines(self.text, self.encoding)
        return self._lines

    def after(self, changes: Sequence[Change], version: int | None) -> Document:
        """The document after changes, one on top of the other; ranges that are not there are the nearest."""
        now = self
        for change in changes:
            text = whole(change.text)
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = now.lines.offset(change.range.start)
                end = max(start, now.lines.offset(change.range.end))
                text = now.text[:start] + text + now.text[end:]
            now = Document(self.uri, text, version, self.encoding, self.key, self.path)
        return now


class Documents:
    """The open documents, by the address that the client opened each at.

    Two addresses may be links to one file. A policy set has that once, with the text that was opened or changed last.
    """

    def __init__(self) -> None:
        """Start with none."""
        self.encoding: Encoding = DEFAULT
        self._open: dict[str, Document] = {}
        """INVARIANT: what was changed later stands later."""

    def __iter__(self) -> Iterator[Document]:
        """All that are open."""
        return iter(tuple(self._open.values()))

    def of(self, uri: str) -> Document | None:
        """The open document of an address; of one that is written otherwise than it was opened, that of its file."""
        return self._open.get(uri) or self.by_file().get(key_of(uri))

    def at(self, uri: str) -> Document | None:
        """The document that was opened at exactly this address."""
        return self._open.get(uri)

    def by_file(self) -> dict[str, Document]:
        """The document that holds of each file, by the key of that."""
        return {each.key: each for each in self._open.values()}

    def look_again(self) -> None:
        """Look again which files they are: a link may lead elsewhere now."""
        for uri, each in self._open.items():
            if (key := key_of(uri)) != each.key:
                self._open[uri] = changed(each, key=key)

    def open(self, item: types.TextDocumentItem) -> Document:
        """Take up a document; one that is open already is opened anew."""
        key = key_of(item.uri)
        document = Document(
            item.uri, whole(item.text), item.version, self.encoding, key, path_of(item.uri)
        )
        self._put(document)
        return document

    def change(self, uri: str, changes: Sequence[Change], version: int | None) -> Document | None:
        """Change a document, whatever the number of the change: they come in order. None where it is not open."""
        before = self.of(uri)
        if before is None:
            return None
        after = before.after(changes, version)
        self._put(after)
        return after

    def close(self, uri: str) -> Document | None:
        """Forget a document: what is on the disk holds again."""
        document = self.of(uri)
        return None if document is None else self._open.pop(document.uri)

    def _put(self, document: Document) -> None:
        self._open.pop(document.uri, None)
        self._open[document.uri] = document


def whole(text: str) -> str:
    """A text without halves of surrogate pairs, which no file can have; what stands for them is as long."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
