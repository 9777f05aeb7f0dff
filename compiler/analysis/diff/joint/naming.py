"""One name for what two policies call by two names, so that a renaming is no change.

No request carries the name of an agent, a family, a level, an enum or a set: a request carries a SPIFFE ID
and members. So what the first policy declares is called by the name that the second one has for the same,
and by a name of its own where the second one has nothing like it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from ....ir import nodes as ir
from ....structs import Struct

N = TypeVar("N")
R = TypeVar("R", ir.Allow, ir.Forbid)
F = TypeVar("F", ir.Meter, ir.Source)

A = TypeVar("A", ir.FromAll, ir.FromDeclared)
Statement: TypeAlias = ir.Delegation | ir.Separation | ir.Isolation | ir.Containment | ir.Assertion

BEFORE = "\0before"
"""Ends the name of what another thing is called now; no declared name has such a character."""


class Renaming(Struct):
    """New names for what is declared under old ones; names that stay are left out."""

    agents: Mapping[str, str]
    types: Mapping[str, str]
    sets: Mapping[str, str]
    facts: Mapping[str, str]
    """New keys of meters and sources, which have another name and one definition."""
    renamed: int
    """How many things have another name and mean the same."""

    def rule(self, rule: R) -> R:
        """The rule in the new names."""
        agents = self._of(rule.agents)
        if not (self.types or self.sets or self.facts):
            return rule if agents == rule.agents else replace(rule, agents=agents)
        return replace(self._renamed(rule), agents=agents)

    def statement(self, statement: Statement) -> Statement:
        """What a policy states of itself in the new names."""
        match statement:
            case ir.Separation():
                return statement
            case ir.Delegation():
                return self.delegation(statement)
            case ir.Isolation(left, right):
                left, right = self.agents.get(left, left), self.agents.get(right, right)
                return replace(statement, left=left, right=right)
            case ir.Containment(inner, outer):
                inner, outer = self.agents.get(inner, inner), self.agents.get(outer, outer)
                return replace(statement, inner=inner, outer=outer)
            case ir.Assertion():
                return replace(self._renamed(statement), agents=self._of(statement.agents))

    def fact(self, fact: F) -> F:
        """A meter or a source in the new names."""
        key = self.facts.get(fact.key, fact.key)
        return replace(self._renamed(fact), name=key.rpartition("#")[0])

    def type_of(self, type_: ir.Type | None) -> ir.Type | None:
        """A type in the new names."""
        return None if type_ is None else self._renamed(type_)

    def delegation(self, delegation: ir.Delegation) -> ir.Delegation:
        """Who may hand tasks on to whom, in the new names."""
        delegator = self.agents.get(delegation.delegator, delegation.delegator)
        delegate = self.agents.get(delegation.delegate, delegation.delegate)
        return replace(delegation, delegator=delegator, delegate=delegate)

    def _of(self, agents: A) -> A | tuple[str, ...]:
        if isinstance(agents, ir.Unnamed) or not self.agents:
            return agents
        return tuple(sorted({self.agents.get(each, each) for each in agents}))

    def _renamed(self, node: N) -> N:
        """Any node of the IR in the new names; the very same where none occurs in it."""
        if isinstance(node, tuple):
            parts = tuple(map(self._renamed, node))
            same = all(a is b for a, b in zip(parts, node, strict=True))
            return node if same else parts  # type: ignore[return-value]
        if isinstance(node, ir.LevelType | ir.EnumType):
            name = self.types.get(node.name)
            return node if name is None else replace(node, name=name)
        if not dataclasses.is_dataclass(node) or isinstance(node, type):
            return node
        if isinstance(node, ir.Attribute) and ir.is_fact(node) and node.path[1] in self.facts:
            path = (node.path[0], self.facts[node.path[1]], *node.path[2:])
            return replace(node, path=path, type=self._renamed(node.type))
        changed: dict[str, Any] = {}
        for each in dataclasses.fields(node):
            if not each.compare:
                continue
            value = getattr(node, each.name)
            new = self._renamed(value)
            if isinstance(node, ir.Constants) and each.name == "name" and value is not None:
                new = self.sets.get(value, value)
            if new is not value:
                changed[each.name] = new
        return replace(node, **changed) if changed else node  # type: ignore[type-var]


def renaming(before: ir.Policy, after: ir.Policy) -> Renaming:
    """The names that the second policy has for what the first one declares."""
    agents, renamed_agents = _names(_identities(before), _identities(after))
    types, renamed_types = _names(_enumerations(before), _enumerations(after))
    sets, renamed_sets = _names(_sets(before), _sets(after))
    facts, renamed_facts = _names(_facts(before), _facts(after))
    renamed = renamed_agents + renamed_types + renamed_sets + renamed_facts
    return Renaming(agents, types, sets, facts, renamed)


def written_out(node: N) -> N:
    """A condition in which a set that the second policy has not is written by its values."""
    if isinstance(node, tuple):
        return tuple(map(written_out, node))  # type: ignore[return-value]
    if not dataclasses.is_dataclass(node) or isinstance(node, type):
        return node
    changed: dict[str, Any] = {
        each.name: written_out(getattr(node, each.name))
        for each in dataclasses.fields(node)
        if each.compare
    }
    if isinstance(node, ir.Constants) and node.name is not None and node.name.endswith(BEFORE):
        changed["name"] = None
    return replace(node, **changed)  # type: ignore[type-var]


def _identities(policy: ir.Policy) -> dict[str, Hashable]:
    """What each agent and family stands for."""
    return dict(policy.identities)


def _enumerations(policy: ir.Policy) -> dict[str, Hashable]:
    """What each level and enum is."""
    found: dict[str, Hashable] = {each.name: ("level", each.members) for each in policy.levels}
    found.update((each.name, ("enum", each.members)) for each in policy.enums)
    return found


def _sets(policy: ir.Policy) -> dict[str, Hashable]:
    """What each set holds."""
    return {each.name: (each.type, each.values) for each in policy.sets}


def _facts(policy: ir.Policy) -> dict[str, Hashable]:
    """What each meter and source is defined as, by its key."""
    found: dict[str, Hashable] = {each.key: ("meter", each.digest) for each in policy.meters}
    found.update((each.key, ("source", each.digest)) for each in policy.sources)
    return found


def _names(
    before: Mapping[str, Hashable], after: Mapping[str, Hashable]
) -> tuple[dict[str, str], int]:
    """New names by old ones, without those that stay; and how many name the same by another."""
    called = {meaning: name for name, meaning in sorted(after.items(), reverse=True)}
    found: dict[str, str] = {}
    renamed = 0
    for name, meaning in before.items():
        if after.get(name) == meaning:
            continue
        if meaning in called and called[meaning] not in before:
            found[name] = called[meaning]
            renamed += 1
        elif name in after:
            found[name] = name + BEFORE
    return found, renamed
