"""First starts in a diff: whose tasks a starter may start now, and where a forbid may decide otherwise.

The decisions that a diff compares are of calls in tasks, and a first start is in none: so what may have changed of it is
said beside them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...ir import nodes as ir
from .sides import Joined

STARTS_CHANGED = "a first start is in no task, and calls in tasks are compared"


def changed_starts(joined: Joined) -> Iterator[tuple[str, str]]:
    """The starts of which first ones may be answered otherwise, each with a sentence about it."""
    base, head = joined.base, joined.head
    for capability in sorted({*base.starts, *head.starts}):
        intent = capability.rpartition(".")[0]
        before, after = _agents(base, capability), _agents(head, capability)
        came, went = sorted(after - before), sorted(before - after)
        if came:
            yield capability, f"a starter may start `{intent}` for {_listed(came)} now"
        if went:
            yield capability, f"no starter starts `{intent}` for {_listed(went)} now"
        if not after & before:
            continue
        if _forbids(base, capability) != _forbids(head, capability) or _fields(
            base, capability
        ) != _fields(head, capability):
            yield capability, f"first starts of `{intent}` may be decided otherwise now"


def _agents(policy: ir.Policy, capability: str) -> set[str]:
    """Who may be started: SPIFFE IDs and patterns, which say the same in both."""
    rule = policy.starts.get(capability)
    if rule is None or not rule.agents:
        return set()
    ids, patterns = policy.identify(rule.agents)
    return {*ids, *patterns}


def _forbids(policy: ir.Policy, capability: str) -> set[str]:
    """What the forbids say that a first start may meet, whatever they are called."""
    return {
        repr((each.agents, each.condition, each.unless, each.unless_evidence, each.window))
        for each in policy.forbids
        if each.intents is ir.ANYONE and capability in policy.expand(each.capabilities)
    }


def _fields(policy: ir.Policy, capability: str) -> str:
    return repr(policy.declared_actions[capability].parameters)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)
