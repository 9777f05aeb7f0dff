"""Names that are declared and that nothing in the policy set writes (AGP6101).

Reads the syntax alone, and errs on the side of silence: a name counts as used wherever it is written,
whatever it means there. Intents, agents, actions and attributes have findings of their own, which know
what rules do with them (AGP44xx, AGP45xx).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ...report.diagnostics import Diagnostic, at
from ...report.fixes import Edit, Fix
from ...structs import fields_of
from ...syntax import tree as syntax
from ...text.field_names import segments

WORDS: dict[type[syntax.Node], str] = {
    syntax.AgentsDeclaration: "family",
    syntax.EnumDeclaration: "enum",
    syntax.GroupDeclaration: "group",
    syntax.LetDeclaration: "named condition",
    syntax.LevelDeclaration: "level",
    syntax.MeterDeclaration: "meter",
    syntax.SetDeclaration: "set",
    syntax.SourceDeclaration: "source",
    syntax.TermsDeclaration: "terms",
}
DECLARED = ("name", "label", "package")
USES = (syntax.Has, syntax.BindContext, syntax.TermsClause, syntax.ExtendDeclaration)
"""Fields of nodes that hold a name that is declared there, or a line of `use`, and no use of a name."""


def unused_names(
    files: Iterable[syntax.File], names_in: Callable[[syntax.File], frozenset[str]]
) -> Iterator[Diagnostic]:
    """Report each level, enum, set, named condition, family and `use` that nothing needs.

    `names_in` is `names_of`, or knows its answers already.
    """
    listed = [file for file in files if file.package is not None]
    written: dict[str, set[str]] = {}
    fields_declared: set[str] = set()
    for file in listed:
        assert file.package is not None
        package = file.package.text
        written.setdefault(package, set()).update(names_in(file))
        if any(isinstance(each, syntax.ContextDeclaration) for each in file.statements):
            fields_declared.add(package)
    everywhere = set().union(*written.values())
    for file in listed:
        assert file.package is not None
        package = file.package.text
        for statement in file.statements:
            if isinstance(statement, syntax.Use):
                used = statement.package.text
                if used not in written[package] and used not in fields_declared:
                    yield at(
                        "AGP6101",
                        statement.package.span,
                        f"package `{package}` uses no name of `{used}`",
                        help="take the line out",
                        fixes=(Fix("take it out", (Edit(statement.span, "", "gone"),), "likely"),),
                    )
            elif type(statement) in WORDS:
                assert isinstance(
                    statement,
                    syntax.AgentsDeclaration
                    | syntax.EnumDeclaration
                    | syntax.GroupDeclaration
                    | syntax.LetDeclaration
                    | syntax.LevelDeclaration
                    | syntax.MeterDeclaration
                    | syntax.SetDeclaration
                    | syntax.SourceDeclaration
                    | syntax.TermsDeclaration,
                )
                name = statement.name.text
                if (
                    name in written[package]
                    or f"{package}.{name}" in everywhere
                    or _has_member_in(statement, everywhere)
                ):
                    continue
                yield at(
                    "AGP6101",
                    statement.name.span,
                    f"nothing uses {WORDS[type(statement)]} `{name}`",
                    help="take it out, or write what was meant to use it",
                    fixes=(Fix("take it out", (Edit(statement.span, "", "gone"),), "likely"),),
                )


def _has_member_in(statement: syntax.Statement, everywhere: set[str]) -> bool:
    """Whether a member of a level or enum is written, as in a set, where its type need not be."""
    return isinstance(statement, syntax.LevelDeclaration | syntax.EnumDeclaration) and any(
        member.text in everywhere for member in statement.members
    )


def names_of(file: syntax.File) -> frozenset[str]:
    """The names that a file writes, each also as what stands before its dots."""
    seen: set[str] = set()
    rest: list[syntax.Node] = list(file.statements)
    while rest:
        node = rest.pop()
        if isinstance(node, syntax.Name):
            seen.add(node.text)
            continue
        for value in _references(node):
            if isinstance(value, tuple):
                rest.extend(each for each in _flat(value) if isinstance(each, syntax.Node))
            elif isinstance(value, syntax.Node):
                rest.append(value)
    return frozenset(
        ".".join(parts[:length])
        for parts in (segments(text) for text in seen)
        for length in range(1, len(parts) + 1)
    )


def _flat(values: tuple[Any, ...]) -> Iterator[Any]:
    for each in values:
        if isinstance(each, tuple):
            yield from _flat(each)
        else:
            yield each


_FIELDS: dict[type[syntax.Node], tuple[str, ...]] = {}


def _references(node: syntax.Node) -> Iterator[Any]:
    """The parts of a node that may refer to something."""
    kind = type(node)
    names = _FIELDS.get(kind)
    if names is None:
        declares = kind in (syntax.LevelDeclaration, syntax.EnumDeclaration)
        names = _FIELDS[kind] = tuple(
            each.name
            for each in fields_of(kind) or ()
            if each.name != "span"
            and not (each.name in DECLARED and kind not in USES)
            and not (declares and each.name == "members")
        )
    for name in names:
        yield getattr(node, name)
