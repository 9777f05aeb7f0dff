"""The calls in which two policies differ, as a condition of the language.

It says of well-formed requests what is different: what the part that opens asks, without what was open before and
what is closed still. Where nothing is left to say it is empty, which is every call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from ...ir import nodes as ir
from ...ir.definite import All, Asked, Question, Some, comparison, definitely
from ...ir.printing.conditions import condition_text
from ...ir.walk import NOW, attributes, evidence_of_rule
from ...meaning import interpreter
from ...meaning.request import ABSENT, Call
from ..procedure.asked_of_rules.condition_parts import conjuncts
from ..procedure.cubes.cube import conjunction
from ..procedure.search.avoid import permits
from ..procedure.verdict import Undetermined
from .cell import Cell, Opening
from .joint.naming import written_out
from .joint.several_types import AttributePath, enumeration_of
from .joint.sides import OTHER, RulePart
from .order import is_as_easy

MOST = 24
"""Conjuncts that are looked through for what the others imply."""


def region_text(cell: Cell, opening: Opening) -> str:
    """The calls of a cell in which an opening is open, as a condition; empty for all of them."""
    found = tuple(_smallest(cell, _as_now(cell, list(_region(cell, opening)))))
    if opening.argument:
        argument = ir.Attribute("args", opening.argument, ir.JSON)
        if Call(cell.world.policy, opening.request).read_attribute(argument) is not ABSENT:
            found = (*found, ir.Has(argument))  # null is an argument, and there is no word for it
    if not found:
        return ""
    return condition_text(written_out(found[0] if len(found) == 1 else ir.And(found)))


def _as_now(cell: Cell, asked: list[ir.Condition]) -> list[ir.Condition]:
    """Conditions in which no word means one thing here and another there: of a type that grew, as it is now."""
    types: dict[AttributePath, set[ir.Type]] = defaultdict(set)
    for each in asked:
        for attribute, _ in attributes(each):
            types[attribute.root, attribute.path].add(attribute.type)
    known = cell.world.joined.head.members_of

    def is_of_before(attribute: ir.Attribute) -> bool:
        named = enumeration_of(attribute.type)
        several = len(types[attribute.root, attribute.path]) > 1
        return several and named is not None and named.name not in known

    def is_unlike(attribute: ir.Attribute) -> bool:
        """Whether it is a fact by a definition of before, whose name means another one now."""
        head = cell.world.joined.head
        is_here = ir.is_fact(attribute) and attribute.path[1] in cell.world.joined.facts_unlike
        return is_here and attribute.path[1] not in {*head.meters_by_key, *head.sources_by_key}

    return [
        each
        for each in asked
        if not any(is_of_before(a) or is_unlike(a) for a, _ in attributes(each))
    ]


def _region(cell: Cell, opening: Opening) -> Iterator[ir.Condition]:
    allows = [part for part in opening.parts if isinstance(part.rule, ir.Allow)]
    if opening.later is not None:
        yield from _longer(allows, opening)
        return
    asked: list[ir.Condition] = []
    for part in opening.parts:
        asked += _asked(part.rule)
    yield from asked
    opened = next((part for part in allows if opening.side in part.of), None)
    if opening.kind in ("permit", "challenge") and opened is not None and len(opening.parts) == 1:
        for rival in cell.allows(OTHER[opening.side]):
            if _reaches_as_far(rival, opened):
                yield from _except(cell, opened, rival, asked)
    if opened is not None:
        for forbid in cell.forbids(opening.side):
            if not evidence_of_rule(forbid.rule):  # else there is a way round it
                yield from _except(cell, opened, forbid, asked)


def _asked(rule: ir.Rule) -> Iterator[ir.Condition]:
    """What has to be so for a rule to apply, as far as conditions say it."""
    yield from conjuncts(rule.condition)
    if isinstance(rule, ir.Forbid):
        if rule.unless is not None:
            yield opposite(rule.unless)
        return
    for each in rule.revoke:
        yield opposite(each)
    if rule.validity is not None:
        for op, at in ((">=", rule.validity.start), ("<", rule.validity.end)):
            if at is not None:
                yield ir.Compare(op, NOW, ir.Constant(ir.TIME, at))  # type: ignore[arg-type]


def _longer(allows: list[RulePart], opening: Opening) -> Iterator[ir.Condition]:
    """The states in which a lease is alive under one policy and ended under the other."""
    for part in allows:
        assert isinstance(part.rule, ir.Allow)
        bare = replace(part.rule, condition=None)
        if opening.side in part.of:
            yield from _asked(bare)
        elif opening.kind == "revoke":
            ends = part.rule.revoke
            yield ends[0] if len(ends) == 1 else ir.Or(ends)
        else:
            outside = [opposite(each) for each in _asked(replace(bare, revoke=()))]
            if outside:
                yield outside[0] if len(outside) == 1 else ir.Or(tuple(outside))


def _reaches_as_far(rival: RulePart, opened: RulePart) -> bool:
    """Whether an allow opens what another opens, wherever its condition is true."""
    old, new = rival.rule, opened.rule
    assert isinstance(old, ir.Allow)
    assert isinstance(new, ir.Allow)
    return is_as_easy(old.requirements, new.requirements) and old.window in (None, new.window)


def _except(
    cell: Cell, opened: RulePart, other: RulePart, asked: list[ir.Condition]
) -> Iterator[ir.Condition]:
    """That a rule which some of the calls meet does not apply to them."""
    world = cell.world
    is_allow = isinstance(other.rule, ir.Allow)
    try:
        theirs = world.parts.permits(other.rule) if is_allow else world.parts.forbids(other.rule)  # type: ignore[arg-type]
        meets = world.find(
            cell.here,
            conjunction([world.parts.permits(opened.rule), theirs]),  # type: ignore[arg-type]
            lambda call: (
                world.judged(opened, permits)(call)
                and world.judged(other, permits if is_allow else interpreter.forbid_applies)(call)
            ),
        )
    except Undetermined:
        return
    if meets is None:
        return
    rest = [
        each
        for each in _asked(other.rule)
        if not (_is_retyped(cell, each) or _implied(cell, each, asked))
    ]
    if rest:
        yield opposite(rest[0] if len(rest) == 1 else ir.And(tuple(rest)))


def _is_retyped(cell: Cell, condition: ir.Condition) -> bool:
    """Whether a condition reads what has another type under the other policy, of which its words would be read."""
    retyped = cell.world.retyped(cell.parts).places
    return any((each.root, each.path) in retyped for each, _ in attributes(condition))


def _smallest(cell: Cell, asked: list[ir.Condition]) -> Iterator[ir.Condition]:
    """What has to be said of some conditions, of which others may follow."""
    left = list(dict.fromkeys(part for each in asked for part in conjuncts(each)))
    if len(left) <= MOST:
        for each in list(left):
            others = [other for other in left if other is not each]
            if _implied(cell, each, others):
                left = others
    yield from left


def _implied(cell: Cell, part: ir.Condition, others: list[ir.Condition]) -> bool:
    """Whether a condition is true wherever others are; if in doubt, it is not."""
    world = cell.world
    cubes = world.cubes
    try:
        found = world.find(
            cell.here,
            conjunction([*(cubes.of(each, "true") for each in others), cubes.of(part, "not true")]),
            lambda call: True,
        )
    except Undetermined:
        return False
    return found is None


def opposite(condition: ir.Condition) -> ir.Condition:
    """What is true where a condition is false, without a `not` where the language has a word for it."""
    return _written(definitely(condition, False))


def _written(question: Question) -> ir.Condition:
    match question:
        case All(parts):
            return ir.And(tuple(map(_written, parts)))
        case Some(parts):
            return ir.Or(tuple(map(_written, parts)))
        case Asked(ir.Compare() as leaf, False):
            left, sign, right = comparison(leaf, wanted=False)
            if sign == "!=":
                return ir.Not(leaf)
            return ir.Compare(sign, left, right)
        case Asked(leaf, wanted):
            return leaf if wanted else ir.Not(leaf)
        case _:
            assert_never(question)
