"""Which evidence is also evidence for something else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ....ir import nodes as ir


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
    if not isinstance(met, ir.Approval) or met.count > 1:
        return any(implies(met, each) for each in others)
    return all(any(implies(by_one(met, name), each) for each in others) for name in met.by)


def by_one(approval: ir.Approval, name: str) -> ir.Approval:
    """An approval by one of those that may give it."""
    return replace(approval, by=(name,))
