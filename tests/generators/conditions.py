"""Conditions over what a rule may read: every node, every operator, every type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from agpc.compiler.ir import nodes as ir
from agpc.compiler.lowering.conditions.only import NAMES
from agpc.compiler.lowering.conditions.sources import holds

from .values import (
    DOMAINS,
    Draw,
    Members,
    chance,
    constant_value,
    glob_value,
    integers,
    network_value,
    path_value,
    pick,
)
from .vocabularies import Places

ORDERED = (ir.INT, ir.NUMBER, ir.TIME, ir.DATE, ir.DURATION)
COMPARISONS: tuple[Literal["==", "<", "<=", ">", ">="], ...] = ("==", "<", "<=", ">", ">=")
LIST_TESTS: tuple[Literal["subset of", "contains all", "contains any"], ...] = (
    "subset of",
    "contains all",
    "contains any",
)


@dataclass
class Surroundings:
    """Where a condition stands: what it may read, and which constants there are."""

    attributes: list[ir.Attribute]
    members: Members
    sets: tuple[ir.ConstantSet, ...]
    places: Places
    with_has: bool
    with_unwritten: bool
    sources: tuple[ir.Source, ...] = ()
    """Of which it may be asked where arguments come from, if that is `demanded`."""
    afters: tuple[ir.Attribute, ...] = ()
    """What the meters say that have no name."""
    demanded: bool = False
    """Whether what stands here has to be true for something to be opened."""

    def of_type(self, type_: ir.Type) -> list[ir.Attribute]:
        """The attributes of a type, and those that compare with it."""
        wanted = ir.comparable_type(type_)
        return [each for each in self.attributes if ir.comparable_type(each.type) == wanted]


def is_comparable(type_: ir.Type) -> bool:
    """Whether values of a type are compared; lists, records and `json` are not."""
    return type_ != ir.JSON and not isinstance(type_, ir.ListType | ir.RecordType)


def draw_condition(draw: Draw, where: Surroundings, depth: int = 2) -> ir.Condition:
    """A condition of at most so many levels of `and`, `or` and `not`."""
    kind = draw(integers(0, 9)) if depth else 0
    if kind < 6:
        return draw_leaf(draw, where)
    if kind == 6:
        negated = replace(where, demanded=not where.demanded)
        return ir.Not(draw_condition(draw, negated, depth - 1))
    parts = tuple(draw_condition(draw, where, depth - 1) for _ in range(pick(draw, (2, 2, 3))))
    return ir.And(parts) if kind < 8 else ir.Or(parts)


def draw_leaf(draw: Draw, where: Surroundings) -> ir.Condition:
    """A test of one attribute, or its Not."""
    fact = draw_fact_leaf(draw, where)
    if fact is not None:
        return fact
    attribute = pick(draw, where.attributes)
    arguments = [each.path[0] for each in where.attributes if each.root == "args"]
    if arguments and chance(draw, 4):
        names = tuple(dict.fromkeys(pick(draw, arguments) for _ in range(2)))
        of = ir.Constants(ir.STRING, names)
        return ir.ListTest("subset of", NAMES, of, where.places.next())
    is_size = attribute.path[-1:] == (ir.EACH,)
    if where.with_has and not is_size and not ir.is_fact(attribute) and chance(draw, 12):
        return ir.Has(attribute, where.places.next())
    type_ = attribute.type
    if isinstance(type_, ir.ListType) and is_comparable(type_.of):
        return draw_list_leaf(draw, attribute, type_.of, where)
    if is_comparable(type_):
        return draw_test(draw, attribute, where)
    if where.with_has:  # nothing else looks at records, `json`, and lists of them
        return ir.Has(attribute, where.places.next())
    return draw_test(draw, ir.Attribute("agent", ("id",), ir.STRING), where)


def draw_fact_leaf(draw: Draw, where: Surroundings) -> ir.Condition | None:
    """Where an argument comes from, that there was a call, or what a meter says; most often None."""
    if not (where.sources or where.afters or any(map(ir.is_fact, where.attributes))):
        return None
    kind = draw(integers(0, 9))
    span = where.places.next()
    if kind == 9 and where.afters:
        return ir.Compare(">", pick(draw, where.afters), ir.Constant(ir.INT, 0), span)
    asked = [each for each in where.attributes if is_of_source(each)]
    if kind in (7, 8) and where.sources and where.demanded and asked:
        argument = pick(draw, asked)
        links = holds(argument.type, texts_alone=True) and chance(draw, 30)
        return ir.In(ir.NameOf(argument, links), pick(draw, where.sources).read, span)
    meters = [each for each in where.attributes if ir.is_fact(each)]
    if kind in (5, 6) and meters:
        return draw_test(draw, pick(draw, meters), where)
    return None


def is_of_source(attribute: ir.Attribute) -> bool:
    """Whether it can be asked where an argument comes from."""
    is_whole = ir.part_of(attribute.type) is None and attribute.path[-1:] != (ir.EACH,)
    return attribute.root == "args" and is_whole and holds(attribute.type)


def draw_list_leaf(
    draw: Draw, attribute: ir.Attribute, of: ir.Type, where: Surroundings
) -> ir.Condition:
    """`every`, `some`, `contains` and the tests of whole lists."""
    kind = draw(integers(0, 3))
    if kind < 2:
        test = draw_test(draw, ir.Element(of), where)
        return ir.Quantified("some" if kind else "every", attribute, test, where.places.next())
    if kind == 2:
        op = pick(draw, LIST_TESTS)
        of = ir.value_type(of)
        return ir.ListTest(op, attribute, draw_collection(draw, of, where), where.places.next())
    item = draw_item(draw, ir.value_type(of), where)
    if isinstance(item, ir.Attribute) and isinstance(item.type, ir.OrNothing):
        item = ir.Constant(ir.value_type(of), constant_value(draw, of, where.members))
    return ir.In(item, attribute, where.places.next())


def draw_test(draw: Draw, term: ir.Attribute | ir.Element, where: Surroundings) -> ir.Condition:
    """A leaf about one scalar term, or its Not."""
    found = draw_positive_test(draw, term, where)
    written = isinstance(found, ir.In) or (isinstance(found, ir.Compare) and found.op == "==")
    if isinstance(term, ir.Element) and not written and not where.with_unwritten:
        return found
    return ir.Not(found) if chance(draw, 20) else found


def draw_positive_test(
    draw: Draw, term: ir.Attribute | ir.Element, where: Surroundings
) -> ir.Condition:
    type_, span = ir.value_type(term.type), where.places.next()
    kind = draw(integers(0, 3))
    around = [each for each in where.attributes if ir.value_type(each.type) == type_]
    if type_ in (ir.STRING, ir.DOMAIN) and kind > 1 and around and chance(draw, 25):
        return ir.Under(term, pick(draw, around), span)
    if ir.comparable_type(type_) == ir.DOMAIN and kind > 1:
        return ir.Under(term, pick(draw, DOMAINS), span)
    if type_ == ir.STRING and kind == 2:
        return ir.Like(term, glob_value(draw), span)
    if type_ == ir.STRING and kind == 3:
        return ir.Under(term, path_value(draw), span)
    if type_ == ir.IP and kind > 1:
        return ir.Within(term, draw_ranges(draw, where), span)
    if kind == 1 and not isinstance(term.type, ir.OrNothing):
        return ir.In(term, draw_collection(draw, type_, where), span)
    left: ir.Term = term
    if term.type == ir.TIME and isinstance(term, ir.Attribute) and kind > 1:
        left, type_ = ir.Age(term), ir.DURATION
    ordered = type_ in ORDERED or isinstance(type_, ir.LevelType)
    op = pick(draw, COMPARISONS) if ordered else "=="
    right = draw_item(draw, type_, where)
    if isinstance(right, ir.Constant) and isinstance(term, ir.Attribute) and chance(draw, 15):
        left, right = right, left
    return ir.Compare(op, left, right, span)


def draw_item(draw: Draw, type_: ir.Type, where: Surroundings) -> ir.Term:
    """A constant, or something else of the type that is read."""
    others: list[ir.Term] = [*where.of_type(type_)]
    if type_ == ir.DURATION:
        others += [ir.Age(each) for each in where.attributes if each.type == ir.TIME]
    if others and chance(draw, 25):
        return pick(draw, others)
    return ir.Constant(type_, constant_value(draw, type_, where.members))


def draw_collection(draw: Draw, type_: ir.Type, where: Surroundings) -> ir.Collection:
    """Constants, a named set, or a list attribute."""
    kind = draw(integers(0, 3))
    lists = where.of_type(ir.ListType(type_))
    if kind == 2 and lists:
        return pick(draw, lists)
    named = [
        each
        for each in where.sets
        if (each.type == type_ or (each.type == ir.INT and type_ == ir.NUMBER))
        and not (type_ == ir.IP and any("/" in str(value) for value in each.values))
    ]
    if named and chance(draw, 50):
        found = pick(draw, named)
        return ir.Constants(type_, found.values, found.name)
    size = pick(draw, (2, 1, 3, 0))
    return ir.Constants(
        type_, tuple(constant_value(draw, type_, where.members) for _ in range(size))
    )


def draw_ranges(draw: Draw, where: Surroundings) -> ir.Constants:
    """Ranges of addresses."""
    named = [each for each in where.sets if each.type == ir.IP]
    if named and chance(draw, 50):
        found = pick(draw, named)
        return ir.Constants(ir.IP, found.values, found.name)
    return ir.Constants(ir.IP, tuple(network_value(draw) for _ in range(pick(draw, (1, 2)))))
