"""Conditions and literals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ...report.source import Span
from .. import tree as syntax
from .node_lists import Names, together


def origin(
    span: Span, quoted: str | None, of: syntax.Name, when: syntax.Expression | None = None
) -> syntax.Origin:
    """`quoted a.b when E`; within a condition it has no `when`."""
    return syntax.Origin(span, quoted is not None, of, when)


def after(
    span: Span,
    word: str,
    done: str | None,
    capabilities: Names,
    per: str | None,
    keys: tuple[syntax.Key, ...] | None,
) -> syntax.After:
    """`after done a.b per k`."""
    return syntax.After(span, done is not None, capabilities, None, keys or (), None)


def after_within(
    span: Span, word: str, done: str | None, capabilities: Names, window: Any
) -> syntax.After:
    """`after done (a.b when E per k within D)`."""
    when, keys, within = window or (None, None, None)
    return syntax.After(span, done is not None, capabilities, when, keys or (), within)


def comparison(
    span: Span,
    quantifier: Literal["every", "some"] | None,
    left: syntax.Operand,
    op: syntax.ComparisonOp,
    right: syntax.Operand,
) -> syntax.Comparison:
    """`every a OP b`."""
    return syntax.Comparison(span, quantifier, left, op, right)


def words(span: Span, *parts: str) -> str:
    """The words of an operator, as one text: the parser sees to it without a span."""
    return " ".join(parts)


BUILD: dict[str, Callable[..., Any]] = {
    "any_of": lambda span, *parts: syntax.Any_(span, parts),
    "all_of": lambda span, *parts: syntax.All_(span, parts),
    "not_": syntax.Not,
    "in_parentheses": lambda span, inner: inner,
    "has": syntax.Has,
    "has_only": syntax.HasOnly,
    "only_names": together,
    "after": after,
    "after_within": after_within,
    "after_capabilities": together,
    "after_window": lambda span, when, per, keys, word, within: (when, keys, within),
    "after_when": lambda span, when: (when, None, None),
    "after_since": lambda span, word, within: (None, None, within),
    "from_": lambda span, of, origins: syntax.From(span, False, (of,), origins),
    "links_from": lambda span, word, of, origins: syntax.From(span, True, of, origins),
    "link_attributes": together,
    "origins": together,
    "origin": origin,
    "origin_name": origin,
    "comparison": comparison,
    "operator": words,
    "age": lambda span, word, attribute: syntax.AgeOf(span, attribute),
    "size": lambda span, word, attribute: syntax.SizeOf(span, attribute),
    "bool": lambda span, word: syntax.Bool(span, word == "true"),
    "null": lambda span, word: syntax.Null(span),
    "list": lambda span, items: syntax.ListLiteral(span, items or ()),
    "values": together,
    "record": lambda span, items: syntax.RecordLiteral(span, items or ()),
    "pairs": together,
    "pair": syntax.Pair,
}
