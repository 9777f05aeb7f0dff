"""The clauses of a `test` that may stand there once."""

from __future__ import annotations

from typing import TypeVar

from ...report.diagnostics import Diagnostic, Diagnostics, Label, at
from ...syntax import tree as syntax

N = TypeVar("N", bound=syntax.Node)

_WORDS: dict[type[syntax.Node], str] = {
    syntax.SubjectClause: "agent",
    syntax.Expectation: "expect",
    syntax.AtClause: "at",
    syntax.ChainClause: "after",
}


def only(node: syntax.TestDeclaration, kind: type[N], diagnostics: Diagnostics) -> N | None:
    """Give the clause of a kind, or report that there are two."""
    found = [each for each in node.clauses if isinstance(each, kind)]
    if len(found) > 1:
        diagnostics.append(twice(found[0], found[1], _WORDS[kind]))
    return found[0] if found else None


def values_clause(
    node: syntax.TestDeclaration, root: str, diagnostics: Diagnostics
) -> tuple[syntax.Pair, ...]:
    """Give what the `resource`, `context`, `user` or `task` clause of a test says."""
    found = [
        each for each in node.clauses if isinstance(each, syntax.ValuesClause) and each.kind == root
    ]
    if len(found) > 1:
        diagnostics.append(twice(found[0], found[1], root))
    return found[0].values if found else ()


def twice(first: syntax.Node, second: syntax.Node, word: str) -> Diagnostic:
    """Say that a clause stands twice."""
    return at(
        "AGP1402",
        second.span,
        f"`{word}` stands twice in this test",
        also=(Label(first.span, "the first one"),),
    )
