"""Who acts for whom: the agents of a chain of delegation, and the answer to them all, which is the strictest.

A request of an agent that acts for others says so in `context.delegation`, nearest first, each with its own task. The
call is decided for each of them as if it asked itself: so a chain permits nothing that one of its agents may not do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

from ...runtime.values import is_identity, is_text
from ..ir import nodes as ir
from ..ir.spiffe import spiffe_matches
from .request import as_object

if TYPE_CHECKING:
    from ...runtime.decision import Decision

MOST_LINKS = 8
OF_A_LINK = ("meters", "sources")
"""The facts of a request, which each link has for itself."""
STRICTNESS = ("permit", "challenge", "deny")

Link = dict[str, Any]


def requests_for(policy: ir.Policy, request: dict[str, Any]) -> list[dict[str, Any]] | None:
    """A request for each agent that has to be permitted, the caller first; None if nothing declares the chain."""
    return None if flaw_of_chain(policy, request) is not None else of_each(request)


def flaw_of_chain(policy: ir.Policy, request: dict[str, Any]) -> str | None:
    """What is wrong with a chain, in words; None if it is declared from link to link, or there is none."""
    context = as_object(request.get("context"))
    caller: Link = {"agent": request["subject"]["id"], "task": as_object(context.get("task"))}
    chain = context.get("delegation")
    if chain is None:
        if any(
            _is_side(policy, each.delegate, each.delegate_intent, caller)
            for each in policy.delegations
        ):
            return (
                "it does not say for whom the agent acts, and others may have handed it this task"
            )
        return None
    if type(chain) is not list:
        return "it is not a list"
    if len(chain) > MOST_LINKS:
        return f"it has more than {MOST_LINKS} links"
    for number, link in enumerate(chain):
        if not is_link(link):
            return f"link {number + 1} is malformed"
    for number, (below, above) in enumerate(zip([caller, *chain], chain, strict=False)):
        if not any(
            _is_side(policy, each.delegator, each.intent, above)
            and _is_side(policy, each.delegate, each.delegate_intent, below)
            for each in policy.delegations
        ):
            return f"no `delegate` declares link {number + 1}"
    return None


def is_link(link: object) -> TypeGuard[Link]:
    """Whether this is an agent with its own task, which has an id and an intent."""
    if type(link) is not dict or not is_text(link.get("agent")):
        return False
    properties, task = link.get("properties"), link.get("task")
    return (
        (properties is None or type(properties) is dict)
        and type(task) is dict
        and is_identity(task.get("id"))
        and is_text(task.get("intent"))
    )


def _is_side(policy: ir.Policy, name: str, intent: str, link: Link) -> bool:
    ids, patterns = policy.identities[name]
    agent = link["agent"]
    return link["task"].get("intent") == intent and (
        agent in ids or any(spiffe_matches(pattern, agent) for pattern in patterns)
    )


def of_each(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The request as the caller makes it, and as each link would: with its own identity, task and facts."""
    context = as_object(request.get("context"))
    chain = context.get("delegation")
    if not chain:
        return [request]
    shared = {name: value for name, value in context.items() if name != "delegation"}
    task = as_object(context.get("task")).get("id")
    agents = [request["subject"]["id"], *(link["agent"] for link in chain)]
    found = [{**request, "context": _with_approvals(shared, agents, task, task)}]
    for link in chain:
        own = {name: value for name, value in shared.items() if name not in OF_A_LINK}
        own |= {name: link[name] for name in ("task", *OF_A_LINK) if name in link}
        subject = {"type": "agent", "id": link["agent"], "properties": link.get("properties")}
        own = _with_approvals(own, agents, task, link["task"]["id"])
        found.append({**request, "subject": subject, "context": own})
    return found


def _with_approvals(
    context: dict[str, Any], agents: Sequence[str], task: object, own: object
) -> dict[str, Any]:
    """Keep the approvals that count for a link: they name the task at hand, and no agent of the chain gave them."""
    approvals = context.get("approvals")
    if type(approvals) is not list:
        return context
    kept = [
        {**each, "task": own}
        for each in approvals
        if type(each) is dict
        and each.get("by") not in agents
        and is_identity(task)
        and each.get("task") == task
    ]
    return {**context, "approvals": kept}


# --- The answer to all ----------------------------------------------------------------------------


def strictest(decisions: Sequence[Decision]) -> Decision:
    """The strictest of the answers, with what all say that give it."""
    from ...runtime.decision import Decision

    effect = max((each.effect for each in decisions), key=STRICTNESS.index)
    found = [each for each in decisions if each.effect == effect]
    named = [each for each in found if each.rules]
    terms = [each.credential for each in found]
    return Decision(
        effect,
        rules=tuple(sorted({rule for each in found for rule in each.rules})),
        reasons=_reasons(found),
        requirements=_once(item for each in found for item in each.requirements),
        obligations=_obligations(found),
        credential={
            name: min(each[name] for each in terms if each) for name in ("ttl_seconds", "renew")
        }
        if effect == "permit" and all(terms)
        else None,
        owner=min(named, key=lambda each: each.rules[0]).owner if named else found[0].owner,
        evidence=_once(item for each in found for item in each.evidence),
    )


def _reasons(decisions: Iterable[Decision]) -> tuple[str, ...]:
    """Those of the forbids, by identity, and then that to somebody nothing is allowed."""
    by_rule: dict[str, str] = {}
    others: list[str] = []
    for each in decisions:
        by_rule |= dict(zip(each.rules, each.reasons, strict=False))
        others += each.reasons[len(each.rules) :]
    return (*(by_rule[rule] for rule in sorted(by_rule)), *dict.fromkeys(others))


def _once(items: Iterable[Any]) -> tuple[Any, ...]:
    """Each once, by the identity of the rule, and of one rule in the order found."""
    once: list[Any] = []
    for each in items:
        if each not in once:
            once.append(each)
    return tuple(sorted(once, key=lambda each: str(each["rule"])))


def _obligations(decisions: Iterable[Decision]) -> tuple[Any, ...]:
    """Those of each rule once, by its identity: a rule obliges to the same for each agent."""
    by_rule: dict[str, list[Any]] = {}
    for decision in decisions:
        own: dict[str, list[Any]] = {}
        for each in decision.obligations:
            own.setdefault(each["id"], []).append(each)
        by_rule = own | by_rule
    return tuple(each for rule in sorted(by_rule) for each in by_rule[rule])
