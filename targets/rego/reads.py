"""Every attribute that the rules of a policy compare."""

from __future__ import annotations

from collections.abc import Iterator

from ...compiler import ir
from .attributes import NOW


def attributes_of(policy: ir.Policy) -> Iterator[ir.Attribute]:
    """Give them rule by rule, with repetitions."""
    for rule in policy.rules:
        if rule.condition is not None:
            yield from _in_condition(rule.condition)
        if isinstance(rule, ir.Allow):
            for condition in rule.revoke:
                yield from _in_condition(condition)
            if rule.validity is not None or rule.window is not None:
                yield NOW
        elif rule.unless is not None:
            yield from _in_condition(rule.unless)


def _in_condition(condition: ir.Condition) -> Iterator[ir.Attribute]:
    match condition:
        case ir.And(parts) | ir.Or(parts):
            for part in parts:
                yield from _in_condition(part)
        case ir.Not(part):
            yield from _in_condition(part)
        case ir.Compare(_, left, right):
            yield from _in_term(left)
            yield from _in_term(right)
        case ir.In(item, of):
            yield from _in_term(item)
            yield from _in_collection(of)
        case ir.ListTest(_, attribute, of):
            yield attribute
            yield from _in_collection(of)
        case ir.Like(item) | ir.Under(item) | ir.Within(item):
            yield from _in_term(item)
        case ir.Has():
            pass
        case ir.Quantified(_, attribute, test):
            yield attribute
            yield from _in_condition(test)


def _in_term(term: ir.Term) -> Iterator[ir.Attribute]:
    match term:
        case ir.Attribute():
            yield term
        case ir.Age(of):
            yield from _in_term(of)
            yield NOW


def _in_collection(of: ir.Collection) -> Iterator[ir.Attribute]:
    if isinstance(of, ir.Attribute):
        yield of
