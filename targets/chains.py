"""Chains of delegation on a platform that sees none: whoever may act for others does nothing there.

A platform that knows only the caller would permit what an agent of its chain may not do. So a policy is given a forbid
for each agent and intent that others may hand tasks to, which the target says as it says any other one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..compiler.ir import nodes as ir
from .emission import LedgerEntry

REASON = "the platform does not see for whom an agent acts, so that one to whom tasks may be handed on is denied"


def closed(policy: ir.Policy) -> ir.Policy:
    """Give a policy in which no call of a chain is left to decide."""
    delegates = {(each.delegate, each.delegate_intent): each for each in policy.delegations}
    forbids = [
        ir.Forbid(
            id=closing(agent, intent),
            agents=(agent,),
            intents=(intent,),
            capabilities=("any",),
            condition=None,
            unless=None,
            unless_evidence=(),
            because="for whom the agent acts is not seen here",
            owner=None,
            controls=(),
            span=each.span,
        )
        for (agent, intent), each in sorted(delegates.items())
    ]
    everything = sorted((*policy.forbids, *forbids), key=lambda rule: rule.id)
    return replace(policy, forbids=tuple(everything), delegations=()) if forbids else policy


def closing(agent: str, intent: str) -> str:
    """Name the forbid of an agent and an intent, as no rule of a policy is called."""
    return f"{agent} acting for others, {intent}"


def told(policy: ir.Policy, ledger: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Say in a ledger that what closes chains is stricter than the policy."""
    names = {closing(each.delegate, each.delegate_intent) for each in policy.delegations}
    return tuple(
        replace(each, enforcement="stricter", reasons=(REASON, *each.reasons))
        if each.rule in names
        else each
        for each in ledger
    )
