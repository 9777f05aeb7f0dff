"""First starts: calls that start a task where there is none yet, which a starter asks for."""

from __future__ import annotations

from ...runtime.values import is_identity
from ..ir import nodes as ir
from ..ir.spiffe import spiffe_matches
from .request import Call


def first_start(call: Call) -> ir.Allow | None:
    """The rule that opens a first start, if the call is one: there is no task, and a starter that is no agent."""
    rule = call.policy.starts.get(call.capability or "")
    return rule if rule is not None and flaw_of_start(call) is None else None


def flaw_of_start(call: Call) -> str | None:
    """What keeps a call from being a first start, in words."""
    if call.evidence.get("task") is not None:
        return "it is made inside a task, and so it needs an allow of its own"
    starter = call.evidence.get("starter")
    if starter is None:
        return "nobody asks for it: there is no `context.starter`"
    if not is_identity(starter):
        return "`context.starter` is no name"
    ids, patterns = call.policy.identify(ir.DECLARED)
    if starter == call.agent or starter in ids or any(spiffe_matches(e, starter) for e in patterns):
        return "`context.starter` is an agent, and agents start no tasks by themselves"
    return None
