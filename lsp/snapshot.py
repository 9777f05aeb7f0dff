"""One policy set as it was after an edit, and how it comes to be: open documents before what is on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

from ..compiler.check.compiling.compile import Compilation, compile_sources
from ..compiler.check.project.files import PolicyFilesError, read_text
from ..compiler.check.project.settings import Settings
from ..compiler.check.review.review import ReviewKept
from ..compiler.ir import nodes as ir
from ..compiler.lowering.names.names import Names
from ..compiler.lowering.references.references import References
from ..compiler.report.source import PolicyFile, Source, Span
from ..compiler.structs import Struct, field
from ..compiler.syntax import tree as syntax
from ..compiler.text.visible import visible
from .disk import look
from .documents import Document, Documents
from .positions import DEFAULT, Encoding, Lines
from .sets import Home, Sets, Trouble
from .uris import key_of, key_of_path, uri_of


class Snapshot(Struct, frozen=False):
    """A policy set at one moment. INVARIANT: nothing in it changes but what is worked out once and kept."""

    home: Home
    files: tuple[PolicyFile, ...]
    compilation: Compilation
    policy: ir.Policy | None
    """Of the last time that it compiled; older than the files where `is_stale`."""

    names_in: Callable[[syntax.File], frozenset[str]]
    troubles: tuple[Trouble, ...] = ()
    encoding: Encoding = DEFAULT
    number: int = 0
    _uris: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _names: dict[str, str | None] = field(default_factory=dict)
    """By key, and of what is open by address, too."""
    _sources: dict[str, Source] = field(default_factory=dict)
    _trees: dict[str, syntax.File] = field(default_factory=dict)
    _lines: dict[str, Lines] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """What it is judged by."""
        return self.home.settings

    @property
    def refer(self) -> References:
        """What names mean, and what can be read where."""
        return self.compilation.refer

    @property
    def names(self) -> Names:
        """What the packages declare."""
        return self.compilation.names

    @property
    def is_stale(self) -> bool:
        """Whether the policy is older than the files, which do not compile."""
        return self.compilation.policy is None

    def source_of(self, name: str) -> Source:
        """The text of a file."""
        return self._sources[name]

    def tree_of(self, name: str) -> syntax.File:
        """The syntax tree of a file, which has what is whole in it."""
        if not self._trees:
            self._trees = {each.span.file: each for each in self.compilation.files}
        return self._trees[name]

    def uri_of(self, name: str) -> str:
        """The address of a file, as the client writes it where it is open."""
        return self._uris[name][0]

    def uris_of(self, name: str) -> tuple[str, ...]:
        """All addresses that a file is open at with this text: several links may lead to it."""
        return self._uris[name]

    def name_of(self, uri: str) -> str | None:
        """The name that spans give a document; None where it is not in the set, or its text is not the one that holds."""
        return self._names[uri] if uri in self._names else self._names.get(key_of(uri))

    def has(self, document: Document) -> bool:
        """Whether the file of a document is in the set."""
        return document.key in self._names

    def lines_of(self, name: str) -> Lines:
        """The lines of a file."""
        if name not in self._lines:
            self._lines[name] = Lines(self._sources[name].text, self.encoding)
        return self._lines[name]

    def range_of(self, span: Span) -> types.Range:
        """Where a span is, as the client counts."""
        return self.lines_of(span.file).range(span)

    def location_of(self, span: Span) -> types.Location:
        """Where a span is, and in which document."""
        return types.Location(self.uri_of(span.file), self.range_of(span))


class Known(Struct, frozen=False):
    """What is kept of a set from one snapshot to the next."""

    kept: ReviewKept
    last: Snapshot | None = None
    is_dirty: bool = True
    listed: tuple[tuple[str, str, str], ...] | None = None
    """Its files on the disk, their names and their keys; None where somebody has to look again."""

    overlap: Trouble | None = None
    """Of those files, what another set has too."""


class ReadText(Struct):
    """A file as it was read: what it looked like from outside, and its text, or why there is none."""

    look: tuple[int, ...]
    name: str
    source: Source | None
    trouble: str | None


class Snapshots:
    """Makes the snapshot of a set when it is asked for, after whatever has changed since the last."""

    def __init__(
        self, documents: Documents, sets: Sets, begin: Callable[[], ReviewKept] = ReviewKept
    ) -> None:
        """Start with nothing known; `begin` makes what is kept of a set."""
        self.documents, self.sets, self._begin = documents, sets, begin
        self._known: dict[str, Known] = {}
        self._read: dict[str, ReadText] = {}
        self._sources: dict[tuple[str, str], tuple[Document, Source]] = {}
        self._count = 0

    def of_home(self, home: Home) -> Snapshot:
        """The snapshot of a set."""
        known = self._of(home)
        if known.last is None or known.is_dirty or known.last.home != home:
            known.last = self._made(home, known)
            known.is_dirty = False
        return known.last

    def latest(self, key: str) -> Snapshot | None:
        """The last snapshot of a set that was made."""
        known = self._known.get(key)
        return None if known is None else known.last

    def is_current(self, snapshot: Snapshot) -> bool:
        """Whether nothing has changed since a snapshot."""
        known = self._known.get(snapshot.home.key)
        return known is not None and known.last is snapshot and not known.is_dirty

    def kept(self, snapshot: Snapshot) -> ReviewKept:
        """What reviews of a set leave for each other."""
        return self._known[snapshot.home.key].kept

    def edited(self, document: Document) -> list[Home]:
        """Say that a document has another text, and which sets have it: its own first."""
        home = self.sets.home(document)
        known = self._of(home)
        known.is_dirty = True
        homes = [home]
        for each in self._known.values():
            if each is not known and each.last and each.last.has(document):
                each.is_dirty = True
                homes.append(each.last.home)
        return homes

    def look_again(self, paths: tuple[str, ...] = ()) -> None:
        """Say that files on the disk have come, gone or changed; those that are named are read anew."""
        for path in paths:
            self._read.pop(path, None)
        for known in self._known.values():
            known.listed, known.is_dirty = None, True

    def look(self) -> object:
        """What the files of all sets look like from outside: not the same after most changes."""
        self.sets.forget()
        found = []
        for known in self._known.values():
            if known.last is not None:
                home = known.last.home
                files = self.sets.files(home)
                beside = (str(each) for each in (home.settings.file, home.baseline) if each)
                paths = [*(path for path, _ in files), *beside]
                found.append((home, [(path, look(path)) for path in paths]))
        return found

    def drop(self, key: str) -> None:
        """Forget a set that is no more."""
        self._known.pop(key, None)

    def known(self) -> tuple[str, ...]:
        """The sets that somebody has asked for."""
        return tuple(self._known)

    def _of(self, home: Home) -> Known:
        if home.key not in self._known:
            self._known[home.key] = Known(self._begin())
        return self._known[home.key]

    def _made(self, home: Home, known: Known) -> Snapshot:
        if known.listed is None:
            found = self.sets.files(home)
            known.listed = tuple((path, name, key_of_path(path)) for path, name in found)
            known.overlap = self.sets.overlap(home)
        files: dict[str, PolicyFile] = {}
        uris: dict[str, tuple[str, ...]] = {}
        names: dict[str, str | None] = {}
        troubles = [each for each in (home.trouble, known.overlap) if each is not None]
        holding = self.documents.by_file()
        opened: dict[str, Document] = {}
        for path, name, key in known.listed:
            if key in holding:
                opened[name], names[key] = holding[key], name
                continue
            read = self._text(path, name)
            if read.source is not None:
                files[name], uris[name] = PolicyFile(read.source, path), (uri_of(path),)
                names[key] = name
            elif read.trouble is not None:
                troubles.append(Trouble(uri_of(path), read.trouble))
        for key, document in holding.items():
            if key not in names and self.sets.home(document).key == home.key:
                names[key] = name = self.sets.name_in(home, document)
                opened[name] = document
        for name, document in opened.items():
            source = self._source(home, name, document)
            files[name] = PolicyFile(source, document.path or document.uri)
            names[document.uri], uris[name] = name, (document.uri,)
        for document in self.documents:
            holds = holding[document.key]
            if holds is document or (there := names.get(document.key)) is None:
                continue
            if document.text == holds.text:
                names[document.uri] = there
                uris[there] += (document.uri,)
            else:
                names[document.uri] = None
                troubles.append(Trouble(document.uri, _other_text(holds)))
        listed = tuple(files[name] for name in sorted(files))
        sources = {each.source.name: each.source for each in listed}
        compilation = compile_sources(
            tuple(sources.values()), known.kept.compiled, home.settings.controls
        )
        before = None if known.last is None else known.last.policy
        self._count += 1
        return Snapshot(
            home,
            listed,
            compilation,
            compilation.policy or before,
            known.kept.compiled.names_known(),
            tuple(troubles),
            self.documents.encoding,
            self._count,
            uris,
            names,
            sources,
        )

    def _source(self, home: Home, name: str, document: Document) -> Source:
        """The source of an open document in a set, the same object as long as it is the same document."""
        known = self._sources.get((home.key, document.key))
        if known is None or known[0] is not document or known[1].name != name:
            known = self._sources[home.key, document.key] = (document, Source(name, document.text))
        return known[1]

    def _text(self, path: str, name: str) -> ReadText:
        """The text of a file on the disk; read again if it looks otherwise than it did."""
        now = look(path)
        known = self._read.get(path)
        if known is not None and known.look == now and now and known.name == name:
            return known
        trouble, source = None, None
        if visible(name) != name:
            trouble = "the file has a character in its name that does not show"
        else:
            try:
                source = Source(name, read_text(Path(path)))
            except PolicyFilesError as error:
                trouble = error.problems[0] if now else None
        known = self._read[path] = ReadText(now, name, source, trouble)
        return known


def _other_text(holds: Document) -> str:
    return f"this file is open at `{holds.path or holds.uri}`, too, and the text there holds: it was changed last"
