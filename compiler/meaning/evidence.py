"""Evidence: what people showed of what rules ask for, and whether they are people enough.

A part of the reference interpreter, and never made faster. Evidence that is malformed is evidence that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, TypeAlias, assert_never

from ...runtime.values import NANOSECONDS, is_identity, is_text, json_equal, read_time
from ..ir import nodes as ir
from ..ir.walk import approvals_of, evidence_of_rule
from ..structs import changed
from .request import Call, as_object

SPIFFE = "spiffe://"

Asked: TypeAlias = tuple[str, int, ir.Requirement]
"""What a rule asks for: its identity, and the how manyeth of its requirements this is."""


def asked_by(rules: Iterable[ir.Rule]) -> list[Asked]:
    """What rules ask for together, in the order of their identities."""
    found = [
        (rule.id, number, each)
        for rule in rules
        for number, each in enumerate(evidence_of_rule(rule))
    ]
    return sorted(found, key=lambda asked: asked[:2])


def missing(asked: list[Asked], call: Call) -> list[Asked]:
    """What is not there; where each is there and the people are too few, approvals that lack somebody."""
    return [each for each in asked if not is_there(each[2], call)] or lacking_people(asked, call)


def lacking_people(asked: list[Asked], call: Call) -> list[Asked]:
    """The smallest set of approvals with fewer people than they ask for together; none if there is none.

    By P. Hall's theorem each approval can be by people of its own if and only if there is no such set.
    """
    approvals = [each for each in asked if approvals_of([each[2]])]
    for size in range(1, len(approvals) + 1):
        for some in combinations(approvals, size):
            if lack(approvals_of(wanted for _, _, wanted in some), call):
                return list(some)
    return []


def lack(approvals: list[ir.Approval], call: Call, but: frozenset[str] = frozenset()) -> bool:
    """Whether these approvals have fewer people together than they ask for, leaving some people out."""
    people = {person for each in approvals for person in people_of(each, call)}
    return len(people - but) < sum(each.count for each in approvals)


def has_too_many_approvals(rules: Iterable[ir.Rule]) -> bool:
    """Whether rules ask for more approvals together than one answer may rest on."""
    return len(approvals_of(each for _, _, each in asked_by(rules))) > ir.MOST_APPROVALS


def is_there(requirement: ir.Requirement, call: Call) -> bool:
    """Whether the request carries the evidence that a requirement asks for."""
    match requirement:
        case ir.StepUp() | ir.Confirmation():
            return shown_for(requirement, call) != []
        case ir.Approval(count=count):
            return len(people_of(requirement, call)) >= count
        case _:
            assert_never(requirement)


def people_of(approval: ir.Approval, call: Call) -> set[str]:
    """Those whose approvals count."""
    return {each["by"] for each in shown_for(approval, call)}


def shown_for(requirement: ir.Requirement, call: Call) -> list[dict[str, Any]]:
    """The evidence that counts, the oldest first, then by its `id`."""
    match requirement:
        case ir.StepUp():
            shown = objects(call.evidence.get("step_up"))
        case ir.Approval() | ir.Confirmation():
            shown = objects(call.evidence.get("approvals"))
        case _:
            assert_never(requirement)
    found = [each for each in shown if counts(each, requirement, call)]
    return sorted(
        found,
        key=lambda each: (read_time(each["at"]), identity(each), str(each.get("by")), each["at"]),
    )


def counts(evidence: dict[str, Any], wanted: ir.Requirement, call: Call) -> bool:
    """Whether one piece of evidence is whole, and is what a requirement asks for."""
    if not has_come(evidence.get("at"), wanted.within, call.now):
        return False
    if not (evidence.get("id") is None or is_identity(evidence["id"])):
        return False
    match wanted:
        case ir.StepUp(method):
            return evidence.get("method") == method
        case ir.Confirmation():
            return evidence.get("by") == confirmer(call) and is_for(evidence, call, False)
        case ir.Approval(by, per_task=per_task):
            return (
                user_is_known(call)
                and evidence.get("by") not in (*actors(call), user_of(call))
                and is_for(evidence, call, per_task)
                and is_by(evidence, by)
            )
        case _:
            assert_never(wanted)


def is_for(evidence: dict[str, Any], call: Call, per_task: bool) -> bool:
    """Whether somebody said yes to this very call, or to its capability in this task."""
    roles = evidence.get("roles")
    return (
        is_identity(evidence.get("by"))
        and type(roles) is list
        and all(is_text(role) for role in roles)
        and is_identity(call.task_id)
        and evidence.get("task") == call.task_id
        and evidence.get("capability") == call.capability
        and (
            per_task
            or (
                evidence.get("resource") == call.resource_id
                and type(evidence.get("args")) is dict
                and json_equal(evidence.get("args"), call.arguments)
            )
        )
    )


def is_by(evidence: dict[str, Any], wanted: tuple[str, ...]) -> bool:
    """Whether an approval is by one of those asked for; a workload approves only by its very identity, which is no role."""
    by: str = evidence["by"]
    return by in wanted or (
        not by.startswith(SPIFFE)
        and any(role in wanted and not role.startswith(SPIFFE) for role in evidence["roles"])
    )


def has_come(at: object, within: int | None, now: int | None) -> bool:
    """Whether a time is in the past, and no longer ago than `within` seconds."""
    time = read_time(at)
    if time is None or now is None or time > now:
        return False
    return within is None or now - time <= within * NANOSECONDS


def objects(value: object) -> list[dict[str, Any]]:
    """The JSON objects in a list; none if it is not a list."""
    return [each for each in value if type(each) is dict] if type(value) is list else []


# --- Who acts, and for whom -----------------------------------------------------------------------


def actors(call: Call) -> tuple[str, ...]:
    """The agents that nobody may approve as: the one that acts, and those that it acts for."""
    chain = objects(call.evidence.get("delegation"))
    return (call.agent, *(each["agent"] for each in chain if type(each.get("agent")) is str))


def user_of(call: Call) -> object:
    """The identity of the person on whose behalf the agent acts, as the request has it."""
    return as_object(call.evidence.get("user")).get("id")


def user_is_known(call: Call) -> bool:
    """Whether it is clear on whose behalf the agent acts, so that nobody approves for himself.

    Nobody, if the request names no user; but where the policy declares a `user` block its requests
    have to name one.
    """
    user = call.evidence.get("user")
    if user is None:
        return call.policy.user is None
    return type(user) is dict and is_identity(user.get("id"))


def confirmer(call: Call) -> str | None:
    """Who may confirm: the user, if that is a person at all and does not act himself."""
    user = user_of(call)
    if type(user) is not str or not is_identity(user):
        return None
    return None if user.startswith(SPIFFE) or user in actors(call) else user


def can_be_given(requirement: ir.Requirement, call: Call) -> bool:
    """Whether anybody could give the evidence for a request that is as it is."""
    if call.now is None:
        return False
    match requirement:
        case ir.StepUp():
            return True
        case ir.Confirmation():
            return confirmer(call) is not None and can_be_named(call, False)
        case ir.Approval(per_task=per_task):
            return user_is_known(call) and can_be_named(call, per_task)
        case _:
            assert_never(requirement)


def can_be_named(call: Call, per_task: bool) -> bool:
    """Whether evidence could say that it is for this call, or for its task."""
    return is_identity(call.task_id) and (per_task or type(call.arguments) is dict)


# --- The answer -----------------------------------------------------------------------------------


def rests_on(asked: list[Asked], call: Call) -> list[dict[str, Any]]:
    """The least evidence that is enough, the oldest first, then by its `id`.

    Each requirement in turn takes the oldest, but for people without whom later ones would lack somebody.
    """
    found: list[tuple[Any, dict[str, Any]]] = []
    approved: set[str] = set()
    for place, (rule, _, wanted) in enumerate(asked):
        own, later = approvals_of([wanted]), approvals_of(each for _, _, each in asked[place + 1 :])
        left = own[0].count if own else 1
        for each in shown_for(wanted, call):
            if own:
                taken = frozenset({*approved, each["by"]})
                rest = [changed(own[0], count=left - 1), *later] if left > 1 else later
                if each["by"] in approved or is_short(rest, call, taken):
                    continue
                approved.add(each["by"])
            entry = evidence_of(rule, wanted, each)
            order = (
                read_time(each["at"]),
                identity(each),
                entry["by"],
                rule,
                entry["kind"],
                each["at"],
            )
            found.append((order, entry))
            left -= 1
            if left == 0:
                break
    return [entry for _, entry in sorted(found, key=lambda each: each[0])]


def is_short(approvals: list[ir.Approval], call: Call, but: frozenset[str]) -> bool:
    """Whether some of these approvals lack somebody, leaving some people out."""
    return any(
        lack(list(some), call, but)
        for size in range(1, len(approvals) + 1)
        for some in combinations(approvals, size)
    )


def evidence_of(rule: str, wanted: ir.Requirement, shown: dict[str, Any]) -> dict[str, Any]:
    """What an answer says of a piece of evidence; of a step-up it is the method that says by what."""
    kind = kind_of(wanted)
    by = shown["method"] if kind == "step_up" else shown["by"]
    found = {"rule": rule, "kind": kind, "by": by, "at": shown["at"]}
    return found if shown.get("id") is None else {**found, "id": shown["id"]}


def identity(evidence: dict[str, Any]) -> str:
    """The `id` of a piece of evidence that is whole; it need not have one."""
    found: str | None = evidence.get("id")
    return found or ""


def kind_of(requirement: ir.Requirement) -> str:
    """What an answer calls a requirement."""
    match requirement:
        case ir.StepUp():
            return "step_up"
        case ir.Approval():
            return "approval"
        case ir.Confirmation():
            return "confirmation"
        case _:
            assert_never(requirement)


def describe(asked: Asked) -> dict[str, Any]:
    """What would meet a requirement, as JSON data."""
    rule, _, requirement = asked
    match requirement:
        case ir.StepUp(method, within):
            return {"rule": rule, "type": "step_up", "method": method, "within_seconds": within}
        case ir.Confirmation(within):
            return {"rule": rule, "type": "confirmation", "within_seconds": within}
        case ir.Approval(by, count, within, per_task):
            return {
                "rule": rule,
                "type": "approval",
                "by": list(by),
                "count": count,
                "within_seconds": within,
                "per_task": per_task,
            }
        case _:
            assert_never(requirement)


def described(said: Mapping[str, Any]) -> ir.Requirement:
    """What an answer lists, as a rule has it. Raises `ValueError` for a kind that nobody knows."""
    within = said["within_seconds"]
    match said["type"]:
        case "step_up":
            return ir.StepUp(said["method"], within)
        case "confirmation":
            return ir.Confirmation(within)
        case "approval":
            return ir.Approval(tuple(said["by"]), said["count"], within, said["per_task"])
        case other:
            raise ValueError(f"no kind of evidence: {other}")
