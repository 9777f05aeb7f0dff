"""Make the nodes of the syntax tree, each as soon as the parser has read it.

A function of `BUILD` makes the node of the rule of `agp.lark` of that name. It gets the span of
what the rule matched and the values of its parts: nodes, the text of a keyword that matters, and
None for a part that is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

from ..records import changed
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
    """A control, or a rule, that is named in quotes since it cannot be without."""
    return syntax.Name(span, text.value)


def agent(
    span: Span, name: syntax.Name, id: syntax.Text, fields: Fields | None
) -> syntax.AgentDeclaration:
    """`agent n = "…" { … }`."""
    return syntax.AgentDeclaration(span, name, id, fields or ())


def agents(span: Span, name: syntax.Name, *rest: Any) -> syntax.AgentsDeclaration:
    """`agents n = "…", m except k { … }`; the last parts are what is left out and the fields, or None."""
    *members, excepted, fields = rest
    return syntax.AgentsDeclaration(span, name, tuple(members), fields or (), excepted or ())


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


def extend(
    span: Span,
    name: syntax.Name,
    *items: syntax.FieldDeclaration | tuple[syntax.ActionDeclaration, ...],
) -> syntax.ExtendDeclaration:
    """`extend n { … }`, which holds what a tool holds."""
    whole = resource(span, "tool", name, *items)
    return syntax.ExtendDeclaration(span, name, whole.attributes, whole.actions)


def of_kind(span: Span, name: syntax.Name, kind: syntax.Name) -> syntax.Name:
    """`any send` or `r.* send`."""
    return syntax.Name(span, f"{name.text} {kind.text}")


def action(span: Span, name: syntax.Name, *rest: Any) -> syntax.ActionDeclaration:
    """`n(p: T, ...) -> T`, with or without the parentheses; the last part is what it gives back, or None."""
    *listed, result = rest
    parts = [part for each in listed for part in each or ()]
    fields = tuple(each for each in parts if isinstance(each, syntax.FieldDeclaration))
    others = next((each for each in parts if isinstance(each, syntax.OtherArguments)), None)
    return syntax.ActionDeclaration(span, name, fields, result, others=others)


def actions(span: Span, *parts: Any) -> tuple[syntax.ActionDeclaration, ...]:
    """`read send action a, b`: what they do, and then the actions."""
    kinds = tuple(each for each in parts if isinstance(each, syntax.Name))
    listed = (each for each in parts if isinstance(each, syntax.ActionDeclaration))
    return tuple(changed(each, kinds=kinds) for each in listed) if kinds else tuple(listed)


def field(
    span: Span, name: syntax.Name, optional: str | None, type: syntax.TypeExpression
) -> syntax.FieldDeclaration:
    """`n: T` or `n?: T`."""
    return syntax.FieldDeclaration(span, name, optional is not None, type)


def meter(
    span: Span,
    name: syntax.Name,
    aggregate: syntax.Aggregate,
    outcome: Literal["denied", "asked", "done"] | None,
    capabilities: Names,
    when: syntax.Expression | None,
    per: str,
    keys: tuple[syntax.Key, ...],
    word: str | None,
    within: syntax.Duration | None,
) -> syntax.MeterDeclaration:
    """`meter n = AGGREGATE of CAPS when E per k within D`."""
    return syntax.MeterDeclaration(span, name, aggregate, outcome, capabilities, when, keys, within)


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


def delegate(
    span: Span, delegator: syntax.Name, intent: syntax.Name, to: syntax.Name, to_intent: syntax.Name
) -> syntax.DelegateDeclaration:
    """`delegate A for I to B for J`."""
    return syntax.DelegateDeclaration(span, delegator, intent, to, to_intent)


def containment(
    span: Span,
    inner: syntax.Name,
    word: str,
    outer: syntax.Name,
    inner_intent: syntax.Name | None,
    second_word: str | None,
    outer_intent: syntax.Name | None,
) -> syntax.WithinDeclaration:
    """`assert A within B for I within J`."""
    return syntax.WithinDeclaration(span, inner, outer, inner_intent, outer_intent)


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


def bind_resource(
    span: Span,
    word: str,
    name: syntax.Name,
    location: syntax.Text | None,
    items: tuple[syntax.BindAction | syntax.BindAttribute, ...] | None,
) -> syntax.BindResource:
    """`resource r "…" { … }` of a binding."""
    return syntax.BindResource(span, name, location, items or ())


class _BindName(NamedTuple):
    """`a =` in a binding, which the platform's names follow."""

    name: syntax.Name


class _BindOn(NamedTuple):
    """`on "…"` behind them."""

    location: syntax.Text


def bind_name(span: Span, name: syntax.Name | str) -> _BindName:
    """`a =`; an action may be called `attribute`."""
    if isinstance(name, str):
        end = span.column + len(name)
        name = syntax.Name(Span(span.file, span.line, span.column, span.line, end), name)
    return _BindName(name)


def bind_names(
    span: Span, *parts: _BindName | _BindOn | PlatformName | syntax.BindAttribute
) -> tuple[syntax.BindAction | syntax.BindAttribute, ...]:
    """`{ a = x, y on "…" attribute b = z }`."""
    items: list[syntax.BindAction | syntax.BindAttribute] = []
    for part in parts:
        if isinstance(part, syntax.BindAttribute):
            items.append(part)
        elif isinstance(part, _BindName):
            items.append(syntax.BindAction(part.name.span, part.name, (), None))
        else:
            last = items.pop()
            assert isinstance(last, syntax.BindAction)
            node = part.location if isinstance(part, _BindOn) else part
            span = last.span.to(node.span)
            if isinstance(part, _BindOn):
                items.append(changed(last, span=span, on=part.location))
            else:
                items.append(changed(last, span=span, names=(*last.names, part)))
    return tuple(items)


def _items(record: syntax.RecordLiteral | None) -> Pairs:
    return record.items if record is not None else ()


def together(span: Span, *parts: Any) -> tuple[Any, ...]:
    """What is no node of its own: the parser sees to it without a span."""
    return parts


def _nothing(span: Span) -> None:
    return None


BUILD: dict[str, Callable[..., Any]] = {
    "file": lambda span, language, package, *statements: (language, package, statements),
    # declarations
    "owner": syntax.OwnerClause,
    "controls": lambda span, *ids: syntax.Controls(span, ids),
    "control_text": control_text,
    "use": syntax.Use,
    "agent": agent,
    "agents": agents,
    "excepted": together,
    "intent": intent,
    "level": lambda span, name, *members: syntax.LevelDeclaration(span, name, members),
    "enum": lambda span, name, *members: syntax.EnumDeclaration(span, name, members),
    "group": lambda span, name, capabilities: syntax.GroupDeclaration(span, name, capabilities),
    "set": syntax.SetDeclaration,
    "let": syntax.LetDeclaration,
    "request": request,
    "resource": resource,
    "extend": extend,
    "of_kind": of_kind,
    "actions": actions,
    "action": action,
    "parameters": together,
    "open": syntax.OtherArguments,
    "fields": together,
    "field": field,
    "keyword_as_name": keyword_as_name,
    "meter": meter,
    "aggregate": lambda span, kind: syntax.Aggregate(span, kind, False, None),
    "aggregate_of": lambda span, kind, of: syntax.Aggregate(span, kind, False, of),
    "aggregate_size": lambda span, kind, word, of: syntax.Aggregate(span, kind, True, of),
    "keys": together,
    "key": syntax.Key,
    "source": lambda span, name, *origins: syntax.SourceDeclaration(span, name, origins),
    "origin": origin,
    "list_of": syntax.ListOf,
    "record_of": syntax.RecordOf,
    # rules
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
    # conditions
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
    "origin_name": origin,
    "comparison": comparison,
    "operator": lambda span, *words: " ".join(words),
    "age": lambda span, word, attribute: syntax.AgeOf(span, attribute),
    "size": lambda span, word, attribute: syntax.SizeOf(span, attribute),
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
    "delegate": delegate,
    "containment": containment,
    "assertion": assertion,
    # tests
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
    # bindings
    "bind": lambda span, target, *items: syntax.BindDeclaration(span, target, items),
    "bind_resource": bind_resource,
    "bind_names": bind_names,
    "bind_name": bind_name,
    "bind_on": lambda span, location: _BindOn(location),
    "bind_agent": syntax.BindAgent,
    "bind_tag": syntax.BindTag,
    "bind_context": lambda span, word, *parts: syntax.BindContext(span, *parts),
    "bind_attribute": lambda span, word, *parts: syntax.BindAttribute(span, *parts),
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
