"""The combiner: a call of an agent that acts for others, decided for each of them, and the strictest of the answers.

An evaluator decides for one agent. What makes it several requests, and one answer of several, is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .agents import Agents
from .call import fields_of
from .decision import Decision, Unchanging
from .values import is_identity, is_text

MOST_LINKS = 8
OF_A_LINK = ("meters", "sources")

Delegation = tuple[str, str, str, str]
"""Who may hand a task on, for which intent, to whom, for which intent."""


class Chains:
    """What `delegate` declares."""

    __slots__ = ("_agents", "_declared", "_delegates")

    def __init__(self, agents: Agents, declared: Iterable[Delegation]) -> None:
        """Take the declarations, which name agents and families."""
        self._agents = agents
        self._declared = frozenset(declared)
        self._delegates = frozenset((delegate, intent) for _, _, delegate, intent in self._declared)

    def are_needed(self, names: Iterable[str], intent: str | None) -> bool:
        """Whether an agent of these names may act for another one, so that its requests say for whom."""
        return intent is not None and any((name, intent) in self._delegates for name in names)

    def requests(self, request: dict[str, Any]) -> list[dict[str, Any]] | None:
        """Give a request for the caller and each agent of its chain; None if nothing declares it."""
        context = request["context"]
        chain, task = context["delegation"], fields_of(context.get("task"))
        if not is_chain(chain):
            return None
        below = (request["subject"]["id"], task.get("intent"))
        for link in chain:
            above = (link["agent"], link["task"]["intent"])
            if not self._is_declared(above, below):
                return None
            below = above
        return of_each(request)

    def _is_declared(self, above: tuple[str, str], below: tuple[str, object]) -> bool:
        if type(below[1]) is not str:
            return False
        return any(
            (delegator, above[1], delegate, below[1]) in self._declared
            for delegator in self._agents.names_of(above[0])
            for delegate in self._agents.names_of(below[0])
        )


def is_chain(chain: object) -> bool:
    """Whether this is a list of agents with their own tasks, and not too long."""
    return type(chain) is list and len(chain) <= MOST_LINKS and all(map(_is_link, chain))


def of_each(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the request as the caller makes it, and as each link would: with its own identity, task and facts."""
    context = request["context"]
    chain, task = context["delegation"], fields_of(context.get("task")).get("id")
    agents = [request["subject"]["id"], *(link["agent"] for link in chain)]
    approvals = _that_count(context.get("approvals"), agents, task)
    shared = {name: value for name, value in context.items() if name != "delegation"}
    found = [{**request, "context": {**shared, **_of_task(approvals, task)}}]
    alike = {name: value for name, value in shared.items() if name not in OF_A_LINK}
    for link in chain:
        own = {name: link[name] for name in ("task", *OF_A_LINK) if name in link}
        own = {**alike, **own, **_of_task(approvals, link["task"]["id"])}
        subject = {"type": "agent", "id": link["agent"], "properties": link.get("properties")}
        found.append({**request, "subject": subject, "context": own})
    return found


def _is_link(link: object) -> bool:
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


def _that_count(approvals: object, agents: list[str], task: object) -> list[dict[str, Any]] | None:
    """Give the approvals of the task at hand that no agent of the chain gave."""
    if type(approvals) is not list:
        return None
    return [
        each
        for each in approvals
        if type(each) is dict
        and each.get("by") not in agents
        and is_identity(task)
        and type(each.get("task")) is str
        and each["task"] == task
    ]


def _of_task(approvals: list[dict[str, Any]] | None, task: object) -> dict[str, Any]:
    """Give the approvals as a link asks for them: for its own task."""
    if approvals is None:
        return {}
    return {"approvals": [{**each, "task": task} for each in approvals]}


# --- The answer to all ----------------------------------------------------------------------------


def strictest(decisions: Sequence[Decision]) -> Decision:
    """Give the strictest of some answers, with what all say that give it."""
    effects = {each.effect for each in decisions}
    if "deny" in effects:
        found = [each for each in decisions if each.effect == "deny"]
        return Decision("deny", _rules(found), _reasons(found), owner=_owner(found))
    if "challenge" in effects:
        found = [each for each in decisions if each.effect == "challenge"]
        asked = _once(each.requirements for each in found)
        return Decision("challenge", _rules(found), requirements=asked, owner=_owner(found))
    terms = [each.credential for each in decisions]
    return Decision(
        "permit",
        _rules(decisions),
        obligations=_obligations(decisions),
        credential=Unchanging(
            ttl_seconds=min(each["ttl_seconds"] for each in terms if each is not None),
            renew=min(each["renew"] for each in terms if each is not None),
        )
        if None not in terms
        else None,
        owner=_owner(decisions),
        evidence=_once(each.evidence for each in decisions),
    )


def _rules(decisions: Iterable[Decision]) -> tuple[str, ...]:
    return tuple(sorted({rule for each in decisions for rule in each.rules}))


def _owner(decisions: Sequence[Decision]) -> Any:
    """Give the owner of the first rule; where nobody has a rule, all have the resource's."""
    first = [(each.rules[0], number) for number, each in enumerate(decisions) if each.rules]
    return decisions[min(first, default=("", 0))[1]].owner


def _reasons(decisions: Iterable[Decision]) -> tuple[str, ...]:
    """Give those of the forbids, by identity, and then that to somebody nothing is allowed."""
    by_rule: dict[str, str] = {}
    others: dict[str, None] = {}
    for each in decisions:
        by_rule.update(zip(each.rules, each.reasons, strict=False))
        others.update(dict.fromkeys(each.reasons[len(each.rules) :]))
    return (*(by_rule[rule] for rule in sorted(by_rule)), *others)


def _once(lists: Iterable[Iterable[Mapping[str, Any]]]) -> tuple[Any, ...]:
    """Give each once, by the identity of the rule, and of one rule in the order found."""
    found: list[Any] = []
    for listed in lists:
        found.extend(each for each in listed if each not in found)
    found.sort(key=lambda each: each["rule"])
    return tuple(found)


def _obligations(decisions: Iterable[Decision]) -> tuple[Any, ...]:
    """Give those of each rule once, by its identity: a rule obliges to the same for each agent."""
    found: list[Any] = []
    seen: set[str] = set()
    for decision in decisions:
        found.extend(each for each in decision.obligations if each["id"] not in seen)
        seen.update(each["id"] for each in decision.obligations)
    found.sort(key=lambda each: each["id"])
    return tuple(found)
