"""Attributes that have another kind of type in one policy than in the other: what one value may be to both.

A request carries one value, which each policy reads by its own type. The cubes of the two know nothing of each
other, so they are told here: what is whole for one type is malformed for the other, unless both have it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ....ir import nodes as ir
from ....ir.walk import Leaf, attributes, conditions_of_rule
from ....structs import Struct
from ...procedure.cubes.cube import Cube, CubeKey
from ...procedure.domains.texts import OneOf, Texts
from ...procedure.domains.values import Body, Finite, Intervals, Values, body_of, intervals
from .several_types import AttributePath
from .sides import Joined, RulePart

MOST = 3
"""Attributes of one cell that are told about; of others it is known less."""
MOST_REGIONS = 24

ABSENT, MALFORMED = Values(True, False, None), Values(False, True, None)
Pair: TypeAlias = "tuple[Values, Values]"


class Retyped(Struct):
    """What the rules of one cell read by several types, of which none grew into another."""

    places: frozenset[AttributePath]
    pairs: list[list[Cube]]
    """For each place the cubes in which one value is what both types take it for."""


NOTHING = Retyped(frozenset(), [])


def retyped(parts: Iterable[RulePart], joined: Joined) -> Retyped:
    """Look at what the parts of a cell read."""
    types: dict[AttributePath, dict[ir.Type, None]] = {}
    leaves: dict[AttributePath, list[Leaf]] = {}
    for part in parts:
        for condition in conditions_of_rule(part.rule):
            for attribute, leaf in attributes(condition):
                if (attribute.root, attribute.path[:1]) not in joined.of_several_types:
                    continue
                place: AttributePath = (attribute.root, attribute.path)
                types.setdefault(place, {}).setdefault(joined.type_of(attribute))
                leaves.setdefault(place, []).append(leaf)
    several = {place: read for place, read in types.items() if len(read) > 1}
    pairs: list[list[Cube]] = []
    for place, read in several.items():
        if any(ir.part_of(each) is not None for each in read):
            continue  # a part says nothing of what is whole for the other type
        if len(read) == 2 and len(pairs) < MOST:
            one, other = sorted(read, key=_width)
            keys = [CubeKey(*place, each) for each in (one, other)]
            both = ((ABSENT, ABSENT), *_pairs(one, other, leaves[place], joined.policy))
            pairs.append([Cube(dict(zip(keys, pair, strict=True))) for pair in both])
    return Retyped(frozenset(several), pairs)


def _width(type_: ir.Type) -> int:
    """Narrow types before those that may hold all of their values."""
    return (ir.STRING, ir.NUMBER, ir.JSON).index(type_) + 1 if type_ in WIDE else 0


WIDE = (ir.STRING, ir.NUMBER, ir.JSON)


def _pairs(narrow: ir.Type, wide: ir.Type, leaves: list[Leaf], policy: ir.Policy) -> Iterator[Pair]:
    """What one value that is there may be to both types."""
    whole, all_of_it = (Values(False, False, body_of(each, policy)) for each in (narrow, wide))
    if wide == ir.JSON:  # every value is one
        yield whole, all_of_it
        yield MALFORMED, all_of_it
        return
    yield MALFORMED, MALFORMED
    if _kind(narrow) != _kind(wide):
        yield whole, MALFORMED
        yield MALFORMED, all_of_it
    elif wide == ir.STRING and isinstance(narrow, ir.LevelType | ir.EnumType):
        members = policy.members_of[narrow.name]
        for rank, member in enumerate(members):
            text = Texts(frozenset((OneOf(frozenset((member,))),)))
            yield Values(False, False, Finite(1 << rank, len(members))), Values(False, False, text)
        others = Texts(outside=frozenset((OneOf(frozenset(members)),)))
        yield MALFORMED, Values(False, False, others)
    elif wide == ir.NUMBER and narrow == ir.INT and (at := _constants(leaves)) is not None:
        yield from _numbers(at)
    elif wide in WIDE:
        yield whole, all_of_it
        yield MALFORMED, all_of_it
    elif (
        isinstance(narrow, ir.ListType | ir.RecordType) or ir.has_form(narrow) or ir.has_form(wide)
    ):
        yield whole, MALFORMED
        yield MALFORMED, all_of_it
        yield whole, all_of_it  # as the empty list is, and a domain that is a member of an enum
    else:  # two kinds of text that no text is both of
        yield whole, MALFORMED
        yield MALFORMED, all_of_it


def _kind(type_: ir.Type) -> str:
    """What JSON carries a value of a type as."""
    match type_:
        case ir.ListType():
            return "list"
        case ir.RecordType():
            return "object"
        case ir.Scalar("bool"):
            return "bool"
        case ir.Scalar("int" | "number"):
            return "number"
        case _:
            return "text"


def _constants(leaves: list[Leaf]) -> list[float] | None:
    """The numbers that an attribute is compared with; None where it is compared with anything else."""
    found: set[float] = set()
    for leaf in leaves:
        match leaf:
            case ir.Compare(_, ir.Attribute(), ir.Constant(_, value)):
                found.add(float(value))
            case ir.Compare(_, ir.Constant(_, value), ir.Attribute()):
                found.add(float(value))
            case ir.In(ir.Attribute(), ir.Constants(_, values)):
                found.update(map(float, values))
            case ir.Has():
                pass
            case _:
                return None
    return sorted(found) if len(found) <= MOST_REGIONS else None


def _numbers(at: list[float]) -> Iterator[Pair]:
    """Numbers that every condition takes for the same: whole ones, which both types have, and others."""
    for each in at:
        yield _whole_or_not(each)
    for low, high in zip((-math.inf, *at), (*at, math.inf), strict=True):
        first = math.floor(low) + 1 if low != -math.inf else -(2**53) + 1
        last = math.ceil(high) - 1 if high != math.inf else 2**53 - 1
        if first <= last:
            span: tuple[tuple[float, float], ...] = ((first, last),)
            yield _values(intervals("int", span)), _values(intervals("number", span))
        other = _between(low, high)
        if other is not None:
            yield MALFORMED, _values(Intervals("number", ((other, other),)))


def _whole_or_not(value: float) -> Pair:
    number = _values(intervals("number", ((value, value),)))
    if value.is_integer() and abs(value) < 2**53:
        return _values(intervals("int", ((value, value),))), number
    return MALFORMED, number


def _between(low: float, high: float) -> float | None:
    """A number between two that is not whole."""
    start = low if low != -math.inf else (high if high != math.inf else 1.0) - 1
    end = high if high != math.inf else start + 1
    for part in (2, 4, 3, 7, 1000):
        value = start + (end - start) / part
        if start < value < end and not value.is_integer():
            return value
    return None


def _values(body: Body) -> Values:
    return Values(False, False, body)
