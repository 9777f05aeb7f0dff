"""What a package declares, and what it states of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ...report.source import Span
from ...structs import changed
from .. import tree as syntax
from .node_lists import Fields, Names, Needs, together


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


def keyword_as_name(span: Span, keyword: str) -> syntax.Name:
    """A keyword where a name may stand."""
    return syntax.Name(span, keyword)


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


BUILD: dict[str, Callable[..., Any]] = {
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
    "list_of": syntax.ListOf,
    "record_of": syntax.RecordOf,
    "separate": separate,
    "isolate": isolate,
    "delegate": delegate,
    "containment": containment,
    "assertion": assertion,
}
