"""Tests: a call, what was before it, and what is expected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ...report.source import Span
from .. import tree as syntax
from .node_lists import Names, Needs, Pairs, together


def subject(
    span: Span,
    agent: syntax.Name | syntax.Text,
    attributes: syntax.RecordLiteral | None,
    intent: syntax.Name | None,
    fields: syntax.RecordLiteral | None,
) -> syntax.SubjectClause:
    """`agent a { … } for i { … }` of a test."""
    return syntax.SubjectClause(span, agent, _items(attributes), intent, _items(fields))


def chain_link(
    span: Span,
    agent: syntax.Name | syntax.Text,
    attributes: syntax.RecordLiteral | None,
    intent: syntax.Name,
    fields: syntax.RecordLiteral | None,
) -> syntax.SubjectClause:
    """`a { … } for i { … }` of a chain, which is written as the agent of a test is."""
    return syntax.SubjectClause(span, agent, _items(attributes), intent, _items(fields))


def chain(
    span: Span, after: str, links: tuple[syntax.SubjectClause, ...] | None
) -> syntax.ChainClause:
    """`after [a for i, …]` of a test."""
    return syntax.ChainClause(span, links or ())


def call(
    span: Span, capability: syntax.Name, pairs: Pairs | None, expect: syntax.Expectation | None
) -> syntax.CallClause:
    """`call r.a(p: v) expect …`."""
    return syntax.CallClause(span, capability, pairs or (), expect)


def given(
    span: Span,
    kind: Literal["resource", "context", "user", "task"],
    values: syntax.RecordLiteral,
) -> syntax.ValuesClause:
    """`resource { … }` and the like in a test."""
    return syntax.ValuesClause(span, kind, values.items)


def recorded(
    span: Span,
    what: Literal["did", "failed", "tried", "asked"],
    capability: syntax.Name,
    pairs: Pairs | None,
    *rest: Any,
) -> syntax.RecordedClause:
    """`did r.a(p: v) with resource { … } gave V D ago`; of a call that was not made there is nothing that it gave."""
    resource, *gave, ago = rest
    return syntax.RecordedClause(
        span, what, capability, pairs or (), resource, gave[0] if gave else None, ago
    )


def called_on(span: Span, word: str, resource: syntax.RecordLiteral) -> syntax.RecordLiteral:
    """`with resource { … }` of a call that a test tells of."""
    return resource


def approved(
    span: Span, by: syntax.Text, roles: tuple[syntax.Text, ...] | None, ago: syntax.Duration
) -> syntax.ApprovedClause:
    """`approved by "…" as "…" D ago`."""
    return syntax.ApprovedClause(span, by, roles or (), ago)


def expectation(
    span: Span,
    effect: Literal["permit", "challenge", "deny"],
    rules: Names | None,
    asking: tuple[Needs, ...] | None,
    terms: tuple[syntax.ExpectedTerm, ...] | None,
    because: tuple[syntax.Text, ...] | None,
    family: syntax.Name | None,
) -> syntax.Expectation:
    """`expect permit by r with credential ttl D for each agent in f`."""
    return syntax.Expectation(span, effect, rules, asking or (), terms or (), because or (), family)


def _items(record: syntax.RecordLiteral | None) -> Pairs:
    return record.items if record is not None else ()


BUILD: dict[str, Callable[..., Any]] = {
    "test": lambda span, name, *clauses: syntax.TestDeclaration(span, name, clauses),
    "subject": subject,
    "chain": chain,
    "chain_links": together,
    "chain_link": chain_link,
    "call": call,
    "given": given,
    "at_": syntax.AtClause,
    "said": syntax.SaidClause,
    "recorded": recorded,
    "refused": recorded,
    "called_on": called_on,
    "approved": approved,
    "confirmed": syntax.ConfirmedClause,
    "stepped_up": syntax.SteppedUpClause,
    "expectation": expectation,
    "no_rule": lambda span, word: (),
    "alternatives": together,
    "terms": together,
    "obliged": syntax.ObligedTerm,
    "absent": syntax.AbsentTerm,
}
