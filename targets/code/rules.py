"""What is to be asked of a call that a rule is about."""

from __future__ import annotations

from ...compiler.ir import nodes as ir
from .conditions import ConditionWriter
from .expressions import Expression, Opposite, all_of


def test_of(rule: ir.Rule, conditions: ConditionWriter) -> Expression | None:
    """Give what tells whether a rule applies; None if nothing is to be asked."""
    parts: list[Expression] = []
    if isinstance(rule, ir.Forbid):
        if rule.condition is not None:
            parts.append(Opposite(conditions.is_false(rule.condition)))
        if rule.unless is not None:
            parts.append(Opposite(conditions.is_true(rule.unless)))
    else:
        if rule.condition is not None:
            parts.append(conditions.is_true(rule.condition))
        parts.extend(conditions.is_false(each) for each in rule.revoke)
    return all_of(parts) if parts else None


def binding_test_of(rule: ir.Rule, conditions: ConditionWriter) -> Expression | None:
    """Give what tells that an allow's duties belong to a permit; None if nothing is to be asked."""
    if isinstance(rule, ir.Forbid) or rule.condition is None or not rule.has_duties:
        return None
    return Opposite(conditions.is_false(rule.condition))
