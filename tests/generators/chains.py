"""Who may hand tasks on to whom, and requests of agents that act for others."""

from __future__ import annotations

from typing import Any

from agpc.compiler.ir import nodes as ir

from .values import BOOLEANS, Draw, chance, integers, json_value, pick

STRANGE: tuple[Any, ...] = (None, {}, "x", 1, True, False, [None], [[]], [{}], [1], ["x"])


def draw_delegations(draw: Draw, policy: ir.Policy, span: Any) -> tuple[ir.Delegation, ...]:
    """One to three `delegate`s, of which one may lead to the next, or back."""
    agents, intents = sorted(policy.identities), [each.name for each in policy.intents]
    found = {}
    for _ in range(pick(draw, (1, 2, 3))):
        sides = [pick(draw, names) for names in (agents, intents, agents, intents)]
        one = ir.Delegation(*sides, span())
        found[repr(one)] = one
    return tuple(found[key] for key in sorted(found))


def draw_chain(draw: Draw, policy: ir.Policy, request: dict[str, Any], members: Any) -> None:
    """Say for whom the agent of a request acts, most often as it is declared; or nothing."""
    context = request["context"]
    kind = draw(integers(0, 11))
    if kind == 11:
        context["delegation"] = pick(draw, STRANGE)
        return
    if kind == 10:
        return
    links: list[dict[str, Any]] = []
    agent, intent = request["subject"]["id"], context["task"]["intent"]
    for number in range(pick(draw, (1, 1, 1, 2, 3, 9))):
        above = [
            each
            for each in policy.delegations
            if each.delegate_intent == intent and agent in members(policy, (each.delegate,))
        ]
        if not above or (kind < 3 and number):
            break
        chosen = pick(draw, above)
        agent, intent = pick(draw, members(policy, (chosen.delegator,))), chosen.intent
        links.append(_link(draw, policy, agent, intent, number))
    if links and chance(draw, 10):
        _break(draw, links)
    context["delegation"] = links


def _link(draw: Draw, policy: ir.Policy, agent: str, intent: str, number: int) -> dict[str, Any]:
    fields = next(each.fields for each in policy.intents if each.name == intent)
    own = {
        each.name: json_value(draw, each.type, policy.members_of)
        for each in fields
        if not each.optional or draw(BOOLEANS)
    }
    task = {"id": f"t-{number}", "intent": intent, "state": "active", **own}
    if chance(draw, 5):
        task["state"] = "ended"
    link: dict[str, Any] = {"agent": agent, "task": task}
    if draw(BOOLEANS):
        holders = {each.name: each.attributes for each in (*policy.agents, *policy.families)}
        typed = {each.name: each.type for fields in holders.values() for each in fields}
        link["properties"] = {
            name: json_value(draw, type_, policy.members_of) for name, type_ in typed.items()
        }
    return link


def _break(draw: Draw, links: list[dict[str, Any]]) -> None:
    link = pick(draw, links)
    name = pick(draw, ("agent", "task", "properties"))
    link[name] = pick(draw, STRANGE)
