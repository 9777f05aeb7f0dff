"""Grants, forbids and terms, clause by clause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ...report.source import Span
from .. import tree as syntax
from .node_lists import Names, Needs, Pairs, together


def rule(
    span: Span, kind: Literal["grant", "forbid"], name: syntax.Name, *clauses: syntax.Clause
) -> syntax.RuleDeclaration:
    """`grant n { … }` or `forbid n { … }`."""
    return syntax.RuleDeclaration(span, kind, name, clauses)


def allow(
    span: Span,
    capabilities: Names,
    label: syntax.Name | None,
    when: syntax.Expression | None,
    require: Needs | None,
) -> syntax.AllowClause:
    """`allow CAPS as L when E require N`."""
    return syntax.AllowClause(span, capabilities, label, when, require or ())


def valid(
    span: Span, start: syntax.Date | syntax.Time, end: syntax.Date | syntax.Time | None
) -> syntax.ValidClause:
    """`valid from T until T`."""
    return syntax.ValidClause(span, start, end)


def approval(
    span: Span,
    per: str | None,
    by: tuple[syntax.Text, ...],
    count: syntax.Number | None,
    within: syntax.Duration | None,
) -> syntax.ApprovalNeed:
    """`approval per task by "…" count N within D`."""
    return syntax.ApprovalNeed(span, per is not None, by, count, within)


def day(span: Span, first: syntax.Name, last: syntax.Name | None) -> tuple[syntax.Name, ...]:
    """`mon..fri`, or one day, which is a range of itself."""
    return (first, last or first)


def oblige(span: Span, name: syntax.Name, pairs: Pairs | None) -> syntax.ObligeClause:
    """`oblige n(k: v)`."""
    return syntax.ObligeClause(span, name, pairs or ())


def _nothing(span: Span) -> None:
    return None


BUILD: dict[str, Callable[..., Any]] = {
    "rule": rule,
    "terms_of_grants": lambda span, name, *clauses: syntax.TermsDeclaration(span, name, clauses),
    "terms_clause": syntax.TermsClause,
    "to": syntax.ToClause,
    "for_": syntax.ForClause,
    "allow": allow,
    "deny": syntax.DenyClause,
    "when": syntax.WhenClause,
    "unless": lambda span, condition: syntax.UnlessClause(span, condition, ()),
    "unless_needs": lambda span, needs: syntax.UnlessClause(span, None, needs),
    "require": syntax.RequireClause,
    "credential": syntax.CredentialClause,
    "revoke": syntax.RevokeClause,
    "valid": valid,
    "valid_until": lambda span, end: syntax.ValidClause(span, None, end),
    "during": syntax.DuringClause,
    "audit": syntax.AuditClause,
    "oblige": oblige,
    "because": syntax.BecauseClause,
    "any_name": _nothing,
    "names": together,
    "needs": together,
    "approval": approval,
    "step_up": syntax.StepUpNeed,
    "confirmation": syntax.ConfirmationNeed,
    "texts": together,
    "days": together,
    "day": day,
}
