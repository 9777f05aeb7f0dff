"""What may ever be permitted to an agent in a task: what a list of its tools may show, before there is a call.

A part of the reference interpreter, and never made faster. A call says all that is said here, and more: arguments, a
resource, a time, other context, facts, evidence. What it will say is not known, and so a condition over it
*may* be true and may be false. A capability is possible unless what is known alone rules it out.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ...runtime.values import is_json, is_text, is_too_deep
from ..ir import nodes as ir
from ..ir.known import is_known
from .chain import flaw_of_chain, of_each
from .conditions import truth
from .interpreter import agent_matches, matches
from .request import TASK_STATE, Call, as_object


def possible(policy: ir.Policy, request: object) -> frozenset[str]:
    """The capabilities that some call could get a permit or a challenge for, and no fewer."""
    try:
        asked = requests_known(policy, request)
    except Exception:  # as where a request is decided: what is no JSON may raise
        if is_json(request):
            raise
        return frozenset()
    return frozenset(
        f"{resource.name}.{action.name}"
        for resource in policy.resources
        for action in resource.actions
        if asked and all(is_possible(policy, each, resource, action) for each in asked)
    )


def requests_known(policy: ir.Policy, request: object) -> list[dict[str, Any]]:
    """What is known, as each agent of the chain would ask; none if nothing can come of it.

    A chain that is not there may come, so that nothing is known of it but who asks; null says that there is none. Nor is
    anything known of the properties of an agent that has none here.
    """
    if type(request) is not dict or is_too_deep(request):
        return []
    subject = request["subject"] if type(request.get("subject")) is dict else {}
    if not is_text(subject.get("id")) or subject.get("type") != "agent":
        return []
    context = as_object(request.get("context"))
    names = ("task", "user", "delegation")
    known = {
        "subject": subject,
        "context": {name: context[name] for name in names if name in context},
    }
    if "delegation" in context and flaw_of_chain(policy, known) is not None:
        return []
    caller, *links = of_each(known)
    for link, each in zip(context.get("delegation") or [], links, strict=True):
        if "properties" not in link:
            del each["subject"]["properties"]
    return [caller, *links]


def is_possible(
    policy: ir.Policy, known: dict[str, Any], resource: ir.Resource, action: ir.Action
) -> bool:
    """Whether some allow may apply, and no forbid closes whatever comes."""
    called = {"action": {"name": action.name}, "resource": {"type": resource.name, "id": ""}}
    call = Call(policy, {**known, **called})
    roots = roots_known(known)
    return may_open(call, roots) and not any(
        always_closes(rule, call, roots) for rule in policy.forbids
    )


def roots_known(known: dict[str, Any]) -> set[str]:
    """The roots of which all is said: the task, and the agent and the user where something is said of them."""
    has_user, has_fields = "user" in known["context"], "properties" in known["subject"]
    return {"task"} | ({"user"} if has_user else set()) | ({"agent"} if has_fields else set())


def may_open(call: Call, roots: Collection[str]) -> bool:
    """Whether some allow may apply; outside of a task it is the rule about first starts."""
    if call.evidence.get("task") is None:
        first = call.policy.starts.get(call.capability or "")
        return (
            first is not None
            and agent_matches(call.policy, first.agents, call.agent)
            and may_be(first.condition, True, call, roots)
        )
    return any(may_apply(rule, call, roots) for rule in call.policy.allows)


def may_apply(rule: ir.Allow, call: Call, roots: Collection[str]) -> bool:
    """Whether an allow may apply at some time, with some arguments and some evidence."""
    return (
        matches(rule, call)
        and call.read_attribute(TASK_STATE) == "active"
        and may_be(rule.condition, True, call, roots)
        and all(may_be(condition, False, call, roots) for condition in rule.revoke)
    )


def always_closes(rule: ir.Forbid, call: Call, roots: Collection[str]) -> bool:
    """Whether a forbid closes whatever comes: no time is outside of it, no evidence lifts it."""
    return (
        matches(rule, call)
        and rule.window is None
        and rule.unless_evidence == ()
        and (rule.condition is None or not may_be(rule.condition, False, call, roots))
        and (rule.unless is None or not may_be(rule.unless, True, call, roots))
    )


def may_be(
    condition: ir.Condition | None, wanted: bool, call: Call, roots: Collection[str]
) -> bool:
    """Whether a condition may be true, or false, whichever is wanted; `None` asks for nothing, and is true."""
    match condition:
        case None:
            return wanted
        case ir.And(parts) | ir.Or(parts):
            found = [may_be(part, wanted, call, roots) for part in parts]
            return all(found) if isinstance(condition, ir.And) is wanted else any(found)
        case ir.Not(part):
            return may_be(part, not wanted, call, roots)
        case _:
            return not is_known(condition, roots) or truth(condition, call) is wanted
