"""What one compilation leaves for the next of the same policy set, so that it costs what changed.

It lives in a process and never on a disk, where somebody could write what nobody has read: what is kept
was made from text that this process has seen, and is used for just that text again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from ...ir import nodes as ir
from ...lowering.names.controls import STANDARDS, Catalogue
from ...lowering.names.mentions import Chunk
from ...lowering.names.names import Names
from ...report.diagnostics import Diagnostic, Diagnostics, has_errors
from ...report.offsets import Offsets
from ...report.source import Source, Span
from ...structs import Struct, changed, field
from ...syntax import tree as syntax
from ...syntax.parse import NOTHING, parse
from .unused import names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...syntax.unchanged import Unchanged

Declarations: TypeAlias = tuple[tuple[Span, str], ...]
"""What the rules of a policy set may refer to, as it stands in one file: each place, and its text."""

INDEPENDENT = (
    syntax.RuleDeclaration,
    syntax.SeparateDeclaration,
    syntax.IsolateDeclaration,
    syntax.DelegateDeclaration,
    syntax.WithinDeclaration,
    syntax.AssertDeclaration,
    syntax.TestDeclaration,
    syntax.BindDeclaration,
)
"""Statements of which no rule depends on another one."""

PARTS_OF_RULES = (
    syntax.GroupDeclaration,
    syntax.LetDeclaration,
    syntax.MeterDeclaration,
    syntax.SourceDeclaration,
    syntax.TermsDeclaration,
)
"""Statements of which rules hold parts, with their places."""


class ReadFile(Struct, frozen=False):
    """A file as it was parsed. One that is not whole may declare more than anybody knows."""

    source: Source
    file: syntax.File
    diagnostics: tuple[Diagnostic, ...]
    declared: Declarations
    is_whole: bool
    unmistaken: tuple[Source, syntax.File] | None
    """Its last text of which nothing was said, and what that was parsed to: what an edit leaves of it is not read again."""

    names: frozenset[str] | None = None


class ReadRule(Struct):
    """A grant or forbid as it was lowered; its node is kept, so that nothing else gets its `id`."""

    node: syntax.RuleDeclaration
    rules: tuple[ir.Rule, ...]
    diagnostics: tuple[Diagnostic, ...]
    mentions: Chunk


class Memory(Struct, frozen=False):
    """The files of the last compilation and its rules, by the `id` of what is kept with them."""

    _files: dict[int, ReadFile] = field(default_factory=dict)
    _rules: dict[int, ReadRule] = field(default_factory=dict)
    _declared: list[Declarations] = field(default_factory=list)
    _places: list[tuple[Span, ...]] = field(default_factory=list)
    _is_whole: bool = True
    _catalogue: Catalogue = STANDARDS
    _startable: frozenset[str] = frozenset()
    unnamed: dict[str, ir.Meter | ir.Source] = field(default_factory=dict)
    """The facts that conditions defined where they read them, by key; a rule that is kept does not say it again."""

    def use(self, catalogue: Catalogue) -> None:
        """Forget the rules if they may name other controls than the last time."""
        if catalogue != self._catalogue:
            self._rules.clear()
        self._catalogue = catalogue

    def use_starts(self, startable: frozenset[str]) -> None:
        """Forget the rules if other intents have starts than the last time."""
        if startable != self._startable:
            self._rules.clear()
        self._startable = startable

    def for_another(self) -> Memory:
        """A memory that has the same files, for a look at what they would be with a change."""
        return Memory(_files=dict(self._files))

    def parse(self, sources: Iterable[Source], diagnostics: Diagnostics) -> tuple[syntax.File, ...]:
        """Parse what changed, and forget what went."""
        before = {each.source: each for each in self._files.values()}
        by_name = {each.source.name: each for each in before.values()}
        self._files = {}
        for source in sources:
            known = before.pop(source, None) or read(source, by_name.get(source.name))
            self._files[id(known.file)] = known
            diagnostics.extend(known.diagnostics)
        self._forget_rules()
        return tuple(known.file for known in self._files.values())

    def _forget_rules(self) -> None:
        """Forget the rules of files that changed, or all if what they may refer to did.

        A rule without a mistake stays what it is while some file cannot be read, if all that was declared still
        stands: what may be declared beside it was not looked for.
        """
        declared = [each.declared for each in self._files.values()]
        if declared != self._declared:
            self._rules.clear()
        self._declared = declared
        places = [places_of(each.file) for each in self._files.values()]
        if places != self._places:  # which what was said of a rule may speak of
            self._rules = {key: each for key, each in self._rules.items() if not each.diagnostics}
        self._places = places
        self._is_whole = all(each.is_whole for each in self._files.values())
        nodes = (node for known in self._files.values() for node in known.file.statements)
        kept = {id(node): self._rules.get(id(node)) for node in nodes}
        self._rules = {key: each for key, each in kept.items() if each is not None}

    def lower(
        self,
        node: syntax.RuleDeclaration,
        make: Callable[[Diagnostics], Iterable[ir.Rule]],
        names: Names,
    ) -> tuple[ir.Rule, ...]:
        """Give the rules of a grant or forbid; those of a mistaken one are made each time anew.

        So are those that are new while some file cannot be read: a name that it may declare is not missed.
        """
        known = self._rules.get(id(node))
        if known is not None:
            names.diagnostics.extend(known.diagnostics)
            names.mentions.chunks.append(known.mentions)
            return known.rules
        found: Diagnostics = []
        start = len(names.mentions.noted)
        rules = tuple(make(found))
        mentions = names.mentions.since(start, node.span.file)
        names.diagnostics.extend(found)
        if self._is_whole and not has_errors(found):
            self._rules[id(node)] = ReadRule(node, rules, tuple(found), mentions)
        return rules

    def tree_of(self, source: Source) -> syntax.File | None:
        """What a file of the last compilation is parsed to; None if it is not one, or has errors."""
        whole = (each for each in self._files.values() if each.is_whole)
        return next((each.file for each in whole if each.source == source), None)

    def names_known(self) -> Callable[[syntax.File], frozenset[str]]:
        """Tells the names that a file of the last compilation writes, also when another one has followed."""
        files = self._files

        def names_in(file: syntax.File) -> frozenset[str]:
            known = files[id(file)]
            if known.names is None:
                known.names = names_of(file)
            return known.names

        return names_in


def read(source: Source, before: ReadFile | None) -> ReadFile:
    """Parse a file, and find what rules may refer to in it; what stands as before stays the same nodes."""
    found: Diagnostics = []
    file = parse(source, found, kept=_kept(source, before))
    texts = Texts(source)
    if before is not None:
        wrong = [label.span for each in found for label in each.labels]
        file = changed(file, statements=tuple(_same(file, texts, before, wrong)))
    last = None if before is None else before.unmistaken
    unmistaken = last if found else (source, file)
    declared = declared_in(file, texts)
    return ReadFile(source, file, tuple(found), declared, not has_errors(found), unmistaken)


def _kept(source: Source, before: ReadFile | None) -> Unchanged:
    """What stands in a text as it stood in the last one that had no mistakes."""
    if before is None or before.unmistaken is None:
        return NOTHING
    from ...syntax.unchanged import unchanged  # which only an edit needs

    was, file = before.unmistaken
    return unchanged(file, was, source)


def _same(
    file: syntax.File, texts: Texts, before: ReadFile, wrong: list[Span]
) -> Iterator[syntax.Statement]:
    """The statements of a file, those that stand as before as the nodes that they were.

    One in which something is wrong is not what its text says.
    """
    were = Texts(before.source)
    mistaken = [label.span for each in before.diagnostics for label in each.labels]
    known = {
        (each.span, were.of(each)): each
        for each in before.file.statements
        if not _touches(each.span, mistaken)
    }
    for each in file.statements:
        same = None if _touches(each.span, wrong) else known.get((each.span, texts.of(each)))
        yield each if same is None else same


def _touches(span: Span, others: list[Span]) -> bool:
    """Whether one of other places begins in a place, or it in one of them."""
    return any(each.lies_in(span) or span.lies_in(each) for each in others)


def declared_in(file: syntax.File, texts: Texts) -> Declarations:
    """The package of a file, and the statements that rules may depend on.

    By text, since two syntax trees are equal wherever they stand; and by place what becomes a part of rules.
    """
    nowhere = Span(file.span.file, 0, 0, 0, 0)
    found = [] if file.package is None else [(nowhere, texts.of(file.package))]
    for each in file.statements:
        if not isinstance(each, INDEPENDENT):
            place = each.span if isinstance(each, PARTS_OF_RULES) else nowhere
            found.append((place, texts.of(each)))
    return tuple(found)


def places_of(file: syntax.File) -> tuple[Span, ...]:
    """Where the statements stand that rules may depend on."""
    return tuple(each.span for each in file.statements if not isinstance(each, INDEPENDENT))


class Texts:
    """The text of each node of a file."""

    def __init__(self, source: Source) -> None:
        """Find the lines."""
        self._text = source.text
        self._places = Offsets(source)

    def of(self, node: syntax.Node) -> str:
        """What is written at a node."""
        start = self._places.offset(node.span.line, node.span.column)
        return self._text[start : self._places.offset(node.span.end_line, node.span.end_column)]
