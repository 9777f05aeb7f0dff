"""Attribute values that make a condition true, or false, on the very edge where it has one."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.runtime.glob import Wildcard, parse_glob
from agpc.runtime.time_text import format_time
from agpc.runtime.values import NANOSECONDS, read_time

from .values import (
    BOOLEANS,
    DOMAINS,
    PATHS,
    Draw,
    constant_value,
    integers,
    json_of,
    json_value,
    mapped,
    neighbours,
    pick,
    whole_with,
)

Where = tuple[str, tuple[str, ...]]
"""A root and a path: what an aim gives a value to."""

MISSING = object()
"""The value of what is to be left out."""


class Aim:
    """Values chosen so far, by where they stand; a later choice for the same place wins."""

    def __init__(self, draw: Draw, policy: ir.Policy, now: str, is_of_record: bool = False) -> None:
        """Aim at a time; `now` is the time of the request, which may be one that a record has."""
        self.is_of_record = is_of_record
        self.draw = draw
        self.policy = policy
        self.now = now
        self.values: dict[Where, Any] = {("now", ()): now}
        self.types: dict[Where, ir.Type] = {}

    def give(self, attribute: ir.Attribute, value: Any) -> None:
        """Choose the value of an attribute."""
        self.values[attribute.root, attribute.path] = (
            value if value in (None, MISSING) else whole_with(attribute.type, value)
        )
        self.types[attribute.root, attribute.path] = attribute.type

    def at(self, condition: ir.Condition, wanted: bool) -> None:
        """Choose values so that a condition has a truth value, if it can."""
        draw = self.draw
        match condition:
            case ir.Not(part):
                self.at(part, not wanted)
            case ir.And(parts) | ir.Or(parts):
                if isinstance(condition, ir.And) == wanted:
                    for part in parts:
                        self.at(part, wanted)
                else:
                    self.at(pick(draw, parts), wanted)
            case ir.Has(attribute):
                if wanted and self.of(attribute) in (None, MISSING):
                    self.give(attribute, self.any_of(attribute.type))
                elif not wanted:
                    self.give(attribute, pick(draw, (MISSING, None)))
            case ir.Quantified(kind, attribute, test):
                self.quantified(kind, attribute, test, wanted)
            case ir.ListTest(op, attribute, of):
                self.list_test(op, attribute, of, wanted)
            case ir.In(ir.NameOf() as item, ir.Attribute() as of):
                known = self.of(of)
                others = known if isinstance(known, list) else []
                self.give(of, [*others, item.name] if wanted else [])
            case ir.In(item, ir.Attribute() as of) if not isinstance(item, ir.Element):
                self.contained(item, of, wanted)
            case ir.Compare(_, left, right) if not isinstance(left, ir.Attribute | ir.Age):
                value = self.satisfying(condition, right, wanted)
                self.give_term(right, value)
            case ir.Compare(_, left) | ir.In(left) | ir.Like(left) | ir.Under(left):
                self.give_term(left, self.satisfying(condition, left, wanted))
            case ir.Within(item):
                self.give_term(item, self.satisfying(condition, item, wanted))

    def give_term(self, term: ir.Term, value: Any) -> None:
        """Choose the value of a term: of an age, by choosing the time."""
        if isinstance(term, ir.Attribute):
            if term.root != "now":
                self.give(term, value)
        elif isinstance(term, ir.Age) and isinstance(term.of, ir.Attribute):
            now = read_time(self.now)
            seconds = value if isinstance(value, int) else 60
            if now is not None and term.of.root != "now":
                self.give(term.of, format_time(max(now - seconds * NANOSECONDS, -(2**63))))

    def of(self, attribute: ir.Attribute) -> Any:
        """The value chosen for an attribute; MISSING if none is."""
        return self.values.get((attribute.root, attribute.path), MISSING)

    def any_of(self, type_: ir.Type) -> Any:
        """Some value of a type."""
        if isinstance(type_, ir.OrNothing):
            return {"none": True} if self.draw(BOOLEANS) else self.any_of(type_.of)
        return json_value(self.draw, type_, self.policy.members_of)

    def constant_of(self, term: ir.Term) -> ir.Value:
        """The constant that a term is, or one for what it reads, which is then given that value."""
        if isinstance(term, ir.Constant):
            return term.value
        if isinstance(term, ir.Age | ir.Element):
            return self.constant(type_of(term))
        if term.root == "now":
            return self.now
        value = self.constant(type_of(term))
        self.give(term, json_of(type_of(term), value))
        return value

    def constant(self, type_: ir.Type) -> ir.Value:
        return constant_value(self.draw, type_, self.policy.members_of)

    def around(self, outer: ir.Attribute, options: tuple[str, ...]) -> str:
        """What the request says another value has to lie in, which is then given that value."""
        chosen = pick(self.draw, options)
        if outer.root != "now":
            self.give(outer, chosen)
        return chosen

    def values_of(self, of: ir.Collection) -> list[ir.Value]:
        """The constants of a collection, or some for the list that it reads."""
        if isinstance(of, ir.Constants):
            return list(of.values)
        assert isinstance(of.type, ir.ListType)
        values = [self.constant(of.type.of) for _ in range(2)]
        self.give(of, [json_of(of.type.of, value) for value in values])
        return values

    def satisfying(self, test: ir.Condition, term: ir.Term, wanted: bool) -> Any:
        """A JSON value of a term (an age in seconds) for which a leaf has a truth value."""
        draw = self.draw
        type_ = type_of(term)
        match test:
            case ir.Not(part):
                return self.satisfying(part, term, not wanted)
            case ir.Compare(op, left, right):
                other, flipped = (right, False) if left is term or left == term else (left, True)
                return self.compared(op, type_, self.constant_of(other), wanted, flipped, term)
            case ir.In(_, of):
                values = self.values_of(of)
                if wanted and values:
                    return self.raw(term, pick(draw, values))
                return self.other_than(type_, values, term)
            case ir.Like(_, pattern):
                text = "".join(
                    part
                    if isinstance(part, str)
                    else pick(draw, ("x", "é", "🙂", "\n"))
                    * (part is Wildcard.ONE or draw(integers(0, 2)))
                    for part in parse_glob(pattern)
                )
                return text if wanted else pick(draw, (text + "x", text[1:], text.swapcase()))
            case ir.Under(_, outer) if ir.comparable_type(type_) == ir.DOMAIN:
                domain = outer if isinstance(outer, str) else self.around(outer, DOMAINS)
                beside = (f"x{domain}", f"{domain}.test", "other.example", domain.upper(), "1.2")
                return pick(draw, (domain, f"x.{domain}") if wanted else beside)
            case ir.Under(_, outer):
                path = outer if isinstance(outer, str) else self.around(outer, PATHS)
                inside = (path, path.rstrip("/") + "/x", path.rstrip("/") + "/x/y.z")
                outside = (path + "x", "/other", path + "/../x", path + "/", "relative", "/")
                outside += (path.lstrip("/"), f"/{path}", f"./{path}", "..", "", path + "\\..\\x")
                return pick(draw, inside if wanted else outside)
            case ir.Within(_, ranges):
                return self.address(ranges, wanted)
        return self.any_of(type_)

    def raw(self, term: ir.Term, value: ir.Value) -> Any:
        """A constant as the term takes it: JSON, or for an age seconds."""
        if isinstance(term, ir.Age):
            return value
        return json_of(type_of(term), value)

    def compared(
        self, op: str, type_: ir.Type, value: ir.Value, wanted: bool, flipped: bool, term: ir.Term
    ) -> Any:
        """A value next to a constant, on the side where a comparison has a truth value."""
        true = {"==": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}[op]
        if flipped:
            true = true.translate(str.maketrans("<>", "><"))
        sides = [side for side in "<=>" if (side in true) == wanted]
        if isinstance(term, ir.Age):
            step = {"<": -1, "=": 0, ">": 1}[pick(self.draw, sides)]
            return max(int(value) + step, 0)
        near = neighbours(type_, value, self.policy.members_of)
        found = [each for side in sides for each in near["==" if side == "=" else side]]
        return pick(self.draw, found) if found else self.other_than(type_, [value], term)

    def other_than(self, type_: ir.Type, values: Iterable[ir.Value], term: ir.Term) -> Any:
        """A value that is none of these, if one can be found."""
        avoided = list(values)
        for _ in range(4):
            value = self.constant(type_)
            if value not in avoided:
                break
        return self.raw(term, value)

    def address(self, ranges: ir.Constants, wanted: bool) -> str:
        """The first, last or next address of a range; IPv4 ones also in IPv6."""
        network = ipaddress.ip_network(str(pick(self.draw, ranges.values)))
        first, last = network.network_address, network.broadcast_address
        highest = 2**network.max_prefixlen - 1
        outside = [type(first)(int(first) - 1)] if int(first) else []
        outside += [type(last)(int(last) + 1)] if int(last) < highest else []
        found = str(pick(self.draw, (first, last) if wanted else outside or (first,)))
        return mapped(found) if self.draw(integers(0, 3)) == 3 else found

    def quantified(
        self, kind: str, attribute: ir.Attribute, test: ir.Condition, wanted: bool
    ) -> None:
        """A list whose elements make `every` or `some` true or false."""
        assert isinstance(attribute.type, ir.ListType)
        element = ir.Element(attribute.type.of)
        alike, size = (kind == "every") == wanted, self.draw(integers(0, 2))
        truths = [wanted] * size if alike else [wanted, *[not wanted] * size]
        self.give(attribute, [self.satisfying(test, element, each) for each in truths])

    def list_test(self, op: str, attribute: ir.Attribute, of: ir.Collection, wanted: bool) -> None:
        """A list that compares with another as a set; boundary lists lack or exceed by one."""
        assert isinstance(attribute.type, ir.ListType)
        type_ = attribute.type.of
        values = self.values_of(of)
        stranger = self.other_than(type_, values, ir.Element(type_))
        have = [json_of(type_, value) for value in values]
        if op == "subset of":
            chosen = have[: self.draw(integers(0, len(have)))] + ([] if wanted else [stranger])
        elif op == "contains all":
            chosen = [*have, stranger] if wanted else [*have[1:], stranger]
        else:
            chosen = [stranger, *have[:1]] if wanted else [stranger]
        self.give(attribute, chosen)

    def contained(self, item: ir.Term, of: ir.Attribute, wanted: bool) -> None:
        """A list that holds an item, or does not."""
        assert isinstance(of.type, ir.ListType)
        value = self.constant_of(item)
        if isinstance(item, ir.Age):
            self.give_term(item, value)
        stranger = self.other_than(of.type.of, [value], ir.Element(of.type.of))
        self.give(of, [stranger, *([json_of(of.type.of, value)] if wanted else [])])


def type_of(term: ir.Attribute | ir.Element | ir.Age) -> ir.Type:
    """The type of the values of a term: of a meter of which there may be nothing, that of the others."""
    if isinstance(term, ir.Age):
        return ir.DURATION
    return term.type.of if isinstance(term.type, ir.OrNothing) else term.type
