"""Which capabilities a lease may stand for.

A lease is decided once and then goes round whoever enforces: nobody sees the calls. So it may stand for a capability
only where no rule about it, an allow or a forbid, reads more than what is known without a call: the agent, the task,
the person, what was reported, and the time. Nor may anything count the calls, or be owed for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from . import nodes as ir
from .starts import KIND
from .walk import aged, attributes_of_rule, conditions_of_rule, evidence_of_rule

_KNOWN: tuple[ir.Root, ...] = ("agent", "task", "context", "user", "now")
_AUDIT = "audit"
"""The obligation that the trail itself meets: a lease is recorded whole."""


def without_leases(policy: ir.Policy) -> dict[str, str]:
    """Say of each capability for which no lease may stand why that is, as the end of a sentence."""
    found = {}
    for capability in policy.capabilities:
        why = next(_reasons(policy, capability), None)
        if why is not None:
            found[capability] = why
    return found


def leased(policy: ir.Policy) -> list[tuple[str, str | None]]:
    """The capabilities for which an allow gives a credential, by name, and why no lease may stand for each; None if one may."""
    given = (each.capabilities for each in policy.allows if each.credential is not None)
    without = without_leases(policy)
    names = sorted({name for each in given for name in policy.expand(each)})
    return [(name, without.get(name)) for name in names]


def timed(policy: ir.Policy) -> frozenset[str]:
    """The capabilities of which time alone may end what is permitted."""
    return frozenset(
        capability
        for capability, rules in policy.rules_about.items()
        if any(each.root == "now" for rule in rules for each in attributes_of_rule(rule))
    )


def aging(policy: ir.Policy) -> frozenset[str]:
    """The capabilities of which a rule asks how old something is: that may open or close at any time."""
    return frozenset(
        capability
        for capability, rules in policy.rules_about.items()
        if any(
            any(True for _ in aged(condition))
            for rule in rules
            for condition in conditions_of_rule(rule)
        )
    )


def windows(policy: ir.Policy) -> dict[str, tuple[ir.Window, ...]]:
    """The recurring windows of local time of the rules about each capability that has any."""
    found = {
        capability: tuple(dict.fromkeys(each.window for each in rules if each.window is not None))
        for capability, rules in policy.rules_about.items()
    }
    return {capability: each for capability, each in found.items() if each}


def _reasons(policy: ir.Policy, capability: str) -> Iterator[str]:
    resource = capability.rpartition(".")[0]
    if any(each.name == resource and each.kind == KIND for each in policy.resources):
        yield "a task is started at the service"
    for rule in policy.rules_about.get(capability, ()):
        yield from reasons_of(rule)
    yield from _counted(policy, capability)


def reasons_of(rule: ir.Rule) -> Iterator[str]:
    """Say what a rule asks that is known of a call alone."""
    for attribute in attributes_of_rule(rule):
        if ir.is_fact(attribute):
            kind = "meter" if attribute.path[0] == "meters" else "source"
            yield f"`{rule.id}` reads the {kind} `{attribute.path[1].partition('#')[0]}`"
        elif attribute.root not in _KNOWN:
            yield f"`{rule.id}` reads `{attribute.root}`, which is of one call"
    for each in evidence_of_rule(rule):
        if _is_for_one_call(each):
            yield f"`{rule.id}` asks people about each call"
    if isinstance(rule, ir.Allow):
        for obligation in rule.obligations:
            if obligation.name != _AUDIT:
                yield f"`{rule.id}` obliges to `{obligation.name}` with each call"


def _is_for_one_call(asked: ir.Requirement) -> bool:
    match asked:
        case ir.StepUp():
            return False
        case ir.Approval(per_task=per_task):
            return not per_task
        case ir.Confirmation():
            return True
        case _:
            assert_never(asked)


def _counted(policy: ir.Policy, capability: str) -> Iterator[str]:
    """Facts about later calls would lack what nobody sees."""
    for meter in policy.meters:
        if capability in meter.capabilities:
            yield f"the meter `{meter.name}` counts its calls"
    writes = policy.declared_actions[capability].kinds != ("read",)
    for source in policy.sources:
        for origin in source.origins:
            if origin.capability == capability:
                yield f"the source `{source.name}` takes in what it gives back"
            elif writes and origin.kind == "result":
                yield f"the source `{source.name}` has to know when something is written"
