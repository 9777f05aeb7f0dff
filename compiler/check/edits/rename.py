"""Another name for something that is declared, wherever it is written; or why it cannot have that name.

What would be renamed is compiled before anybody is asked to take it: no name may come to mean something else, and
nothing may be wrong that is not wrong now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from ...lowering.uses import Target, Use
from ...report.diagnostics import Diagnostic
from ...report.source import Source, Span
from ...structs import Struct, changed, fields_of
from ...syntax import tree as syntax
from ...text.field_names import can_be_quoted, is_word, segments, written
from ..compiling.compile import Compilation, compile_sources
from ..compiling.memory import Memory

_MADE = re.compile(r"\s*#[^\n]*\b(?:made|generated) by\b", re.IGNORECASE)
_RESERVED = "AGP1105"
"""The code of what cannot have a name, for which there may be other errors."""
_IN_QUOTES = ("parameter", "member", "field")
"""What may have a name that is no word; not all fields may, which the compiler says."""

Place: TypeAlias = tuple[str, int, int]
"""A file, a line and a column."""
Mark: TypeAlias = frozenset[tuple[str, Place | str]]
"""What a word means: the kind of each thing, and where it is declared."""


class WordChange(Struct):
    """A word, and what stands there instead."""

    span: Span
    text: str


class CannotRename(Exception):
    """Why something cannot be renamed, in a sentence."""


def can_be_renamed(compilation: Compilation, use: Use) -> None:
    """Raise `Refused` for what has its name from elsewhere."""
    for target in together(compilation, use):
        if target.kind == "control":
            raise CannotRename(f"`{target.name}` is named by its framework, and not here")
        if target.kind == "package":
            continue
        for each in compilation.uses.definitions(target):
            text = next(e.text for e in compilation.sources if e.name == each.span.file)
            if _MADE.match(text):
                raise CannotRename(
                    f"`{each.span.file}` is made from something else, which calls this `{_last(target)}`"
                )


def together(compilation: Compilation, use: Use) -> tuple[Target, ...]:
    """What has one name since some word stands for all of it, as `agent.team` does for several agents' field."""
    found = dict.fromkeys(use.targets)
    waiting = list(found)
    while waiting:
        for each in _with_it(compilation, waiting.pop()):
            if each not in found:
                found[each] = None
                waiting.append(each)
    return tuple(found)


def _with_it(compilation: Compilation, target: Target) -> Iterator[Target]:
    """What has the name of something by one word; of a field of a record, also what has the record's."""
    uses = compilation.uses
    rest, of = "", target
    while True:
        for use in uses.of(of):
            for each in use.targets:
                other = Target(each.kind, f"{each.name}{rest}")
                if not rest or uses.definition(other) is not None:
                    yield other
        last = _last(of)
        rest = f".{last}{rest}"
        of = Target(of.kind, of.name.removesuffix(f".{last}"))
        if of.kind not in ("field", "parameter") or uses.definition(of) is None:
            return


def renamed(
    compilation: Compilation, use: Use, name: str, memory: Memory | None = None
) -> tuple[WordChange, ...]:
    """The edits that give something another name, in the order of files and places. Raises `Refused`.

    `memory` has files that need not be read again.
    """
    can_be_renamed(compilation, use)
    targets = together(compilation, use)
    text = _as_written(use.target, name)
    old = _last(use.target)
    if text == old:
        return ()
    for target in targets:
        other = Target(target.kind, _other(target, text))
        taken = compilation.uses.definition(other)
        if taken is not None:
            raise CannotRename(f"`{text}` is declared already, at {taken.span}")
    spans = {each.span for target in targets for each in compilation.uses.of(target)}
    edits = tuple(WordChange(each, text) for each in sorted(spans))
    _check_readable(compilation, old, text, spans)
    after = compile_sources(edited(compilation.sources, edits), memory, compilation.names.catalogue)
    _check_errors(compilation, after, name)
    _check_starts(compilation, after)
    _check_meanings(compilation, after, edits, (old, text))
    return edits


def edited(sources: Iterable[Source], edits: Iterable[WordChange]) -> list[Source]:
    """The sources as they are after some edits, none of which overlap."""
    by_file: dict[str, list[WordChange]] = {}
    for each in edits:
        by_file.setdefault(each.span.file, []).append(each)
    found = []
    for source in sources:
        own = by_file.get(source.name)
        if own is None:
            found.append(source)
            continue
        lines = source.text.split("\n")
        for edit in sorted(own, key=lambda each: each.span, reverse=True):
            at, span = edit.span.line - 1, edit.span
            line = lines[at]
            lines[at] = f"{line[: span.column - 1]}{edit.text}{line[span.end_column - 1 :]}"
        found.append(changed(source, text="\n".join(lines)))
    return found


# --- names ----------------------------------------------------------------------------------------


def _last(target: Target) -> str:
    """The name of something without what holds it; of a package, all of it."""
    return target.name if target.kind == "package" else written(segments(target.name)[-1])


def _other(target: Target, text: str) -> str:
    """What something would be called in full."""
    if target.kind == "package":
        return text
    return f"{target.name.removesuffix(_last(target))}{text}"


def _as_written(target: Target, name: str) -> str:
    """A name as the language writes it."""
    given = name.strip()
    if target.kind == "package":
        if all(is_word(each) for each in given.split(".")):
            return given
        raise CannotRename(
            f"`{given}` is not the name of a package: write words with dots between them"
        )
    if is_word(given):
        return given
    if target.kind in _IN_QUOTES:
        if len(given) > 1 and given[0] == given[-1] == '"':
            given = "".join(segments(given))
        if can_be_quoted(given):
            return written(given)
    raise CannotRename(f"`{given}` is not a name: write letters, digits and `_`, no digit first")


# --- what would be other than before --------------------------------------------------------------


def _check_readable(compilation: Compilation, old: str, new: str, spans: set[Span]) -> None:
    """Refuse where a word may mean what is renamed, and nobody can tell since something is wrong there."""
    errors = [each for each in compilation.diagnostics if each.severity == "error" and each.labels]
    if not errors:
        return
    texts = {each.name: each.text for each in compilation.sources}
    word = old.strip('"').rpartition(".")[2]
    for file in compilation.files:
        own = [each for each in errors if each.labels[0].span.file == file.span.file]
        if not own or not (word in texts[file.span.file] or new in texts[file.span.file]):
            continue
        if file.unreadable or any(each.code < "AGP11" for each in own):
            raise CannotRename(
                f"`{file.span.file}` cannot be read as a whole, and has `{word}` in it"
            )
        if file.package is None:
            continue
        known = {(e.span.line, e.span.column) for e in compilation.uses.in_file(file.span.file)}
        for each in own:
            place = each.labels[0].span
            for statement in file.statements:
                if place.lies_in(statement.span):
                    for span in _words_in(statement, word):
                        if (span.line, span.column) not in known:
                            raise CannotRename(
                                f"{span} has an error, and may mean this `{word}`, too"
                            )


def _words_in(node: object, word: str) -> Iterator[Span]:
    """Where a word stands in the names of a statement."""
    if isinstance(node, syntax.Name):
        column = node.span.column
        for part in node.text.partition(" ")[0].split("."):
            if part == word:
                yield node.span._replace(column=column)
            column += len(part) + 1
    elif isinstance(node, tuple):
        for each in node:
            yield from _words_in(each, word)
    elif isinstance(node, syntax.Node):
        for field in fields_of(type(node)) or ():
            yield from _words_in(getattr(node, field.name), word)


def _check_errors(before: Compilation, after: Compilation, name: str) -> None:
    """Refuse what would not compile, and does now; in the compiler's words."""
    known: dict[str, int] = {}
    for each in before.diagnostics:
        known[each.code] = known.get(each.code, 0) + 1
    new: list[Diagnostic] = []
    for each in after.diagnostics:
        if each.severity == "error":
            known[each.code] = known.get(each.code, 0) - 1
            if known[each.code] < 0:
                new.append(each)
    if new:
        first = next((each for each in new if each.code == _RESERVED), new[0])
        raise CannotRename(f"with the name `{name}` it would not compile: {_said(first)}")


def _said(diagnostic: Diagnostic) -> str:
    place = f", at {diagnostic.labels[0].span}" if diagnostic.labels else ""
    return f"{diagnostic.message}{place}"


def _check_starts(before: Compilation, after: Compilation) -> None:
    """Refuse an intent and a resource of one name: the name would be the resource's, and the start of the intent gone."""
    if before.policy is None or after.policy is None:
        return
    now, then = before.policy.declared_actions, after.policy.declared_actions
    if len(now) != len(then):
        raise CannotRename(
            "an intent and a resource would have one name, which decides whether the intent has a start"
        )


def _check_meanings(
    before: Compilation, after: Compilation, edits: Sequence[WordChange], words: Sequence[str]
) -> None:
    """Refuse where a word would come to mean something else than now.

    Only those can whose text is the old name or the new one.
    """
    moved = Moved(edits)
    for source in before.sources:
        then = _marks(after, source.name, words, Moved(()))
        for place, mark in _marks(before, source.name, words, moved).items():
            if then.get(place) != mark:
                raise CannotRename(f"what stands at {_shown(place)} would mean something else")
    then_named, unmoved = _named_rules(after, Moved(())), _named_rules(before, moved)
    for place, rule in unmoved.items():
        if then_named.get(place) != rule:
            raise CannotRename(f"the test at {_shown(place)} would expect another rule")


class Moved:
    """Where things stand after some edits."""

    def __init__(self, edits: Iterable[WordChange]) -> None:
        """Sort the edits by the lines that they are in."""
        self._edits: dict[tuple[str, int], list[WordChange]] = {}
        for each in edits:
            self._edits.setdefault((each.span.file, each.span.line), []).append(each)

    def place(self, span: Span) -> Place:
        """Where something begins that began there before."""
        column = span.column
        for each in self._edits.get((span.file, span.line), ()):
            if each.span.column < span.column:
                column += len(each.text) - (each.span.end_column - each.span.column)
        return span.file, span.line, column


def _marks(
    compilation: Compilation, file: str, words: Sequence[str], moved: Moved
) -> dict[Place, Mark]:
    """What the names in a file mean that are one of some words, by the places where that is declared."""
    uses = compilation.uses
    found: dict[Place, Mark] = {}
    for word in words:
        for use in uses.with_word(file, word):
            if _last(use.target) == word:
                found[moved.place(use.span)] = frozenset(
                    (each.kind, moved.place(at.span) if at else each.name)
                    for each in use.targets
                    for at in (uses.definition(each),)
                )
    return found


def _named_rules(compilation: Compilation, moved: Moved) -> dict[Place, Place | None]:
    """Where the rule stands that a test names, for each name."""
    policy = compilation.policy
    if policy is None:
        return {}
    rules = {each.id: each.span for each in (*policy.rules, *policy.starts.values())}
    return {
        moved.place(node.span): moved.place(span)
        for node, noted, meant in compilation.names.mentions.noted
        if noted == "rule" and isinstance(meant, str) and (span := rules[meant]) is not None
    }


def _shown(place: Place) -> str:
    return ":".join(map(str, place))
