"""What conditions come to: true, false or unknown, in three-valued logic (section 3 of the language).

A part of the reference interpreter, and never made faster.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias, assert_never

from ...runtime.glob import glob_match, parse_glob
from ...runtime.values import in_network, read_network
from ..ir import nodes as ir
from .containment import contained
from .request import ABSENT, MALFORMED, Absent, Call, Malformed

Truth: TypeAlias = bool | None


def definitely_true(condition: ir.Condition | None, call: Call) -> bool:
    """Whether it is true, neither false nor unknown; `None` asks for nothing."""
    return condition is None or truth(condition, call) is True


def possibly_true(condition: ir.Condition | None, call: Call) -> bool:
    """Whether it is true or unknown, so not definitely false; `None` asks for nothing."""
    return condition is None or truth(condition, call) is not False


def truth(condition: ir.Condition, call: Call, element: object = ABSENT) -> Truth:
    """The value of a condition in Kleene's three-valued logic. `element` is that of a quantifier."""
    match condition:
        case ir.And(parts):
            return conjunction(truth(part, call, element) for part in parts)
        case ir.Or(parts):
            return disjunction(truth(part, call, element) for part in parts)
        case ir.Not(part):
            return negation(truth(part, call, element))
        case ir.Compare(op, left, right):
            return compare(op, call.term(left, element), call.term(right, element))
        case ir.In(item, of):
            return member(call.term(item, element), call.collection(of))
        case ir.ListTest(op, attribute, of):
            return list_test(op, call.read_attribute(attribute), call.collection(of))
        case ir.Like(item, pattern):
            text = call.term(item, element)
            return glob_match(parse_glob(pattern), text) if isinstance(text, str) else None
        case ir.Under(item, path):
            outer = path if isinstance(path, str) else call.read_attribute(path)
            is_domain = ir.comparable_type(item.type) == ir.DOMAIN
            return contained(call.term(item, element), outer, is_domain)
        case ir.Within(item, ranges):
            address = call.term(item, element)
            if not isinstance(address, tuple):
                return None
            networks = (read_network(value) for value in ranges.values)
            return any(each is not None and in_network(address, each) for each in networks)
        case ir.Has(attribute):
            value = call.read_attribute(attribute)
            return None if value is MALFORMED else value is not ABSENT
        case ir.Quantified(_, attribute, test):
            elements = call.read_attribute(attribute)
            if not isinstance(elements, list):
                return None
            truths = [truth(test, call, each) for each in elements]
            return conjunction(truths) if condition.is_every else disjunction(truths)
        case _:
            assert_never(condition)


def negation(value: Truth) -> Truth:
    """Kleene's `not`."""
    return None if value is None else not value


def conjunction(values: Iterable[Truth]) -> Truth:
    """Kleene's `and` of any number of values; of none, true."""
    found = list(values)
    return False if False in found else None if None in found else True


def disjunction(values: Iterable[Truth]) -> Truth:
    """Kleene's `or` of any number of values; of none, false."""
    return negation(conjunction(negation(value) for value in values))


def compare(op: ir.CompareOp, left: Any, right: Any) -> Truth:
    """Compare two values that `comparable` makes; unknown if either is not there."""
    if isinstance(left, Absent | Malformed) or isinstance(right, Absent | Malformed):
        return None
    match op:
        case "==":
            return bool(left == right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case ">=":
            return bool(left >= right)
        case _:
            assert_never(op)


def member(item: object, of: object) -> Truth:
    """Whether an item is one of a collection."""
    if isinstance(item, Absent | Malformed) or not isinstance(of, frozenset):
        return None
    return item in of


def list_test(op: ir.ListOp, have: object, of: object) -> Truth:
    """Compare a list with a collection, as sets."""
    if not isinstance(have, list) or not isinstance(of, frozenset):
        return None
    match op:
        case "subset of":
            return of.issuperset(have)
        case "contains all":
            return of.issubset(have)
        case "contains any":
            return not of.isdisjoint(have)
        case _:
            assert_never(op)
