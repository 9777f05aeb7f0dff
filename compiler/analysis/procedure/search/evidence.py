"""Which evidence is also evidence for something else."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import assert_never

from ....ir import nodes as ir
from ....ir.walk import approvals_of, evidence_of_rule
from ....structs import changed


def asks_people(rule: ir.Rule) -> bool:
    """Whether it asks for an approval, or is lifted by one: by somebody who approves nothing else of the answer."""
    return bool(approvals_of(evidence_of_rule(rule)))


def implies(met: ir.Requirement, other: ir.Requirement) -> bool:
    """Whether evidence that meets one requirement always meets another as well."""
    soon = other.within is None or (met.within is not None and met.within <= other.within)
    match met, other:
        case ir.StepUp(method), ir.StepUp(other_method):
            return soon and method == other_method
        case ir.Confirmation(), ir.Confirmation():
            return soon
        case ir.Approval(), ir.Approval():
            return (
                soon
                and set(met.by) <= set(other.by)
                and met.count >= other.count
                and (other.per_task or not met.per_task)
            )
        case _:
            return False


def is_ruled_out(met: ir.Requirement, lacking: Iterable[ir.Requirement]) -> bool:
    """Whether evidence that meets one requirement always meets one of some that are not met.

    Several approvals may each be by somebody else, so that of them no is no proof.
    """
    others = list(lacking)
    match met:
        case ir.Approval(by, count=1):
            return all(any(implies(by_one(met, name), each) for each in others) for name in by)
        case ir.Approval() | ir.StepUp() | ir.Confirmation():
            return any(implies(met, each) for each in others)
        case _:
            assert_never(met)


def by_one(approval: ir.Approval, name: str) -> ir.Approval:
    """An approval by one of those that may give it."""
    return changed(approval, by=(name,))


def together(requirements: Iterable[ir.Requirement], at_least: bool) -> list[ir.Approval]:
    """What it comes to that approvals are by different people: for each set of them one by all these people.

    Exact where whoever gives one of them gives the widest one, too. Else those who approved are, where it is `at_least`
    that which is asked for, too many, and otherwise too few.
    """
    approvals = approvals_of(requirements)
    found: dict[ir.Approval, None] = {}
    for size in range(2, len(approvals) + 1):
        for some in combinations(approvals, size):
            is_exact = any(all(_is_as_wide(one, each) for each in some) for one in some)
            widest = at_least or is_exact
            ages = [each.within for each in some]
            known = [each for each in ages if each is not None]
            age = (
                (max(known) if len(known) == len(ages) else None)
                if widest
                else min(known, default=None)
            )
            per_task = [each.per_task for each in some]
            by = tuple(sorted({name for each in some for name in each.by}))
            count = sum(each.count for each in some)
            found[ir.Approval(by, count, age, any(per_task) if widest else all(per_task))] = None
    return list(found)


def _is_as_wide(one: ir.Approval, other: ir.Approval) -> bool:
    """Whether all who are counted for another approval are counted for one, too."""
    return implies(changed(other, count=1), changed(one, count=1))
