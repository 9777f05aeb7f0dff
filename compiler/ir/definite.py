"""What a condition asks of its leaves: the lowering under everything that has two truth values, and not three.

A condition is true, false or unknown. An evaluator with two values asks of it whether it is *definitely*
true, or whether it is *definitely* false; where neither is so, it is unknown. Either question about a
condition is one about its parts: an `and` is false if one part is, a `not` is true if its part is false.
So negations end in what is wanted of the leaves, which are all that somebody who writes conditions down
has to know.

    definitely(not (a and b), True)   =   Some((Asked(a, False), Asked(b, False)))

The same `All` and `Some` ask whether a condition is *possibly* so, which is that it is not definitely the
opposite: then each leaf has to be possibly as wanted. That is what a deny asks whose platform cannot say all.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar, assert_never

from ..structs import Struct
from . import nodes as ir
from .walk import Leaf

T = TypeVar("T")


class Asked(Struct):
    """A leaf, and what it has to be."""

    leaf: Leaf
    wanted: bool


class All(Struct):
    """So if all parts are."""

    parts: tuple[Question, ...]


class Some(Struct):
    """So if one part is."""

    parts: tuple[Question, ...]


Question: TypeAlias = All | Some | Asked


def definitely(condition: ir.Condition, wanted: bool) -> Question:
    """Ask whether a condition is true, or false: whichever is wanted."""
    match condition:
        case ir.And(parts) | ir.Or(parts):
            asked = tuple(definitely(part, wanted) for part in parts)
            return All(asked) if isinstance(condition, ir.And) is wanted else Some(asked)
        case ir.Not(part):
            return definitely(part, not wanted)
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
            return Asked(condition, wanted)
        case _:
            assert_never(condition)


def answer(
    question: Question,
    leaf: Callable[[Leaf, bool], T],
    all_of: Callable[[list[T]], T],
    some_of: Callable[[list[T]], T],
) -> T:
    """Put a question together from what its leaves come to, which are asked from left to right."""
    match question:
        case Asked(asked, wanted):
            return leaf(asked, wanted)
        case All(parts):
            return all_of([answer(part, leaf, all_of, some_of) for part in parts])
        case Some(parts):
            return some_of([answer(part, leaf, all_of, some_of) for part in parts])
        case _:
            assert_never(question)


# --- Quantifiers ----------------------------------------------------------------------------------


class Elements(Struct):
    """What a quantifier asks: of every element of a list, or of some one; and that the list is there."""

    every: bool
    list: ir.Attribute
    asked: Question


def elements(leaf: ir.Quantified, wanted: bool) -> Elements:
    """Ask a quantifier: that not every element is so is that some one is not."""
    return Elements(leaf.is_every is wanted, leaf.list, definitely(leaf.test, wanted))


# --- Comparisons ----------------------------------------------------------------------------------

Sign: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]

OPPOSITE: dict[Sign, Sign] = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<="}
"""What holds where a comparison does not, both sides being there."""
MIRRORED: dict[Sign, Sign] = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
"""What holds with the sides exchanged."""
HOLDS: dict[Sign, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def asked_sign(leaf: ir.Compare, wanted: bool) -> Sign:
    """The sign of a comparison that is wanted, or its opposite; what has no opposite is none."""
    opposite = OPPOSITE[leaf.op]
    return leaf.op if wanted else opposite


def comparison(leaf: ir.Compare, wanted: bool) -> tuple[ir.Term, Sign, ir.Term]:
    """Write a comparison that is wanted, or its opposite; a constant stands on the right."""
    sign = asked_sign(leaf, wanted)
    if isinstance(leaf.left, ir.Constant):
        return leaf.right, MIRRORED[sign], leaf.left
    return leaf.left, sign, leaf.right


def fitting(members: tuple[str, ...], sign: Sign, member: str) -> tuple[str, ...]:
    """Give the members of a level or an enum, in their order, that compare so with one of them."""
    at = members.index(member)
    return tuple(each for rank, each in enumerate(members) if HOLDS[sign](rank, at))
