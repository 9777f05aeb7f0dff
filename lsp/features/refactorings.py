"""Refactorings: a condition gets a name, a name goes, a list becomes a set.

Each is offered by what the tree has at the selection, and worked out when it is chosen. What comes of it is compiled
before it is told: a policy that decides otherwise is no refactoring.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from lsprotocol import types

from ...compiler.check.compiling.compile import compile_sources
from ...compiler.check.compiling.memory import Memory
from ...compiler.ir import nodes as ir
from ...compiler.lowering.names.definitions import Target
from ...compiler.report.fixes import (
    Edit,
    Fix,
    Replacement,
    above_remarks,
    apply,
    line_end,
    written_in,
)
from ...compiler.report.source import Source, Span
from ...compiler.structs import Struct, changed, fields_of
from ...compiler.syntax import tree as syntax
from ..snapshot import Snapshot

EXTRACT = types.CodeActionKind.RefactorExtract
INLINE = types.CodeActionKind.RefactorInline
Kind: TypeAlias = Literal["let", "set", "inline"]

TITLES: dict[Kind, str] = {
    "let": "name this condition with `let`",
    "set": "make a `set` of this list",
    "inline": "write the condition in place of its name",
}
CONDITIONS = (
    syntax.Any_,
    syntax.All_,
    syntax.Not,
    syntax.Comparison,
    syntax.Has,
    syntax.After,
    syntax.From,
)
ALONE = (syntax.Comparison, syntax.Has)
"""Conditions that need no parentheses wherever a name may stand."""


class Offer(Struct):
    """A refactoring: of what, and in which statement."""

    kind: Kind
    node: syntax.Node
    statement: syntax.Statement


class CannotRefactor(Exception):
    """What was asked for cannot be done; the message says why."""


def offers(snapshot: Snapshot, name: str, selection: Span) -> Iterator[Offer]:
    """What can be done with what is selected; the selection has to be a condition or a list, and all of it.

    Where the policy does not compile nobody can tell whether it decides the same.
    """
    if snapshot.compilation.policy is None:
        return
    for statement in snapshot.tree_of(name).statements:
        if not selection.is_within(statement.span):
            continue
        if isinstance(statement, syntax.LetDeclaration) and selection.is_within(
            statement.name.span
        ):
            yield Offer("inline", statement, statement)
        elif isinstance(statement, syntax.RuleDeclaration):
            node = _exactly(statement, selection)
            if isinstance(node, CONDITIONS):
                yield Offer("let", node, statement)
            elif isinstance(node, syntax.ListLiteral) and node.items:
                yield Offer("set", node, statement)


def _exactly(node: syntax.Node, selection: Span) -> syntax.Node | None:
    """The outermost node that is just what is selected."""
    while node.span != selection:
        inner = next((each for each in _parts(node) if selection.is_within(each.span)), None)
        if inner is None:
            return None
        node = inner
    return node


def _parts(node: syntax.Node) -> Iterator[syntax.Node]:
    for each in fields_of(type(node)) or ():
        value: Any = getattr(node, each.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, syntax.Node):
                yield part


Changes: TypeAlias = dict[str, list[Replacement]]
"""What a refactoring writes in each file."""


def worked_out(snapshot: Snapshot, name: str, offer: Offer, memory: Memory) -> Changes:
    """The edits of a refactoring; `memory` has files that need not be read again. Raises `Refused`."""
    changes = (
        _inlined(snapshot, name, offer)
        if offer.kind == "inline"
        else _extracted(snapshot, name, offer)
    )
    _check(snapshot, changes, memory, is_same=offer.kind != "set")
    return changes


def _extracted(snapshot: Snapshot, name: str, offer: Offer) -> Changes:
    lines = snapshot.lines_of(name)
    start, end = lines.offsets(offer.node.span)
    text = lines.text[start:end]
    before, _ = lines.offsets(offer.statement.span)
    line = lines.text.rfind("\n", 0, before) + 1
    if lines.text[line:before].strip(" \t\ufeff"):
        raise CannotRefactor("the rule does not begin on a line of its own")
    line = above_remarks(lines.text, line)
    line += lines.text.startswith("\ufeff", line)
    what = "condition" if offer.kind == "let" else "values"
    new = _free(
        what, "\n".join(snapshot.source_of(each.source.name).text for each in snapshot.files)
    )
    word = "let" if offer.kind == "let" else "set"
    ends = line_end(lines.text)
    return {name: [(line, line, f"{word} {new} = {text}{ends}{ends}"), (start, end, new)]}


def _free(word: str, text: str) -> str:
    """A name that nothing has yet."""
    number, name = 1, word
    while name in text:
        number += 1
        name = f"{word}_{number}"
    return name


def _inlined(snapshot: Snapshot, name: str, offer: Offer) -> Changes:
    let, file = offer.node, snapshot.tree_of(name)
    assert isinstance(let, syntax.LetDeclaration)
    if file.package is None:
        raise CannotRefactor("the file names no package")
    lines = snapshot.lines_of(name)
    start, end = lines.offsets(let.expression.span)
    text = lines.text[start:end]
    if not isinstance(let.expression, ALONE):
        text = f"({text})"
    target = Target("condition", f"{file.package.text}.{let.name.text}")
    changes: Changes = {}
    for use in snapshot.compilation.uses.of(target):
        if use.is_definition:
            continue
        there = snapshot.tree_of(use.span.file).package
        if there is None or there.text != file.package.text:
            raise CannotRefactor("another package uses it, where its names mean something else")
        first, last = snapshot.lines_of(use.span.file).offsets(use.span)
        changes.setdefault(use.span.file, []).append((first, last, text))
    gone = Fix("", (Edit(let.span, "", "gone"),))
    taken_out = written_in(snapshot.source_of(name)).replacements(gone)
    assert taken_out is not None  # the tree is that of the text
    changes.setdefault(name, []).extend(taken_out)
    return changes


def _check(snapshot: Snapshot, changes: Changes, memory: Memory, *, is_same: bool) -> None:
    """Make sure that the policy still compiles, and decides as it did."""
    before = snapshot.compilation.policy
    if before is None:
        raise CannotRefactor("the policy does not compile")
    sources = [
        Source(each.source.name, apply(each.source.text, changes.get(each.source.name, ())))
        for each in snapshot.files
    ]
    after = compile_sources(sources, memory, snapshot.settings.controls).policy
    if after is not None and not is_same:  # which has a set more
        after = changed(after, sets=before.sets)
    if after is None or not _is_alike(before, after):
        raise CannotRefactor("the policy would decide otherwise")


def _is_alike(one: object, other: object) -> bool:
    """Whether two policies, or parts of them, are equal, whatever the sets are called that constants come from."""
    rest: list[tuple[Any, Any]] = [(one, other)]
    while rest:
        a, b = rest.pop()
        if a == b:
            continue
        if type(a) is not type(b):
            return False
        if isinstance(a, tuple):
            if len(a) != len(b):
                return False
            rest += zip(a, b, strict=True)
            continue
        its = [each for each in fields_of(type(a)) or () if each.compare]
        if not its:
            return False
        for each in its:
            if not (isinstance(a, ir.Constants) and each.name == "name"):
                rest.append((getattr(a, each.name), getattr(b, each.name)))
    return True
