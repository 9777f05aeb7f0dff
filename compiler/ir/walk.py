"""Walks over rules of the IR, and over their conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias, assert_never

from . import nodes as ir

Leaf: TypeAlias = (
    ir.Compare | ir.In | ir.ListTest | ir.Like | ir.Under | ir.Within | ir.Has | ir.Quantified
)


def conditions_of_rule(rule: ir.Rule) -> Iterator[ir.Condition]:
    """The conditions of a rule, whatever it wants of them."""
    match rule:
        case ir.Allow():
            asked = (rule.condition, *rule.revoke)
        case ir.Forbid():
            asked = (rule.condition, rule.unless)
        case _:
            assert_never(rule)
    yield from (each for each in asked if each is not None)


def evidence_of_rule(rule: ir.Rule) -> tuple[ir.Requirement, ...]:
    """The evidence that opens a rule, or lifts it."""
    match rule:
        case ir.Allow():
            return rule.requirements
        case ir.Forbid():
            return rule.unless_evidence
        case _:
            assert_never(rule)


def approvals_of(asked: Iterable[ir.Requirement]) -> list[ir.Approval]:
    """What is asked of others than the user: each by people of its own, of all that an answer rests on."""
    found = []
    for each in asked:
        match each:
            case ir.Approval():
                found.append(each)
            case ir.StepUp() | ir.Confirmation():
                pass
            case _:
                assert_never(each)
    return found


def leaves(condition: ir.Condition) -> Iterator[Leaf]:
    """The tests that `and`, `or` and `not` join, from left to right."""
    match condition:
        case ir.And(parts) | ir.Or(parts):
            for part in parts:
                yield from leaves(part)
        case ir.Not(part):
            yield from leaves(part)
        case (
            ir.Compare()
            | ir.In()
            | ir.ListTest()
            | ir.Like()
            | ir.Under()
            | ir.Within()
            | ir.Has()
            | ir.Quantified()
        ):
            yield condition
        case _:
            assert_never(condition)


def attributes(condition: ir.Condition) -> Iterator[tuple[ir.Attribute, Leaf]]:
    """The attributes that a condition reads (`now` for an age), each with the leaf that reads it."""
    for leaf in leaves(condition):
        for term in terms(leaf):
            for attribute in _of_term(term):
                yield attribute, leaf


def conditions_of(policy: ir.Policy) -> Iterator[ir.Condition]:
    """Every condition that a policy has, but for those of its facts."""
    for rule in policy.rules:
        yield from conditions_of_rule(rule)
    for assertion in policy.assertions:
        yield from filter(None, (assertion.condition,))


NOW = ir.Attribute("now", (), ir.TIME)


def attributes_of_rule(rule: ir.Rule) -> Iterator[ir.Attribute]:
    """What a rule reads of a request, evidence itself aside: its conditions, and `now` where time ends something."""
    for condition in conditions_of_rule(rule):
        for attribute, _ in attributes(condition):
            yield attribute
    if evidence_of_rule(rule) or rule.window or (isinstance(rule, ir.Allow) and rule.validity):
        yield NOW


def terms(leaf: Leaf) -> Iterator[ir.Term]:
    """What a test looks at, from left to right; of one of elements what it asks of them, too."""
    match leaf:
        case ir.Compare(_, left, right):
            yield left
            yield right
        case ir.In(item, of):
            yield item
            yield from _of_collection(of)
        case ir.ListTest(_, attribute, of):
            yield attribute
            yield from _of_collection(of)
        case ir.Like(item) | ir.Within(item):
            yield item
        case ir.Under(item, path):
            yield item
            if isinstance(path, ir.Attribute):
                yield path
        case ir.Has(attribute):
            yield attribute
        case ir.Quantified(_, attribute, test):
            yield attribute
            for inner in leaves(test):
                yield from terms(inner)
        case _:
            assert_never(leaf)


def aged(condition: ir.Condition) -> Iterator[ir.Attribute | ir.Element]:
    """What a condition asks the age of."""
    for leaf in leaves(condition):
        yield from (each.of for each in terms(leaf) if isinstance(each, ir.Age))


def _of_collection(of: ir.Collection) -> Iterator[ir.Attribute]:
    match of:
        case ir.Attribute():
            yield of
        case ir.Constants():
            pass
        case _:
            assert_never(of)


def _of_term(term: ir.Term) -> Iterator[ir.Attribute]:
    match term:
        case ir.Attribute():
            yield term
        case ir.NameOf(of):
            yield of
        case ir.Age(of):
            yield NOW
            yield from _of_term(of)
        case ir.Constant() | ir.Element():
            pass
        case _:
            assert_never(term)
