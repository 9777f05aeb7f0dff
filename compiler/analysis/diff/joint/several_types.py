"""Attributes that are declared by several types, of one call or of different ones, and their members together.

A place such as `resource.grade` is another thing for each resource. Nearly all places have one type everywhere, so
what is read of the others alone has to be looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from ....ir import nodes as ir
from ....ir.walk import attributes, conditions_of_rule
from ...procedure.cubes.cube import CubeKey
from ...procedure.domains.values import Body, Finite, Lists, Values

AttributePath: TypeAlias = "tuple[str, tuple[str, ...]]"
"""Root and path of an attribute."""


@dataclass(frozen=True)
class Grown:
    """The levels and enums by which one attribute is read, and one with the members of all."""

    types: frozenset[ir.LevelType | ir.EnumType]
    both: ir.Enumeration

    def joint(self, type_: ir.Type) -> ir.Type:
        """A type of the attribute, in the members of all; others are what they are."""
        if enumeration_of(type_) not in self.types:
            return type_
        both = ir.EnumType(self.both.name)
        return ir.ListType(both) if isinstance(type_, ir.ListType) else both

    def told(
        self, key: CubeKey, values: Values, own: tuple[str, ...]
    ) -> Iterator[tuple[CubeKey, Values]]:
        """What an attribute may be by a type with some members, told by all: the others are malformed there."""
        joint = CubeKey(key.root, key.path, self.joint(key.type), key.aged, key.of)
        size = len(self.both.members)
        foreign = sum(1 << rank for rank, name in enumerate(self.both.members) if name not in own)
        body: Body | None = None
        if isinstance(values.body, Lists):
            every, *some = (
                Finite(self._mask(each, own), size)
                for each in (values.body.every, *values.body.some)
            )
            body = Lists(every, tuple(some))
        elif not isinstance(key.type, ir.ListType):
            mask = self._mask(values.body, own) | (foreign if values.malformed else 0)
            body = Finite(mask, size) if mask else None
        yield joint, Values(values.absent, values.malformed, body)
        if values.malformed and foreign and isinstance(key.type, ir.ListType):
            whole = Finite((1 << size) - 1, size)
            yield joint, Values(False, False, Lists(whole, (Finite(foreign, size),)))

    def _mask(self, body: Body | None, own: tuple[str, ...]) -> int:
        mask = 0
        for rank, member in enumerate(self.both.members):
            if member in own and isinstance(body, Finite) and body.contains(own.index(member)):
                mask |= 1 << rank
        return mask


def enumeration_of(type_: ir.Type) -> ir.LevelType | ir.EnumType | None:
    """The level or enum that a type is, or is a list of."""
    inner = ir.element_type(type_)
    return inner if isinstance(inner, ir.LevelType | ir.EnumType) else None


def grown(
    rules: Iterable[ir.Rule],
    places: frozenset[AttributePath],
    members: Mapping[str, tuple[str, ...]],
) -> dict[AttributePath, Grown]:
    """Of some places those that rules read by several levels and enums."""
    found: dict[AttributePath, dict[ir.LevelType | ir.EnumType, None]] = defaultdict(dict)
    if places:
        for condition in chain.from_iterable(map(conditions_of_rule, rules)):
            for attribute, _ in attributes(condition):
                if (attribute.root, attribute.path[:1]) in places:
                    type_ = enumeration_of(attribute.type)
                    if type_ is not None:
                        found[attribute.root, attribute.path].setdefault(type_)
    return {
        place: Grown(frozenset(types), _together(types, members))
        for place, types in found.items()
        if len(types) > 1
    }


def _together(
    types: Iterable[ir.LevelType | ir.EnumType], members: Mapping[str, tuple[str, ...]]
) -> ir.Enumeration:
    names = [each.name for each in types]
    every = dict.fromkeys(member for name in names for member in members[name])
    return ir.Enumeration("\0".join(names), tuple(every))


def of_several_types(
    base: ir.Policy, head: ir.Policy, called: Mapping[str, str]
) -> frozenset[AttributePath]:
    """The attributes, by their first name, that have more than one type; types of the first policy by what the second calls them."""
    found: dict[AttributePath, set[ir.Type]] = defaultdict(set)
    for policy, names in ((base, called), (head, {})):
        for root, field in _declared(policy):
            found[root, (field.name,)].add(_renamed(field.type, names))
    return frozenset(place for place, types in found.items() if len(types) > 1)


def _renamed(type_: ir.Type, names: Mapping[str, str]) -> ir.Type:
    match type_:
        case ir.LevelType(name):
            return ir.LevelType(names.get(name, name))
        case ir.EnumType(name):
            return ir.EnumType(names.get(name, name))
        case ir.ListType(of):
            return ir.ListType(_renamed(of, names))
        case ir.RecordType(fields):
            return ir.RecordType(
                tuple(ir.Field(each.name, _renamed(each.type, names)) for each in fields)
            )
        case _:
            return type_


def _declared(policy: ir.Policy) -> Iterator[tuple[str, ir.Field]]:
    """Every attribute, by its root."""
    attested = (*(a.attributes for a in policy.agents), *(f.attributes for f in policy.families))
    yield from (("agent", each) for fields in attested for each in fields)
    for intent in policy.intents:
        yield from (("task", each) for each in intent.fields)
    for resource in policy.resources:
        yield from (("resource", each) for each in resource.attributes)
        for action in resource.actions:
            yield from (("args", each) for each in action.parameters)
    yield from (("context", each) for each in policy.context)
    yield from (("user", each) for each in policy.user or ())
