"""The reference interpreter: what a policy means.

It reads like the section *Meaning* of the language reference, has no index and no cleverness, and
is never made faster. Every other evaluator, every target and every witness is checked against it.

What conditions come to is said in `conditions`: True, False, or None, which stands for *unknown*.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ...runtime.values import NANOSECONDS, is_json, is_too_deep, read_time
from ..ir import nodes as ir
from ..ir.spiffe import spiffe_matches
from ..ir.times import local_time
from ..ir.walk import approvals_of
from . import evidence
from .chain import requests_for, strictest
from .conditions import Truth, definitely_true, possibly_true, truth
from .evidence import Asked, asked_by, can_be_given, describe, has_too_many_approvals, rests_on
from .request import TASK_STATE, Call, strangers
from .starts import first_start

if (
    TYPE_CHECKING
):  # whoever asks for the truth of conditions alone, as analyses do, need not load it
    from ...runtime.decision import Decision

NO_ALLOW = "no allow applies"


def decide(policy: ir.Policy, request: object) -> Decision:
    """Decide one request: an AuthZEN evaluation as JSON data, or anything else, which is denied."""
    from ...runtime.decision import Decision

    try:
        return answer(policy, request)
    except Exception:  # a key of a class of its own may raise where it is compared: that is no JSON
        if is_json(request):
            raise
        return Decision("deny", reasons=(NO_ALLOW,))


def answer(policy: ir.Policy, request: object) -> Decision:
    """Decide one request, of which anything that is not JSON may raise."""
    from ...runtime.decision import Decision

    call = Call.read(policy, request)
    if call is None:
        return Decision("deny", reasons=(NO_ALLOW,))
    asked = None if is_too_deep(request) else requests_for(policy, call.request)
    if asked is None:
        return Decision("deny", reasons=(NO_ALLOW,), owner=owner_of([], call))
    answers = [answer_to_one(Call(policy, each)) for each in asked]
    return strictest(answers) if len(answers) > 1 else answers[0]


def answer_to_one(call: Call) -> Decision:
    """Decide a call for one agent."""
    from ...runtime.decision import Decision

    policy = call.policy
    closing = [rule for rule in policy.forbids if forbid_closes(rule, call)]
    allows = [rule for rule in policy.allows if allow_applies(rule, call)]
    first = first_start(call)
    if first is not None and start_applies(first, call):
        allows.append(first)
    standing = [rule for rule in closing if not is_lifted(rule, call)]
    asking = [rule for rule in closing if rule.unless_evidence]
    if standing and (not allows or not all(can_be_lifted(rule, call) for rule in standing)):
        return deny(standing, call)
    if not allows:
        return Decision("deny", reasons=(NO_ALLOW,), owner=owner_of([], call))
    allows = [rule for rule in allows if not has_too_many_approvals([*asking, rule])]
    if not allows:
        return deny(asking, call)

    permits = [rule for rule in allows if not evidence_missing([*asking, rule], call)]
    if permits:
        binding = [rule for rule in policy.allows if allow_binds(rule, call)]
        least = min(permits, key=lambda rule: (pieces(rule), rule.id))
        return Decision(
            "permit",
            rules=identities(permits),
            obligations=tuple(
                {"id": rule.id, "type": each.name, "properties": dict(each.properties)}
                for rule in in_order(binding)
                for each in rule.obligations
            ),
            credential=shortest_credential(permits, binding),
            evidence=tuple(rests_on(asked_by([*asking, least]), call)),
            owner=owner_of(permits, call),
        )
    met = [rule for rule in allows if not evidence_missing([rule], call)]
    lacking = {each for rule in met or allows for each in evidence_missing([*asking, rule], call)}
    asked = [rule for rule in closing if rule.id in {id for id, _, _ in lacking}]
    return Decision(
        "challenge",
        rules=identities([*asked, *allows]),
        requirements=tuple(
            describe(each) for each in asked_by([*asked, *allows]) if each in lacking
        ),
        owner=owner_of([*asked, *allows], call),
    )


def deny(forbids: list[ir.Forbid], call: Call) -> Decision:
    """Deny because of forbids."""
    from ...runtime.decision import Decision

    return Decision(
        "deny",
        rules=identities(forbids),
        reasons=tuple(rule.because or f"forbidden by {rule.id}" for rule in in_order(forbids)),
        owner=owner_of(forbids, call),
    )


# --- Rules ----------------------------------------------------------------------------------------


def allow_applies(rule: ir.Allow, call: Call) -> bool:
    """Everything matches, nobody slipped an argument in, every condition is true, and nothing has ended it."""
    return (
        matches(rule, call)
        and next(strangers(call), None) is None
        and call.read_attribute(TASK_STATE) == "active"
        and definitely_true(rule.condition, call)
        and all(truth(condition, call) is False for condition in rule.revoke)
        and is_valid(rule.validity, call.now) is True
        and in_window(rule.window, call.now) is True
    )


def start_applies(rule: ir.Allow, call: Call) -> bool:
    """Whether the rule that nobody writes opens a first start: a grant names the agent, and the fields are whole."""
    return (
        agent_matches(call.policy, rule.agents, call.agent)
        and next(strangers(call), None) is None
        and definitely_true(rule.condition, call)
    )


def allow_binds(rule: ir.Allow, call: Call) -> bool:
    """Its obligations and terms belong to every permit: it names the call, and nothing says it is not for it.

    What is missing or broken in a request sheds no duty, and neither does a revocation.
    """
    return (
        matches(rule, call)
        and possibly_true(rule.condition, call)
        and is_valid(rule.validity, call.now) is not False
        and in_window(rule.window, call.now) is not False
    )


def forbid_applies(rule: ir.Forbid, call: Call) -> bool:
    """It closes, and no evidence lifts it."""
    return forbid_closes(rule, call) and not is_lifted(rule, call)


def forbid_closes(rule: ir.Forbid, call: Call) -> bool:
    """Everything matches, `when` is not false, it is not known to be another time, and `unless` is not true.

    That is so whatever evidence is there.
    """
    return (
        matches(rule, call)
        and possibly_true(rule.condition, call)
        and in_window(rule.window, call.now) is not False
        and not (rule.unless is not None and truth(rule.unless, call) is True)
    )


def is_lifted(rule: ir.Forbid, call: Call) -> bool:
    """Whether the evidence is there that a forbid waits for; most wait for none."""
    return rule.unless_evidence != () and not evidence_missing([rule], call)


def can_be_lifted(rule: ir.Forbid, call: Call) -> bool:
    """Whether somebody could still lift a forbid: it is a question, and no wall."""
    return rule.unless_evidence != () and all(
        can_be_given(each, call) for each in rule.unless_evidence
    )


def matches(rule: ir.Rule, call: Call) -> bool:
    """Whether agent, intent and capability are among those that the rule is about."""
    return (
        call.capability in call.policy.expand(rule.capabilities)
        and agent_matches(call.policy, rule.agents, call.agent)
        and intent_matches(call.policy, rule.intents, call.intent)
    )


def agent_matches(policy: ir.Policy, agents: ir.Names, agent: str) -> bool:
    """Whether a SPIFFE ID is, byte for byte, one of these agents or a member of a family."""
    if agents is ir.ANYONE:
        return True
    ids, patterns = policy.identify(agents)
    return agent in ids or any(spiffe_matches(pattern, agent) for pattern in patterns)


def intent_matches(policy: ir.Policy, intents: ir.Names, intent: str | None) -> bool:
    """Whether what the task is for is one of these intents; it may be for none at all."""
    return intents is ir.ANYONE or intent in policy.purposes(intents)


def is_valid(validity: ir.Validity | None, now: int | None) -> Truth:
    """Whether it is inside a validity; unknown without a time."""
    if validity is None:
        return True
    if now is None:
        return None
    start, end = read_time(validity.start), read_time(validity.end)
    return (start is None or start <= now) and (end is None or now < end)


def in_window(window: ir.Window | None, now: int | None) -> Truth:
    """Whether it is inside a recurring window of local time; unknown without a time."""
    if window is None:
        return True
    if now is None:
        return None
    local = local_time(now // NANOSECONDS, window.zone)
    minute = local.hour * 60 + local.minute
    today = local.weekday()
    if window.start < window.end:
        return today in window.days and window.start <= minute < window.end
    return (today in window.days and minute >= window.start) or (
        (today - 1) % 7 in window.days and minute < window.end
    )


# --- Evidence -------------------------------------------------------------------------------------


def missing(rule: ir.Allow, call: Call) -> list[ir.Requirement]:
    """What the rule requires, by itself, and the request does not show."""
    return [each for _, _, each in evidence_missing([rule], call)]


def evidence_missing(rules: Iterable[ir.Rule], call: Call) -> list[Asked]:
    """What rules ask for together and the request does not show."""
    return evidence.missing(asked_by(rules), call)


def pieces(rule: ir.Allow) -> int:
    """How many pieces of evidence an allow asks for."""
    more = sum(each.count - 1 for each in approvals_of(rule.requirements))
    return len(rule.requirements) + more


# --- The answer -----------------------------------------------------------------------------------


def in_order(rules: Iterable[Any]) -> list[Any]:
    """Rules by identity."""
    return sorted(rules, key=lambda rule: rule.id)


def identities(rules: Iterable[ir.Rule]) -> tuple[str, ...]:
    """The sorted identities of rules."""
    return tuple(sorted(rule.id for rule in rules))


def shortest_credential(permits: list[ir.Allow], binding: list[ir.Allow]) -> dict[str, int] | None:
    """The tightest terms of all allows that bind, if one of those that permit has terms at all."""
    if not any(rule.credential for rule in permits):
        return None
    terms = [rule.credential for rule in binding if rule.credential]
    return {
        "ttl_seconds": min(each.ttl for each in terms),
        "renew": min(each.renew for each in terms),
    }


def owner_of(rules: Iterable[ir.Rule], call: Call) -> dict[str, str] | None:
    """Who answers: the owner of the first rule, else of the package that declares the resource."""
    owners = [rule.owner for rule in in_order(rules)]
    if not owners:
        resources = {each.name for each in call.policy.resources}
        package = call.resource_type.rpartition(".")[0]
        owners = [
            each.owner
            for each in call.policy.packages
            if call.resource_type in resources and each.name == package
        ]
    if not owners or owners[0] is None:
        return None
    return {"name": owners[0].name, "contact": owners[0].contact}
