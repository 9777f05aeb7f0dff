"""A condition that reads something else wherever it reads the request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

from ..structs import changed
from . import nodes as ir

Place: TypeAlias = Callable[[ir.Attribute], ir.Attribute]
"""What is read in the place of an attribute."""


def reread(condition: ir.Condition, place: Place) -> ir.Condition:
    """Give a condition with another attribute in the place of each."""
    match condition:
        case ir.And(parts):
            return ir.And(tuple(reread(each, place) for each in parts))
        case ir.Or(parts):
            return ir.Or(tuple(reread(each, place) for each in parts))
        case ir.Not(part):
            return ir.Not(reread(part, place))
        case ir.Compare(_, left, right):
            return changed(condition, left=_term(left, place), right=_term(right, place))
        case ir.In(item, of):
            return changed(condition, item=_term(item, place), of=_collection(of, place))
        case ir.ListTest(_, attribute, of):
            return changed(condition, list=place(attribute), of=_collection(of, place))
        case ir.Like(item) | ir.Within(item):
            return changed(condition, item=_one(item, place))
        case ir.Under(item, path):
            outer = path if isinstance(path, str) else place(path)
            return changed(condition, item=_one(item, place), path=outer)
        case ir.Has(attribute):
            return changed(condition, attribute=place(attribute))
        case ir.Quantified(_, attribute, test):
            return changed(condition, list=place(attribute), test=reread(test, place))
        case _:
            assert_never(condition)


def _one(item: ir.Attribute | ir.Element, place: Place) -> ir.Attribute | ir.Element:
    return item if isinstance(item, ir.Element) else place(item)


def _collection(of: ir.Collection, place: Place) -> ir.Collection:
    match of:
        case ir.Attribute():
            return place(of)
        case ir.Constants():
            return of
        case _:
            assert_never(of)


def _term(term: ir.Term, place: Place) -> ir.Term:
    match term:
        case ir.Attribute():
            return place(term)
        case ir.NameOf(of):
            return changed(term, of=place(of))
        case ir.Age(of):
            return term if isinstance(of, ir.Element) else ir.Age(place(of))
        case ir.Constant() | ir.Element():
            return term
        case _:
            assert_never(term)
