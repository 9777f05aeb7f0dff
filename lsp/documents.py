"""The documents that are open in the editor: their text is there, and not on the disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lsprotocol import types

from ..compiler.records import dataclass, field
from .positions import DEFAULT, Encoding, Lines
from .uris import key_of, path_of

_SURROGATES = re.compile("[\ud800-\udfff]")

Change = types.TextDocumentContentChangeEvent


@dataclass(slots=True)
class Document:
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
    """The open documents, by what tells them apart."""

    def __init__(self) -> None:
        """Start with none."""
        self.encoding: Encoding = DEFAULT
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        """All that are open."""
        return iter(tuple(self._open.values()))

    def of(self, uri: str) -> Document | None:
        """The open document of an address."""
        return self._open.get(key_of(uri))

    def of_key(self, key: str) -> Document | None:
        """The open document of a key."""
        return self._open.get(key)

    def open(self, item: types.TextDocumentItem) -> Document:
        """Take up a document; one that is open already is opened anew."""
        key = key_of(item.uri)
        document = Document(
            item.uri, whole(item.text), item.version, self.encoding, key, path_of(item.uri)
        )
        self._open[key] = document
        return document

    def change(self, uri: str, changes: Sequence[Change], version: int | None) -> Document | None:
        """Change a document, whatever the number of the change: they come in order. None where it is not open."""
        before = self.of(uri)
        if before is None:
            return None
        after = self._open[before.key] = before.after(changes, version)
        return after

    def close(self, uri: str) -> Document | None:
        """Forget a document: what is on the disk holds again."""
        return self._open.pop(key_of(uri), None)


def whole(text: str) -> str:
    """A text without halves of surrogate pairs, which no file can have; what stands for them is as long."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
