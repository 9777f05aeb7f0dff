"""First starts on a platform that sees only calls in tasks: nobody starts a task there, and the ledger says so.

What opens a first start is a rule that nobody wrote, which such a platform does not get. Where no allow is of a start
from inside a task, either, no start is ever permitted there: then it need not know of any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..compiler.ir import nodes as ir
from ..compiler.ir.starts import KIND, START
from ..compiler.structs import changed
from .emission import LedgerEntry

REASON = "a first start is in no task, and whatever is in none is denied here"


def in_tasks(policy: ir.Policy) -> ir.Policy:
    """Give a policy of what can be permitted in tasks: without starts, if no allow is of one and no forbid of them alone."""
    starts = {f"{each.name}.{START}" for each in policy.resources if each.kind == KIND}
    if not starts:
        return policy
    forbids = tuple(_without(rule, starts) for rule in policy.forbids)
    if any(not rule.capabilities for rule in forbids) or any(
        not starts.isdisjoint(rule.capabilities) for rule in policy.allows
    ):
        return policy
    return changed(
        policy,
        resources=tuple(each for each in policy.resources if each.kind != KIND),
        forbids=forbids,
        meters=tuple(_uncounted(each, starts) for each in policy.meters),
    )


def _without(rule: ir.Forbid, starts: set[str]) -> ir.Forbid:
    others = tuple(each for each in rule.capabilities if each not in starts)
    return rule if len(others) == len(rule.capabilities) else changed(rule, capabilities=others)


def _uncounted(meter: ir.Meter, starts: set[str]) -> ir.Meter:
    """A meter of what was permitted in a task counts no start, if there is none to permit."""
    if "task" not in meter.scopes or meter.counted not in ("permitted", "done"):
        return meter
    others = tuple(each for each in meter.capabilities if each not in starts)
    return changed(meter, capabilities=others) if others else meter


def accounted(policy: ir.Policy, ledger: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Say in a ledger that first starts are for another platform to permit; nothing in that of a failure."""
    entries = tuple(ledger)
    left_out = (
        LedgerEntry(rule.id, "elsewhere", (REASON,), rule.span) for rule in _opening(policy)
    )
    return (*entries, *left_out) if entries else ()


def exact(policy: ir.Policy) -> tuple[LedgerEntry, ...]:
    """The ledger of a target that says all of the language, rules that nobody wrote and all."""
    return tuple(LedgerEntry(rule.id, "exact", span=rule.span) for rule in ruling(policy))


def ruling(policy: ir.Policy) -> tuple[ir.Rule, ...]:
    """All rules of a policy, and those that open first starts to somebody, which nobody wrote."""
    return (*policy.rules, *_opening(policy))


def _opening(policy: ir.Policy) -> Iterator[ir.Allow]:
    """The rules that open first starts to somebody."""
    return (rule for rule in policy.starts.values() if rule.agents)
