"""Rules as they are but for one atom of a condition: what an atom does alone is seen beside such a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias, assert_never

from ..ir import nodes as ir
from ..ir.walk import Leaf, leaves

Change: TypeAlias = Callable[[Leaf], "ir.Condition | None"]
"""What stands in place of an atom; None for nothing."""


def flipped(leaf: Leaf) -> ir.Condition:
    """The opposite of an atom."""
    return ir.Not(leaf)


def dropped(leaf: Leaf) -> None:
    """Nothing in its place."""


def variant(rule: ir.Rule, clause: str, number: tuple[int, int], change: Change) -> ir.Rule:
    """A rule with one atom changed, under an identity of its own: an atom of a condition of a clause."""
    condition, at = number
    id = f"{rule.id} {clause} {condition}.{at} {change.__name__}"
    if isinstance(rule, ir.Forbid):
        if clause == "when":
            return replace(rule, id=id, condition=changed(rule.condition, at, change))
        return replace(rule, id=id, unless=changed(rule.unless, at, change))
    if clause == "when":
        return replace(rule, id=id, condition=changed(rule.condition, at, change))
    revoke = (
        changed(each, at, change) if number == condition else each
        for number, each in enumerate(rule.revoke)
    )
    return replace(rule, id=id, revoke=tuple(each for each in revoke if each is not None))


def without(rule: ir.Allow, requirement: ir.Requirement) -> ir.Allow:
    """An allow that does not ask for one thing."""
    rest = tuple(each for each in rule.requirements if each is not requirement)
    number = rule.requirements.index(requirement)
    return replace(rule, id=f"{rule.id} require {number} dropped", requirements=rest)


def at_any_time(rule: ir.Allow) -> ir.Allow:
    """An allow that is neither over nor waits for an hour."""
    return replace(rule, id=f"{rule.id} at any time", validity=None, window=None)


def changed(condition: ir.Condition | None, at: int, change: Change) -> ir.Condition | None:
    """A condition whose atom of a number, from left to right, is changed; nothing of an empty one is left."""
    match condition:
        case None:
            return None
        case ir.And(parts) | ir.Or(parts):
            found: list[ir.Condition] = []
            for part in parts:
                count = sum(1 for _ in leaves(part))
                new = changed(part, at, change) if 0 <= at < count else part
                at -= count
                if new is not None:
                    found.append(new)
            if len(found) < 2:
                return found[0] if found else None
            return ir.And(tuple(found)) if isinstance(condition, ir.And) else ir.Or(tuple(found))
        case ir.Not(part):
            new = changed(part, at, change)
            return None if new is None else ir.Not(new)
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
            return change(condition)
        case _:
            assert_never(condition)
