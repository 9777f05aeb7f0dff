"""Make the nodes of the syntax tree, each as soon as the parser has read it.

A function of `BUILD` makes the node of the rule of `agp.lark` of that name. It gets the span of
what the rule matched and the values of its parts: nodes, the text of a keyword that matters, and
None for a part that is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from ..report.source import Span
from ..text.field_names import canonical
from . import tree as syntax
from .characters import string_literal

Fields: TypeAlias = tuple[syntax.FieldDeclaration, ...]
Names: TypeAlias = tuple[syntax.Name, ...]
Pairs: TypeAlias = tuple[syntax.Pair, ...]
Needs: TypeAlias = tuple[syntax.Need, ...]
PlatformName: TypeAlias = syntax.Text | syntax.Name


def control_text(span: Span, text: syntax.Text) -> syntax.Name:
    """A control whose identifier cannot be written without quotes."""
    return syntax.Name(span, text.value)


def agent(
    span: Span, name: syntax.Name, id: syntax.Text, fields: Fields | None
) -> syntax.AgentDeclaration:
    """`agent n = "…" { … }`."""
    return syntax.AgentDeclaration(span, name, id, fields or ())


def agents(span: Span, name: syntax.Name, *rest: Any) -> syntax.AgentsDeclaration:
    """`agents n = "…", m { … }`; the last part are the fields, or None."""
    return syntax.AgentsDeclaration(span, name, rest[:-1], rest[-1] or ())


def intent(
    span: Span, name: syntax.Name, purpose: syntax.Text, fields: Fields | None
) -> syntax.IntentDeclaration:
    """`intent n "…" { … }`."""
    return syntax.IntentDeclaration(span, name, purpose, fields or ())


def request(
    span: Span, kind: Literal["context", "user"], fields: Fields
) -> syntax.ContextDeclaration:
    """`context { … }` or `user { … }`."""
    return syntax.ContextDeclaration(span, kind, fields)


def resource(
    span: Span,
    kind: Literal["tool", "api", "dataset"],
    name: syntax.Name,
    *items: syntax.FieldDeclaration | tuple[syntax.ActionDeclaration, ...],
) -> syntax.ResourceDeclaration:
    """A tool with its attributes and actions, which stand mixed."""
    return syntax.ResourceDeclaration(
        span,
        kind,
        name,
        tuple(item for item in items if isinstance(item, syntax.FieldDeclaration)),
        tuple(each for item in items if isinstance(item, tuple) for each in item),
    )


def action(span: Span, name: syntax.Name, parameters: Fields | None) -> syntax.ActionDeclaration:
    """`n(p: T)`, with or without what is in the parentheses."""
    return syntax.ActionDeclaration(span, name, parameters or ())


def field(
    span: Span, name: syntax.Name, optional: str | None, type: syntax.TypeExpression
) -> syntax.FieldDeclaration:
    """`n: T` or `n?: T`."""
    return syntax.FieldDeclaration(span, name, optional is not None, type)


def keyword_as_name(span: Span, keyword: str) -> syntax.Name:
    """A keyword where a name may stand."""
    return syntax.Name(span, keyword)


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


def comparison(
    span: Span,
    quantifier: Literal["every", "some"] | None,
    left: syntax.Operand,
    op: syntax.ComparisonOp,
    right: syntax.Operand,
) -> syntax.Comparison:
    """`every a OP b`."""
    return syntax.Comparison(span, quantifier, left, op, right)


def oblige(span: Span, name: syntax.Name, pairs: Pairs | None) -> syntax.ObligeClause:
    """`oblige n(k: v)`."""
    return syntax.ObligeClause(span, name, pairs or ())


def separate(span: Span, capabilities: Names, per: str | None) -> syntax.SeparateDeclaration:
    """`separate CAP, CAP per task`."""
    return syntax.SeparateDeclaration(span, capabilities, per is not None)


def isolate(
    span: Span, left: syntax.Name, right: syntax.Name, excepted: Names | None
) -> syntax.IsolateDeclaration:
    """`isolate A from B except CAP`."""
    return syntax.IsolateDeclaration(span, left, right, excepted or ())


def assertion(
    span: Span,
    no: str | None,
    agents: Names | None,
    capabilities: Names,
    intents: Names | None,
    when: syntax.Expression | None,
    without: Needs | None,
) -> syntax.AssertDeclaration:
    """`assert no A can CAPS for I when E without N`."""
    return syntax.AssertDeclaration(
        span, no is None, agents, capabilities, intents, when, without or ()
    )


def subject(
    span: Span,
    agent: syntax.Name | syntax.Text,
    attributes: syntax.RecordLiteral | None,
    intent: syntax.Name | None,
    fields: syntax.RecordLiteral | None,
) -> syntax.SubjectClause:
    """`agent a { … } for i { … }` of a test."""
    return syntax.SubjectClause(span, agent, _items(attributes), intent, _items(fields))


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


def bind_resource(
    span: Span,
    name: syntax.Name,
    location: syntax.Text | None,
    items: tuple[syntax.BindAction | syntax.BindAttribute, ...] | None,
) -> syntax.BindResource:
    """`resource r "…" { … }` of a binding."""
    return syntax.BindResource(span, name, location, items or ())


def bind_action(span: Span, name: syntax.Name, *rest: Any) -> syntax.BindAction:
    """`a = x, y on "…"`; the last part is what stands after `on`, or None."""
    return syntax.BindAction(span, name, rest[:-1], rest[-1])


def _items(record: syntax.RecordLiteral | None) -> Pairs:
    return record.items if record is not None else ()


def together(span: Span, *parts: Any) -> tuple[Any, ...]:
    """What is no node of its own: the parser sees to it without a span."""
    return parts


def _nothing(span: Span) -> None:
    return None


BUILD: dict[str, Callable[..., Any]] = {
    "file": lambda span, package, *statements: (package, statements),
    # declarations
    "owner": syntax.OwnerClause,
    "controls": lambda span, *ids: syntax.Controls(span, ids),
    "control_text": control_text,
    "rule_text": control_text,
    "use": syntax.Use,
    "agent": agent,
    "agents": agents,
    "intent": intent,
    "level": lambda span, name, *members: syntax.LevelDeclaration(span, name, members),
    "enum": lambda span, name, *members: syntax.EnumDeclaration(span, name, members),
    "set": syntax.SetDeclaration,
    "let": syntax.LetDeclaration,
    "request": request,
    "resource": resource,
    "actions": together,
    "action": action,
    "parameters": together,
    "fields": together,
    "field": field,
    "keyword_as_name": keyword_as_name,
    "list_of": syntax.ListOf,
    "record_of": syntax.RecordOf,
    # rules
    "rule": rule,
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
    "texts": together,
    "days": together,
    "day": day,
    # conditions
    "any_of": lambda span, *parts: syntax.Any_(span, parts),
    "all_of": lambda span, *parts: syntax.All_(span, parts),
    "not_": syntax.Not,
    "in_parentheses": lambda span, inner: inner,
    "has": syntax.Has,
    "comparison": comparison,
    "operator": lambda span, *words: " ".join(words),
    "age": syntax.AgeOf,
    # literals
    "bool": lambda span, word: syntax.Bool(span, word == "true"),
    "null": lambda span, word: syntax.Null(span),
    "list": lambda span, items: syntax.ListLiteral(span, items or ()),
    "values": together,
    "record": lambda span, items: syntax.RecordLiteral(span, items or ()),
    "pairs": together,
    "pair": syntax.Pair,
    # constraints
    "separate": separate,
    "isolate": isolate,
    "assertion": assertion,
    # tests
    "test": lambda span, name, *clauses: syntax.TestDeclaration(span, name, clauses),
    "subject": subject,
    "call": call,
    "given": given,
    "at_": syntax.AtClause,
    "approved": approved,
    "stepped_up": syntax.SteppedUpClause,
    "expectation": expectation,
    "no_rule": together,
    "alternatives": together,
    "terms": together,
    "obliged": syntax.ObligedTerm,
    "absent": syntax.AbsentTerm,
    # bindings
    "bind": lambda span, target, *items: syntax.BindDeclaration(span, target, items),
    "bind_resource": bind_resource,
    "bind_names": together,
    "bind_agent": syntax.BindAgent,
    "bind_tag": syntax.BindTag,
    "bind_context": syntax.BindContext,
    "bind_action": bind_action,
    "bind_attribute": syntax.BindAttribute,
}


def number(span: Span, written: str) -> syntax.Number:
    """A number, without its underscores."""
    return syntax.Number(span, written.replace("_", ""))


def quoted_name(span: Span, text: str) -> syntax.Name:
    """A name, or a path, of which a part stands in quotes."""
    return syntax.Name(span, canonical(text))


LEAVES: dict[str, Callable[[Span, str], syntax.Node]] = {
    "%NAME": syntax.Name,
    "%PATH": syntax.Name,
    "%WILDCARD": syntax.Name,
    "%QUOTED_NAME": quoted_name,
    "%QUOTED_PATH": quoted_name,
    "%CONTROL_ID": syntax.Name,
    "%PLATFORM_NAME": syntax.Name,
    "%CLOCK": syntax.Name,
    "%NUMBER": number,
    "%DURATION": syntax.Duration,
    "%DATE": syntax.Date,
    "%TIME": syntax.Time,
    "%STRING": string_literal,
}
"""What a terminal becomes, given its span and its text."""
