"""Conditions with one thing changed, so that they are true more often, or less often.

A part is gone, a bound has moved, a list or pattern has widened. What people mix up, `and` with `or` and
a test with its opposite, is changed in either direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias, assert_never

from ...runtime.glob import Wildcard, parse_glob
from ..ir import nodes as ir
from ..ir.printing.conditions import condition_text, value_text
from ..structs import Struct
from . import steps


class Weakening(Struct):
    """A condition with one change in it; None is one that is always true, or never."""

    condition: ir.Condition | None
    change: str


Joined: TypeAlias = "type[ir.And | ir.Or]"


def edits(condition: ir.Condition, often: bool, policy: ir.Policy) -> Iterator[Weakening]:
    """Each change that makes a condition true more often, or less often; at last that it is gone.

    What shows a small change most often shows a large one of the same part, which therefore comes after it.
    """
    yield from _inside(condition, often, policy)
    if type(condition) is not _splits(often):
        yield Weakening(None, gone(condition_text(condition)))


def gone(text: str) -> str:
    """Say that something is not there any more."""
    return f"`{text}` is gone"


def became(before: str, after: str) -> str:
    """Say that something is another thing."""
    return f"`{before}` becomes `{after}`"


def _splits(often: bool) -> Joined:
    """What joins parts each of which can go: fewer of them are true more often, or less often."""
    return ir.And if often else ir.Or


def _inside(condition: ir.Condition, often: bool, policy: ir.Policy) -> Iterator[Weakening]:
    """The changes after which something is left."""
    match condition:
        case ir.And() | ir.Or():
            kind = type(condition)
            parts = tuple(_flat(condition, kind))
            for at, part in enumerate(parts):
                for edit in _inside(part, often, policy):
                    assert edit.condition is not None
                    changed = (*parts[:at], edit.condition, *parts[at + 1 :])
                    yield Weakening(kind(changed), edit.change)
                rest = parts[:at] + parts[at + 1 :]
                if kind is _splits(often):
                    left = rest[0] if len(rest) == 1 else kind(rest)
                    yield Weakening(left, gone(condition_text(part)))
            other = ir.Or(parts) if isinstance(condition, ir.And) else ir.And(parts)
            yield Weakening(other, became(condition_text(condition), condition_text(other)))
        case ir.Not(ir.And() | ir.Or() | ir.Not() as part):
            for edit in _inside(part, not often, policy):
                assert edit.condition is not None
                yield Weakening(ir.Not(edit.condition), edit.change)
            yield Weakening(part, became(condition_text(condition), condition_text(part)))
        case ir.Not(part):
            for leaf, how in _leaf(part, not often, policy):
                yield _changed(condition, ir.Not(leaf), how)
            yield _changed(condition, part)
        case _:
            for leaf, how in _leaf(condition, often, policy):
                yield _changed(condition, leaf, how)


def _flat(condition: ir.Condition, kind: Joined) -> Iterator[ir.Condition]:
    """The parts of an `and` of `and`s, or of an `or` of `or`s."""
    if isinstance(condition, ir.And | ir.Or) and type(condition) is kind:
        for part in condition.parts:
            yield from _flat(part, kind)
    else:
        yield condition


def _changed(before: ir.Condition, after: ir.Condition, how: str = "") -> Weakening:
    old = condition_text(before)
    return Weakening(after, f"`{old}` {how}" if how else became(old, condition_text(after)))


_Changed: TypeAlias = "tuple[ir.Condition, str]"
"""A test, and how it is another one where that is shorter than both."""


def _leaf(leaf: ir.Condition, often: bool, policy: ir.Policy) -> Iterator[_Changed]:
    match leaf:
        case ir.And() | ir.Or() | ir.Not():
            raise AssertionError("that is no test of one thing")
        case ir.Compare():
            yield from _comparison(leaf, often, policy)
        case ir.In(_, of):
            for constants, how in _lists(of, often, policy):
                yield replace(leaf, of=constants), how
        case ir.ListTest(op, _, of):
            opposite: ir.ListOp | None
            match op:
                case "subset of":
                    grows, opposite = often, None
                case "contains any":
                    grows, opposite = often, None if often else "contains all"
                case "contains all":
                    grows, opposite = not often, "contains any" if often else None
                case _:
                    assert_never(op)
            for constants, how in _lists(of, grows, policy):
                yield replace(leaf, of=constants), how
            if opposite is not None:
                yield replace(leaf, op=opposite), ""
        case ir.Like(_, pattern):
            if often:
                for wider in _patterns(pattern):
                    yield replace(leaf, pattern=wider), ""
        case ir.Under(_, path):
            above = steps.parent(path) if isinstance(path, str) else None
            if often and above is not None:
                yield replace(leaf, path=above), ""
        case ir.Within(_, ranges):
            for constants, how in _ranges(ranges, often):
                yield replace(leaf, ranges=constants), how
        case ir.Has():
            pass
        case ir.Quantified(_, _, test):
            if leaf.is_every is often:
                yield replace(leaf, kind="some" if often else "every"), ""
            for edit in _inside(test, often, policy):
                assert edit.condition is not None
                yield replace(leaf, test=edit.condition), ""
        case _:
            assert_never(leaf)


def _comparison(leaf: ir.Compare, often: bool, policy: ir.Policy) -> Iterator[_Changed]:
    """A bound that takes in its own value, or leaves it out; one that does so already has moved."""
    flipped: ir.CompareOp
    match leaf.op:
        case "==":
            return
        case "<":
            is_strict, is_upper, flipped = True, True, "<="
        case ">":
            is_strict, is_upper, flipped = True, False, ">="
        case "<=":
            is_strict, is_upper, flipped = False, True, "<"
        case ">=":
            is_strict, is_upper, flipped = False, False, ">"
        case _:
            assert_never(leaf.op)
    if is_strict is often:
        yield replace(leaf, op=flipped), ""
        return
    up = is_upper is often
    if isinstance(leaf.right, ir.Constant):
        near = steps.moved(leaf.right, up, policy)
        if near is not None:
            yield replace(leaf, right=near), ""
    elif isinstance(leaf.left, ir.Constant):
        near = steps.moved(leaf.left, not up, policy)
        if near is not None:
            yield replace(leaf, left=near), ""


_List: TypeAlias = "tuple[ir.Constants, str]"


def _lists(of: ir.Collection, longer: bool, policy: ir.Policy) -> Iterator[_List]:
    """A list with a member more where its type has few, or with any one less."""
    if not isinstance(of, ir.Constants):
        return
    if not longer:
        yield from _one_less(of)
        return
    more = next((each for each in members(of.type, policy) if each not in of.values), None)
    if more is not None:
        yield ir.Constants(of.type, (*of.values, more)), f"with `{value_text(of.type, more)}`, too"


def _one_less(of: ir.Constants) -> Iterator[_List]:
    if len(of.values) > 1:
        for at, value in enumerate(of.values):
            left = of.values[:at] + of.values[at + 1 :]
            yield ir.Constants(of.type, left), f"without `{value_text(of.type, value)}`"


def members(type_: ir.Type, policy: ir.Policy) -> tuple[ir.Value, ...]:
    """The values of a type that has few."""
    if isinstance(type_, ir.LevelType | ir.EnumType):
        return policy.members_of[type_.name]
    return (False, True) if type_ == ir.BOOL else ()


def _patterns(pattern: str) -> Iterator[str]:
    """A pattern that something may stand before, or after."""
    parts = parse_glob(pattern)
    if not parts or parts[0] is not Wildcard.ANY:
        yield f"*{pattern}"
    if not parts or parts[-1] is not Wildcard.ANY:
        yield f"{pattern}*"


def _ranges(ranges: ir.Constants, often: bool) -> Iterator[_List]:
    if not often:
        yield from _one_less(ranges)
        return
    for at, text in enumerate(ranges.values):
        wider = steps.wider_range(str(text))
        if wider is not None:
            values = (*ranges.values[:at], wider, *ranges.values[at + 1 :])
            yield ir.Constants(ranges.type, values), f"with `{wider}` for `{text}`"
