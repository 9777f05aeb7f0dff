"""What is to be asked of a call that a rule is about."""

from __future__ import annotations

from ...compiler.ir import nodes as ir
from .conditions import ConditionWriter
from .expressions import Expression, Opposite, all_of, some_of
from .known import KnownConditions


def test_of(rule: ir.Rule, conditions: ConditionWriter) -> Expression | None:
    """Give what tells whether a rule applies; None if nothing is to be asked."""
    parts: list[Expression] = []
    if isinstance(rule, ir.Forbid):
        if rule.condition is not None:
            parts.append(Opposite(conditions.definitely(rule.condition, False)))
        if rule.unless is not None:
            parts.append(Opposite(conditions.definitely(rule.unless, True)))
    else:
        if rule.condition is not None:
            parts.append(conditions.definitely(rule.condition, True))
        parts.extend(conditions.definitely(each, False) for each in rule.revoke)
    return all_of(parts) if parts else None


def binding_test_of(rule: ir.Rule, conditions: ConditionWriter) -> Expression | None:
    """Give what tells that an allow's duties belong to a permit; None if nothing is to be asked."""
    if isinstance(rule, ir.Forbid) or rule.condition is None or not rule.has_duties:
        return None
    return Opposite(conditions.definitely(rule.condition, False))


def possible_test_of(rule: ir.Rule, conditions: KnownConditions) -> Expression | None:
    """Give what tells that an allow may apply, or that a forbid closes whatever comes; None if it always does."""
    if isinstance(rule, ir.Forbid):
        ways_out: list[Expression] = []
        if rule.condition is not None:
            ways_out.append(conditions.definitely(rule.condition, False))
        if rule.unless is not None:
            ways_out.append(conditions.definitely(rule.unless, True))
        return Opposite(some_of(ways_out)) if ways_out else None
    return test_of(rule, conditions)
