"""What a rule is about, and what it says of that: how two rules are alike, and where one reaches further."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias

from ....ir import nodes as ir

_BESIDE = {"id", "agents", "intents", "capabilities", "because", "owner", "controls", "span"}
Scope: TypeAlias = tuple[ir.Names, ir.Names, tuple[str, ...]]
"""Agents, intents and capabilities."""


def words(rule: ir.Rule) -> object:
    """What a rule says, beside whom, why and what it names: all that it has, so that nothing is left out."""
    kind: Any = type(rule)
    return _words_of(kind)(rule)


@cache
def _words_of(kind: Any) -> Callable[[ir.Rule], object]:
    return attrgetter(*(each.name for each in fields(kind) if each.name not in _BESIDE))


def scope_of(rule: ir.Rule) -> Scope:
    """What a rule is about."""
    return (rule.agents, rule.intents, rule.capabilities)


def partner_of(
    rule: ir.Rule, scoped: ir.Rule, alike: list[tuple[ir.Rule, ir.Rule]]
) -> tuple[ir.Rule, ir.Rule] | None:
    """Of rules in the same words the one that is most like a rule: in its name, or in what it names."""
    for is_it in (
        lambda old, was: old.id == rule.id,
        lambda old, was: scope_of(was) == scope_of(scoped),
        lambda old, was: True,
    ):
        for old, was in alike:
            if type(old) is type(rule) and is_it(old, was):
                return old, was
    return None


def about(rule: ir.Rule, id: str, scope: Scope) -> ir.Rule:
    """A rule about some of what it names."""
    agents, intents, capabilities = scope
    return replace(rule, id=id, agents=agents, intents=intents, capabilities=capabilities)  # type: ignore[arg-type] # of its own kind


def common_names(one: ir.Names, other: ir.Names) -> ir.Names:
    """What both name, where neither is all there is."""
    if isinstance(one, ir.Unnamed) or isinstance(other, ir.Unnamed):
        return other if isinstance(one, ir.Unnamed) else one
    return in_both(one, other)


def in_both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """What stands in both."""
    others = set(other)
    return tuple(each for each in one if each in others)


def outside(scope: Scope, both: Scope) -> Iterator[Scope]:
    """What a scope has beyond what both have, in parts that do not meet.

    Of all but some names there is no word, so that all are asked about again.
    """
    agents, intents, capabilities = scope
    if agents != both[0]:
        more = _beyond(agents, both[0])
        if more != ():
            yield more, intents, capabilities
        if both[0] == ():
            return
    if intents != both[1]:
        more = _beyond(intents, both[1])
        if more != ():
            yield both[0], more, capabilities
        if both[1] == ():
            return
    rest = _beyond(capabilities, both[2])
    if rest != () and not isinstance(rest, ir.Unnamed):
        yield both[0], both[1], rest


def _beyond(names: ir.Names, common: ir.Names) -> ir.Names:
    """The names that are not in common."""
    if isinstance(names, ir.Unnamed) or isinstance(common, ir.Unnamed):
        return names
    return tuple(each for each in names if each not in set(common))
