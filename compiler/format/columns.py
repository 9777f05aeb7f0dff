"""What is aligned with what: the words that begin lines, and the columns they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

from ..syntax import tree as syntax

BindItem: TypeAlias = syntax.BindResource | syntax.BindAgent | syntax.BindTag | syntax.BindContext

BLOCKS = (
    syntax.ContextDeclaration, syntax.ResourceDeclaration, syntax.RuleDeclaration,
    syntax.TestDeclaration, syntax.BindDeclaration, syntax.ExtendDeclaration, syntax.TermsDeclaration,
)  # fmt: skip

FAMILIES: dict[type[syntax.Node], str] = {
    syntax.OwnerClause: "owner",
    syntax.Controls: "owner",
    syntax.AgentDeclaration: "agent",
    syntax.AgentsDeclaration: "agent",
    syntax.LevelDeclaration: "constant",
    syntax.EnumDeclaration: "constant",
    syntax.GroupDeclaration: "group",
    syntax.SetDeclaration: "constant",
    syntax.LetDeclaration: "constant",
    syntax.MeterDeclaration: "fact",
    syntax.SourceDeclaration: "fact",
    syntax.SeparateDeclaration: "constraint",
    syntax.IsolateDeclaration: "constraint",
    syntax.DelegateDeclaration: "constraint",
    syntax.WithinDeclaration: "constraint",
    syntax.AssertDeclaration: "constraint",
    syntax.SubjectClause: "call",
    syntax.ChainClause: "call",
    syntax.CallClause: "call",
    syntax.SaidClause: "call",
    syntax.RecordedClause: "call",
    syntax.ValuesClause: "values",
}


def family(node: syntax.Node) -> str:
    """Name the kind of statement or test clause that is aligned with its like; "" stands alone."""
    return FAMILIES.get(type(node), "")


def head_of(node: syntax.Statement) -> tuple[str, ...]:
    """The words that stand in columns."""
    match node:
        case syntax.OwnerClause():
            return ("owner",)
        case syntax.Controls():
            return ("controls",)
        case syntax.AgentDeclaration(name=name):
            return ("agent", name.text)
        case syntax.AgentsDeclaration(name=name):
            return ("agents", name.text)
        case syntax.LevelDeclaration(name=name):
            return ("level", name.text)
        case syntax.EnumDeclaration(name=name):
            return ("enum", name.text)
        case syntax.GroupDeclaration(name=name):
            return ("group", name.text)
        case syntax.SetDeclaration(name=name):
            return ("set", name.text)
        case syntax.LetDeclaration(name=name):
            return ("let", name.text)
        case syntax.MeterDeclaration(name=name):
            return ("meter", name.text)
        case syntax.SourceDeclaration(name=name):
            return ("source", name.text)
        case syntax.SeparateDeclaration():
            return ("separate",)
        case syntax.IsolateDeclaration():
            return ("isolate",)
        case syntax.DelegateDeclaration():
            return ("delegate",)
        case syntax.WithinDeclaration() | syntax.AssertDeclaration():
            return ("assert",)
        case _:
            return ()


def widths_of(heads: Sequence[tuple[str, ...]]) -> list[int]:
    """Give the width of each column."""
    return [max(map(len, column)) for column in zip(*heads, strict=True)]


def padded(words: Sequence[str], widths: Sequence[int]) -> str:
    """Write words in columns."""
    return " ".join(word.ljust(width) for word, width in zip(words, widths, strict=True))


def item_family(node: syntax.FieldDeclaration | syntax.ActionDeclaration) -> str:
    """Tell fields from actions."""
    return type(node).__name__


def lines_of_actions(
    nodes: Sequence[syntax.ActionDeclaration],
) -> Iterator[list[syntax.ActionDeclaration]]:
    """Those without parameters stay together if they were on one line."""
    for line, group in groupby(
        nodes, lambda each: (each.span.line, not (each.parameters or each.others), each.kinds)
    ):
        listed = list(group)
        yield from [listed] if line[1] else [[each] for each in listed]


def keyword(node: syntax.Clause | syntax.TestClause) -> str:
    """Give the word that begins a clause."""
    return type(node).__name__.removesuffix("Clause").lower()


def clause_family(node: syntax.Clause) -> str:
    """Tell the clauses that are aligned from those that are not."""
    return "" if isinstance(node, syntax.AllowClause | syntax.BecauseClause) else "clause"


def test_keyword(node: syntax.TestClause) -> str:
    """Give the word that begins a test's clause."""
    match node:
        case syntax.SubjectClause():
            return "agent"
        case syntax.ChainClause():
            return "after"
        case syntax.ValuesClause(kind=kind):
            return kind
        case syntax.SteppedUpClause():
            return "step_up"
        case syntax.RecordedClause(what=what):
            return what
        case syntax.Expectation():
            return "expect"
        case _:
            return keyword(node)


def bound(node: BindItem) -> str:
    """Write what a line of a binding is about."""
    match node:
        case syntax.BindAgent(agent=name):
            return f"agent {name.text}"
        case syntax.BindTag(what=name):
            return f"session tag {name.text}"
        case syntax.BindContext(name=name):
            return f"context {name.text}"
        case syntax.BindResource():
            return ""


def bound_family(node: BindItem) -> str:
    """Tell the lines of a binding that are aligned from its resources."""
    return "" if isinstance(node, syntax.BindResource) else "pair"


def bound_name(node: syntax.BindAction | syntax.BindAttribute) -> str:
    """Write what stands before the `=` of a resource's binding."""
    if isinstance(node, syntax.BindAttribute):
        return f"attribute {node.attribute.text}"
    return node.action.text
