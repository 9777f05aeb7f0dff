"""A policy of version 1 decides as before, except where version 2 says so: each difference has one of these reasons.

`as_before` is how version 1 decided: forbids first, then what is met, then what is asked for, each rule by itself.
"""

from __future__ import annotations

from typing import Any

from generators import cases
from hypothesis import event, given

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.walk import evidence_of_rule
from agpc.compiler.meaning.conditions import definitely_true, truth
from agpc.compiler.meaning.evidence import (
    describe,
    has_come,
    is_for,
    objects,
    user_is_known,
    user_of,
)
from agpc.compiler.meaning.interpreter import (
    NO_ALLOW,
    allow_binds,
    decide,
    forbid_closes,
    identities,
    in_order,
    in_window,
    is_valid,
    matches,
    owner_of,
    shortest_credential,
)
from agpc.compiler.meaning.request import TASK_STATE, Call, strangers
from agpc.compiler.meaning.starts import first_start
from agpc.runtime.decision import Decision
from agpc.runtime.values import is_too_deep


def as_before(call: Call) -> Decision:
    """Decide a call as version 1 did, which had no evidence to name."""
    policy = call.policy
    forbids = [
        each for each in policy.forbids if forbid_closes(each, call) and not is_met(each, call)
    ]
    allows = [each for each in policy.allows if applies(each, call)]
    permits = [each for each in allows if is_met(each, call)]
    if forbids:
        return Decision(
            "deny",
            rules=identities(forbids),
            reasons=tuple(each.because or f"forbidden by {each.id}" for each in in_order(forbids)),
            owner=owner_of(forbids, call),
        )
    if permits:
        binding = [each for each in policy.allows if allow_binds(each, call)]
        return Decision(
            "permit",
            rules=identities(permits),
            obligations=tuple(
                {"id": rule.id, "type": each.name, "properties": dict(each.properties)}
                for rule in in_order(binding)
                for each in rule.obligations
            ),
            credential=shortest_credential(permits, binding),
            owner=owner_of(permits, call),
        )
    if allows:
        return Decision(
            "challenge",
            rules=identities(allows),
            requirements=tuple(
                describe((rule.id, number, each))
                for rule in in_order(allows)
                for number, each in enumerate(rule.requirements)
                if not is_shown(each, call)
            ),
            owner=owner_of(allows, call),
        )
    return Decision("deny", reasons=(NO_ALLOW,), owner=owner_of([], call))


def applies(rule: ir.Allow, call: Call) -> bool:
    return (
        matches(rule, call)
        and call.read_attribute(TASK_STATE) == "active"
        and definitely_true(rule.condition, call)
        and all(truth(each, call) is False for each in rule.revoke)
        and is_valid(rule.validity, call.now) is True
        and in_window(rule.window, call.now) is True
    )


def is_met(rule: ir.Rule, call: Call) -> bool:
    wanted = evidence_of_rule(rule)
    return (isinstance(rule, ir.Allow) or wanted != ()) and all(is_shown(e, call) for e in wanted)


def is_shown(wanted: ir.Requirement, call: Call) -> bool:
    if isinstance(wanted, ir.StepUp):
        return any(
            each.get("method") == wanted.method
            and has_come(each.get("at"), wanted.within, call.now)
            for each in objects(call.evidence.get("step_up"))
        )
    if isinstance(wanted, ir.Confirmation):  # of which version 1 knew nothing
        return False
    people = {
        each["by"]
        for each in objects(call.evidence.get("approvals"))
        if has_come(each.get("at"), wanted.within, call.now)
        and is_for(each, call, wanted.per_task)
        and each["by"] not in (call.agent, user_of(call))
        and any(one == each["by"] or one in each["roles"] for one in wanted.by)
    }
    return user_is_known(call) and len(people) >= wanted.count


def reasons(call: Call) -> set[str]:
    """What may make the two differ, by what version 2 says of it."""
    policy = call.policy
    about = [each for each in policy.rules if matches(each, call)]
    asked = [one for each in about for one in evidence_of_rule(each)]
    approvals = objects(call.evidence.get("approvals"))
    shown = [*approvals, *objects(call.evidence.get("step_up"))]
    found = {
        "closed arguments": next(strangers(call), None) is not None,
        "forbids that ask": any(
            isinstance(each, ir.Forbid) and each.unless_evidence for each in about
        ),
        "different people": sum(isinstance(each, ir.Approval) for each in asked) > 1,
        "confirmations": any(isinstance(each, ir.Confirmation) for each in asked),
        "workloads that approve": any(
            str(each.get("by")).startswith("spiffe:") for each in approvals
        ),
        "evidence with an id": any(each.get("id") is not None for each in shown),
        "chains": call.evidence.get("delegation") is not None or policy.delegations != (),
        "starts": first_start(call) is not None,
    }
    return {reason for reason, is_one in found.items() if is_one}


@given(cases())
def test_a_policy_of_version_1_decides_as_before(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    call = Call.read(policy, request)
    if call is None or is_too_deep(request):
        assert decide(policy, request).effect == "deny"
        return
    now, before = decide(policy, request), as_before(call)
    known = reasons(call)
    event(f"{before.effect}, {'for a reason' if known else 'as before'}")
    if not known:
        assert {**now.to_authzen()["context"], "evidence": []} == before.to_authzen()["context"]
    elif before.effect == "deny" and now.effect == "permit":  # nothing of version 2 opens a call
        assert known & {"chains", "starts", "confirmations"}
