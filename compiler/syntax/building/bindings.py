"""Bindings: what tools are called on a platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ...report.source import Span
from ...structs import Struct, changed
from .. import tree as syntax

PlatformName: TypeAlias = syntax.Text | syntax.Name


def bind_resource(
    span: Span,
    word: str,
    name: syntax.Name,
    location: syntax.Text | None,
    items: tuple[syntax.BindAction | syntax.BindAttribute, ...] | None,
) -> syntax.BindResource:
    """`resource r "…" { … }` of a binding."""
    return syntax.BindResource(span, name, location, items or ())


class _BindName(Struct):
    """`a =` in a binding, which the platform's names follow."""

    name: syntax.Name


class _BindOn(Struct):
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


BUILD: dict[str, Callable[..., Any]] = {
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
