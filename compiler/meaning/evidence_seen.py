"""What a request shows of the evidence that a rule asks for, and why it does not count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

from ...runtime.values import is_identity, json_equal, read_time
from ..ir import nodes as ir
from ..ir.printing.conditions import evidence_word
from ..ir.walk import approvals_of
from .evidence import SPIFFE, actors, confirmer, counts, has_come, objects, user_is_known, user_of
from .observed import shown
from .request import Call

NO_ROLES = "it has no list of `roles`"


def evidence_seen(requirement: ir.Requirement, call: Call) -> Iterator[str]:
    """What the request shows for a requirement, and why it does not count."""
    match requirement:
        case ir.StepUp():
            yield from steps_seen(requirement, call)
        case ir.Approval() | ir.Confirmation():
            yield from approvals_seen(requirement, call)
        case _:
            assert_never(requirement)


def steps_seen(requirement: ir.StepUp, call: Call) -> Iterator[str]:
    """Each step-up that the request shows and that does not count, and why."""
    steps = objects(call.evidence.get("step_up"))
    if not steps:
        yield "no step-up is shown"
    for each in steps:
        if each.get("method") != requirement.method:
            yield f"one is by {shown(each.get('method'))}"
        elif not has_come(each.get("at"), requirement.within, call.now):
            yield f"one is at {shown(each.get('at'))}: {when_wrong(each, requirement, call)}"


def approvals_seen(requirement: ir.Approval | ir.Confirmation, call: Call) -> Iterator[str]:
    """What of the approvals that the request shows does not count, and why."""
    match requirement:
        case ir.Confirmation():
            yield from no_confirmer(call)
        case ir.Approval():
            if not user_is_known(call):
                yield "`context.user.id` is not there, and without it no approval counts"
        case _:
            assert_never(requirement)
    approvals = objects(call.evidence.get("approvals"))
    if not approvals:
        yield f"no {evidence_word(requirement)} is shown"
    counted = 0
    for each in approvals:
        if counts(each, requirement, call):
            counted += 1
        else:
            yield f"one by {shown(each.get('by'))} does not count: {flaw(each, requirement, call)}"
    for several in approvals_of([requirement]):
        if counted and several.count > 1:
            yield f"{counted} of {several.count} count"


def no_confirmer(call: Call) -> Iterator[str]:
    """Why there is nobody who could confirm."""
    user = user_of(call)
    if confirmer(call) is None:
        if user is None:
            yield "`context.user.id` is not there, and nobody else can confirm"
        else:
            yield f"`context.user.id` is {shown(user)}, which is no person who could confirm"


def flaw(evidence: dict[str, Any], wanted: ir.Approval | ir.Confirmation, call: Call) -> str:
    """The first reason why an approval or a confirmation does not count."""
    by, roles, per_task = evidence.get("by"), evidence.get("roles"), False
    match wanted:
        case ir.Confirmation():
            if by != user_of(call):
                return "it is not by the user whom the agent acts for"
            if type(roles) is not list:
                return NO_ROLES
        case ir.Approval(per_task=per_task):
            wrong = wrong_approver(by, roles, wanted, call)
            if wrong is not None:
                return wrong
        case _:
            assert_never(wanted)
    for name, want in (("task", call.task_id), ("capability", call.capability)):
        if evidence.get(name) != want:
            return f"its {name} is {shown(evidence.get(name))}"
    if not per_task and evidence.get("resource") != call.resource_id:
        return f"its resource is {shown(evidence.get('resource'))}"
    if not per_task and not json_equal(evidence.get("args"), call.arguments):
        return "it is for other arguments"
    if not has_come(evidence.get("at"), wanted.within, call.now):
        return when_wrong(evidence, wanted, call)
    if evidence.get("id") is not None and not is_identity(evidence["id"]):
        return f"its id is {shown(evidence['id'])}"
    return "it is malformed"


def wrong_approver(by: object, roles: object, wanted: ir.Approval, call: Call) -> str | None:
    """Why an approval is by nobody who was asked; None if it is by somebody who was."""
    if by == call.agent:
        return "it is by the agent itself"
    if by in actors(call):
        return "it is by an agent that this one acts for"
    if by == user_of(call):
        return "it is by the user whom the agent acts for"
    if type(roles) is not list:
        return NO_ROLES
    if by in wanted.by:
        return None
    if not any(role in wanted.by for role in roles):
        return f"its roles are {shown(roles)}"
    if type(by) is str and by.startswith(SPIFFE):
        return "it is by a workload, which approves only where the rule names its SPIFFE ID"
    return None


def when_wrong(evidence: dict[str, Any], wanted: ir.Requirement, call: Call) -> str:
    """Why the time of a piece of evidence does not do."""
    at = read_time(evidence.get("at"))
    if call.now is None:
        return "the request has no time to compare it with"
    if at is None:
        return f"its time is {shown(evidence.get('at'))}"
    if at > call.now:
        return "its time has not come"
    return f"it is older than {wanted.within} seconds"
