"""Where each thing that is declared is written: its definition, and all that uses it.

Made of what lowering noted (`mentions`), a file at a time and only once somebody asks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from ...report.source import Source, Span
from ...structs import Struct, changed
from ...syntax import tree as syntax
from ...text.field_names import is_word, segments
from ..names.definitions import Target, defined_by
from ..names.mentions import Mention
from ..references.references import References
from .readings import Readings
from .words import Words

__all__ = ["Target", "Use", "Uses"]


class Use(Struct):
    """One word, and what it stands for.

    Where a condition is about several things that declare a field of the name, it stands for all of these
    fields: one is the `target`, and the rest are `others`.
    """

    span: Span
    target: Target
    is_definition: bool
    others: tuple[Target, ...] = ()

    @property
    def targets(self) -> tuple[Target, ...]:
        """All that it stands for."""
        return (self.target, *self.others)


class Uses:
    """The uses of a policy set, with errors in it or without.

    INVARIANT: what is kept is put there once it is whole, as editors have several threads ask.
    """

    def __init__(
        self, files: Iterable[syntax.File], sources: Iterable[Source], refer: References
    ) -> None:
        """Look at nothing yet."""
        self._refer = refer
        self._sources = {each.name: each for each in sources}
        self._files = {each.span.file: each for each in files}
        self._readings = Readings(refer, Words(self._sources), self._defined)
        self._known: dict[str, tuple[Use, ...]] = {}
        self._noted: dict[str, list[Mention]] | None = None
        self._definitions: dict[str, dict[Target, list[Span]]] = {}

    def in_file(self, file: str) -> tuple[Use, ...]:
        """The uses in a file, in their order; no two of them overlap."""
        found = self._known.get(file)
        if found is None:
            found = self._known[file] = self._read(file)
        return found

    def at(self, file: str, line: int, column: int) -> Use | None:
        """The use at a place, or right before it."""
        listed = self.in_file(file)
        after = bisect_right(
            listed, (line, column), key=lambda each: (each.span.line, each.span.column)
        )
        if not after:
            return None
        use = listed[after - 1]
        is_there = use.span.line == line and column <= use.span.end_column
        return use if is_there else None

    def of(self, target: Target) -> tuple[Use, ...]:
        """All uses of something, with its definitions, by file and place."""
        found: list[Use] = []
        word = _word(target)
        for name in sorted(self._files):
            found += (each for each in self.with_word(name, word) if target in each.targets)
        return tuple(found)

    def with_word(self, file: str, word: str) -> tuple[Use, ...]:
        """The uses in a file by names in which a word stands, and maybe more: they cost less than all."""
        if not is_word(word):  # it may be written with escapes, or is of several words
            word = ""
        if word not in self._sources[file].text:
            return ()
        return self._known.get(file) or self._read(file, word)

    def definitions(self, target: Target) -> tuple[Use, ...]:
        """Where something is declared: in more places than one if it is a package, or a field of `context` or `user`."""
        spans = self._spans(target)
        return tuple(Use(each, target, True) for each in spans)

    def definition(self, target: Target) -> Use | None:
        """Where something is declared, first if it is in several places."""
        return next(iter(self.definitions(target)), None)

    # --- what a file says ---

    def _read(self, file: str, word: str = "") -> tuple[Use, ...]:
        tree = self._files.get(file)
        if tree is None:
            return ()
        found: dict[tuple[int, int], Use] = {}
        for use in self._written(tree, word):
            place = (use.span.line, use.span.column)
            before = found.get(place)
            if before is None:
                found[place] = use
            elif not before.is_definition:  # a definition is of itself alone
                more = [each for each in use.targets if each not in before.targets]
                if more:
                    found[place] = changed(before, others=(*before.others, *more))
        return tuple(found[place] for place in sorted(found))

    def _written(self, file: syntax.File, word: str) -> Iterator[Use]:
        if file.package is not None:
            package = file.package.text
            yield Use(file.package.span, Target("package", package), True)
            for statement in file.statements:
                if isinstance(statement, syntax.Use):
                    if statement.package.text in self._refer.names.packages:
                        target = Target("package", statement.package.text)
                        yield Use(statement.package.span, target, False)
                else:
                    for target, name in defined_by(package, statement, self._refer.names):
                        if word in name.text:
                            yield Use(name.span, target, True)
        seen: set[object] = set()
        for node, noted, meant in self._mentions(file.span.file):
            if word not in (node.value if isinstance(node, syntax.Text) else node.text):
                continue
            key = (node.span.line, node.span.column, noted, meant)
            if key not in seen:
                seen.add(key)
                for span, targets in self._readings.of(node, noted, meant):
                    yield Use(span, targets[0], False, targets[1:])

    def _mentions(self, file: str) -> Sequence[Mention]:
        """What was noted of the names in a file, those of its rules by the rules that keep them."""
        if self._noted is None:
            found: dict[str, list[Mention]] = {}
            all_ = self._refer.names.mentions
            for chunk in all_.chunks:
                found.setdefault(chunk.file, []).extend(chunk.own)
            for listed in (all_.noted, *(chunk.elsewhere for chunk in all_.chunks)):
                for each in listed:
                    found.setdefault(each[0].span.file, []).append(each)
            self._noted = found
        return self._noted.get(file, ())

    # --- what is declared ---

    def _defined(self, target: Target) -> bool:
        return bool(self._spans(target))

    def _spans(self, target: Target) -> list[Span]:
        """Where something is declared."""
        if target.kind == "package":
            named = (each.package for each in self._files.values() if each.package is not None)
            return [each.span for each in named if each.text == target.name]
        holder = self.holder(target)
        return [] if holder is None else self._declared_by(holder)[target]

    def holder(self, target: Target) -> str | None:
        """What declares something: a qualified name, which may be its own, or `context` or `user`."""
        if target.kind in ("control", "package"):
            return None
        return next((e for e in self._holders(target) if target in self._declared_by(e)), None)

    def _declared_by(self, holder: str) -> dict[Target, list[Span]]:
        known = self._definitions.get(holder)
        if known is None:
            known = {}
            for package, node in self._statements(holder):
                for each, name in defined_by(package, node, self._refer.names):
                    known.setdefault(each, []).append(name.span)
            self._definitions[holder] = known
        return known

    def _holders(self, target: Target) -> Iterator[str]:
        """What may declare something, as far as its name tells: itself, or what stands before its last dots."""
        first, *rest = segments(target.name)
        if first in ("context", "user"):
            yield first
        for each in rest:
            if first in self._refer.names.packages:
                yield f"{first}.{each}"
            first = f"{first}.{each}"

    def _statements(self, holder: str) -> Iterator[tuple[str, syntax.Statement]]:
        """What declares the things below a name: all statements of the name, or blocks of `context` or `user`."""
        tables = self._refer.names.packages
        if holder in ("context", "user"):
            for table in tables.values():
                yield from ((table.name, each) for each in table.fields if each.kind == holder)
            return
        package, _, name = holder.rpartition(".")
        if package in tables:
            for declared in tables[package].declared.values():
                if name in declared:
                    yield package, declared[name].node
            for extension in tables[package].extensions:
                if extension.name.text in (name, holder):
                    yield package, extension


def _word(target: Target) -> str:
    """A word that stands wherever something is written."""
    if target.kind == "control":
        return target.name.partition(":")[2]
    last = segments(target.name)[-1]
    return last if is_word(last) else ""  # which may be written with escapes
