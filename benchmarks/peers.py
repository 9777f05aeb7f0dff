"""The workload for other engines: each in its own language, and the calls that ask them.

A peer gets each request in the form that suits it, made beforehand, and is asked in the fastest way
that its documentation has. All answer only yes or no; ours answers with a whole decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import cedarpy
import vakt
from regopy import Interpreter
from vakt import rules as vakt_rules
from workload import (
    AGENTS_IN_A_TEAM,
    LEVELS,
    TEAMS,
    Rule,
    Workload,
    agent_name,
    spiffe_id,
    team_of,
)

Ask = Callable[[list[Any]], list[bool]]
"""Answers requests in a peer's own form, in order."""

NETWORK = "10.0.0.0/8"
AGENTS = [agent_name(number) for number in range(TEAMS * AGENTS_IN_A_TEAM)]


def capability(rule: Rule) -> str | None:
    return None if rule.capability is None else f"bench.{'.'.join(rule.capability)}"


# --- Cedar ----------------------------------------------------------------------------------------


def cedar_policy(rule: Rule) -> str:
    principal = "principal"
    if rule.agent is not None:
        principal += f" == Agent::{json.dumps(spiffe_id(rule.agent))}"
    elif rule.team is not None:
        principal += f" in Team::{json.dumps(rule.team)}"
    action = "action" if rule.capability is None else f'action == Action::"{capability(rule)}"'
    parts = [] if rule.intent is None else [f'context.intent == "bench.{rule.intent}"']
    match rule.shape:
        case "tenant":
            parts.append("context.agent_tenant == context.resource_tenant")
        case "amount":
            parts.append(f'context.currency == "EUR" && context.amount <= {rule.number}')
        case "amount tenant":
            parts.append("context.agent_tenant == context.resource_tenant")
            parts.append(f"context.amount <= {rule.number}")
        case "level":
            parts.append(f"context.sensitivity <= {rule.number}")
        case "level above":
            parts.append(f"context.sensitivity > {rule.number}")
        case "region":
            parts.append(f"{json.dumps(list(rule.words))}.contains(context.region)")
        case "path":
            parts.append(f'context.path like "{rule.words[0]}*"')
        case "risk":
            parts.append(f"context.risk > {rule.number}")
        case "network":
            parts.append(f'!ip(context.source_ip).isInRange(ip("{NETWORK}"))')
    when = f" when {{ {' && '.join(parts)} }}" if parts else ""
    effect = "permit" if rule.permits else "forbid"
    return f'@id("{rule.id}") {effect}({principal}, {action}, resource){when};'


def cedar_request(request: dict[str, Any]) -> dict[str, Any]:
    context, args = request["context"], request["action"]["properties"]
    resource = request["resource"]
    name = f"{resource['type']}.{request['action']['name']}"
    return {
        "principal": f"Agent::{json.dumps(request['subject']['id'])}",
        "action": f"Action::{json.dumps(name)}",
        "resource": f"Resource::{json.dumps(resource['id'])}",
        "context": {
            "intent": context["task"]["intent"],
            "agent_tenant": request["subject"]["properties"]["tenant"],
            "resource_tenant": resource["properties"]["tenant"],
            "sensitivity": LEVELS.index(resource["properties"]["sensitivity"]),
            "risk": context["risk"],
            "region": context["region"],
            "source_ip": context["source_ip"],
            **args,
        },
    }


def cedar_policies(rules: Iterable[Rule]) -> cedarpy.PolicySet:
    """A parsed policy set, so that no call parses it again."""
    return cedarpy.PolicySet.from_str("\n".join(map(cedar_policy, rules)))


def cedar_entities(names: Iterable[str]) -> cedarpy.Entities:
    """The parsed entities of agents and their teams."""
    found = list(names)
    entities: list[dict[str, Any]] = [
        {"uid": {"type": "Team", "id": team}, "attrs": {}, "parents": []}
        for team in sorted({team_of(name) for name in found})
    ]
    entities += [
        {
            "uid": {"type": "Agent", "id": spiffe_id(name)},
            "attrs": {},
            "parents": [{"type": "Team", "id": team_of(name)}],
        }
        for name in found
    ]
    return cedarpy.Entities.from_json_str(json.dumps(entities))


def cedar_handles(load: Workload) -> tuple[cedarpy.PolicySet, cedarpy.Entities]:
    """All of it."""
    return cedar_policies(load.rules), cedar_entities(AGENTS)


def cedar(load: Workload) -> tuple[Ask, list[Any]]:
    """One call a request."""
    policies, entities = cedar_handles(load)

    def ask(requests: list[Any]) -> list[bool]:
        return [cedarpy.is_authorized(each, policies, entities).allowed for each in requests]

    return ask, [cedar_request(request) for request in load.requests]


def cedar_batch(load: Workload) -> tuple[Ask, list[Any]]:
    """One call for all requests, which saves what each call costs."""
    policies, entities = cedar_handles(load)

    def ask(requests: list[Any]) -> list[bool]:
        return [each.allowed for each in cedarpy.is_authorized_batch(requests, policies, entities)]

    return ask, [cedar_request(request) for request in load.requests]


def cedar_by_action(load: Workload) -> tuple[Ask, list[Any]]:
    """The host keeps the policies of each action, and those of all, and passes what a call needs."""
    _, entities = cedar_handles(load)
    names = sorted({name for rule in load.rules if (name := capability(rule)) is not None})
    about: dict[str, list[Rule]] = {f'Action::"{name}"': [] for name in names}
    for rule in load.rules:
        name = capability(rule)
        for action in about if name is None else [f'Action::"{name}"']:
            about[action].append(rule)
    policies = {action: cedar_policies(rules) for action, rules in about.items()}
    others = cedar_policies(rule for rule in load.rules if rule.capability is None)

    def ask(requests: list[Any]) -> list[bool]:
        return [
            cedarpy.is_authorized(each, policies.get(each["action"], others), entities).allowed
            for each in requests
        ]

    return ask, [cedar_request(request) for request in load.requests]


def cedar_by_action_and_agent(load: Workload) -> tuple[Ask, list[Any]]:
    """The host also keeps the policies of each agent, and what of each action is about it."""
    about: dict[tuple[str | None, str | None], list[Rule]] = {}
    for rule in load.rules:
        about.setdefault((capability(rule), rule.agent or rule.team), []).append(rule)

    def slice_of(action: str, agent: str) -> tuple[cedarpy.PolicySet, cedarpy.Entities]:
        rules = [
            rule
            for name in (action, None)
            for who in (agent, team_of(agent), None)
            for rule in about.get((name, who), ())
        ]
        return cedar_policies(rules), cedar_entities([agent])

    # Made beforehand for the pairs that are asked about; a host has those of its callers.
    slices = {}
    requests = [cedar_request(request) for request in load.requests]
    for asked, request in zip(requests, load.requests, strict=True):
        agent = request["subject"]["id"].rpartition("/")[2]
        name = f"{request['resource']['type']}.{request['action']['name']}"
        slices[asked["action"], asked["principal"]] = slice_of(name, agent)

    def ask(requests: list[Any]) -> list[bool]:
        found = []
        for each in requests:
            policies, entities = slices[each["action"], each["principal"]]
            found.append(cedarpy.is_authorized(each, policies, entities).allowed)
        return found

    return ask, requests


# --- Rego -----------------------------------------------------------------------------------------


def rego_rule(rule: Rule) -> str:
    parts = []
    if rule.agent is not None:
        parts.append(f"input.subject.id == {json.dumps(spiffe_id(rule.agent))}")
    elif rule.team is not None:
        parts.append(f'startswith(input.subject.id, "spiffe://acme.example/ns/{rule.team}/sa/")')
    if rule.capability is not None:
        parts.append(f'input.resource.type == "bench.{rule.capability[0]}"')
        parts.append(f'input.action.name == "{rule.capability[1]}"')
    if rule.intent is not None:
        parts.append(f'input.context.task.intent == "bench.{rule.intent}"')
    same_tenant = "input.subject.properties.tenant == input.resource.properties.tenant"
    match rule.shape:
        case "tenant":
            parts.append(same_tenant)
        case "amount":
            parts.append('input.action.properties.currency == "EUR"')
            parts.append(f"input.action.properties.amount <= {rule.number}")
        case "amount tenant":
            parts += [same_tenant, f"input.action.properties.amount <= {rule.number}"]
        case "level":
            parts.append(f"rank[input.resource.properties.sensitivity] <= {rule.number}")
        case "level above":
            parts.append(f"rank[input.resource.properties.sensitivity] > {rule.number}")
        case "region":
            parts.append(f"input.context.region in {{{', '.join(map(json.dumps, rule.words))}}}")
        case "path":
            parts.append(f'startswith(input.action.properties.path, "{rule.words[0]}")')
        case "risk":
            parts.append(f"input.context.risk > {rule.number}")
        case "network":
            # rego-cpp has no net.cidr_contains; for the addresses of the workload this is the same
            parts.append('not startswith(input.context.source_ip, "10.")')
    body = "\n".join(f"    {part}" for part in parts)
    return f"{'allow' if rule.permits else 'deny'} if {{\n{body}\n}}\n"


def rego(load: Workload) -> tuple[Ask, list[Any]]:
    """A bundle that is compiled once."""
    ranks = {level: rank for rank, level in enumerate(LEVELS)}
    header = (
        "package bench\n\nimport rego.v1\n\n"
        f"rank := {json.dumps(ranks)}\n\n"
        "default permit := false\n\npermit if {\n    allow\n    not deny\n}\n"
    )
    engine = Interpreter()
    engine.add_module("bench.rego", "\n".join([header, *map(rego_rule, load.rules)]))
    bundle = engine.build("data.bench.permit")

    def ask(requests: list[Any]) -> list[bool]:
        found = []
        for each in requests:
            engine.set_input(each)
            found.append(str(engine.query_bundle(bundle)) == '{"expressions":[true]}')
        return found

    return ask, list(load.requests)


# --- vakt -----------------------------------------------------------------------------------------


def vakt_policy(rule: Rule) -> vakt.Policy:
    subjects: Any = vakt_rules.Any()
    if rule.agent is not None:
        subjects = vakt_rules.Eq(spiffe_id(rule.agent))
    elif rule.team is not None:
        subjects = vakt_rules.StartsWith(f"spiffe://acme.example/ns/{rule.team}/sa/")
    context: dict[str, Any] = {}
    if rule.intent is not None:
        context["intent"] = vakt_rules.Eq(f"bench.{rule.intent}")
    match rule.shape:
        case "tenant":
            context["agent_tenant"] = vakt_rules.ResourceMatch("tenant")
        case "amount":
            context["currency"] = vakt_rules.Eq("EUR")
            context["amount"] = vakt_rules.LessOrEqual(rule.number)
        case "amount tenant":
            context["agent_tenant"] = vakt_rules.ResourceMatch("tenant")
            context["amount"] = vakt_rules.LessOrEqual(rule.number)
        case "level":
            context["sensitivity"] = vakt_rules.LessOrEqual(rule.number)
        case "level above":
            context["sensitivity"] = vakt_rules.Greater(rule.number)
        case "region":
            context["region"] = vakt_rules.In(*rule.words)
        case "path":
            context["path"] = vakt_rules.StartsWith(rule.words[0])
        case "risk":
            context["risk"] = vakt_rules.Greater(rule.number)
        case "network":
            context["source_ip"] = vakt_rules.Not(vakt_rules.CIDR(NETWORK))
    name = capability(rule)
    return vakt.Policy(
        rule.id,
        effect=vakt.ALLOW_ACCESS if rule.permits else vakt.DENY_ACCESS,
        subjects=[subjects],
        actions=[vakt_rules.Any() if name is None else vakt_rules.Eq(name)],
        resources=[{"id": vakt_rules.Any()}],
        context=context,
    )


def vakt_request(request: dict[str, Any]) -> vakt.Inquiry:
    asked = cedar_request(request)
    return vakt.Inquiry(
        subject=request["subject"]["id"],
        action=f"{request['resource']['type']}.{request['action']['name']}",
        resource={"id": request["resource"]["id"], **request["resource"]["properties"]},
        context=asked["context"],
    )


def vakt_guard(load: Workload) -> tuple[Ask, list[Any]]:
    """A guard over policies in memory, with rules instead of patterns."""
    storage = vakt.MemoryStorage()
    for rule in load.rules:
        storage.add(vakt_policy(rule))
    guard = vakt.Guard(storage, vakt.RulesChecker())

    def ask(requests: list[Any]) -> list[bool]:
        return [guard.is_allowed(each) for each in requests]

    return ask, [vakt_request(request) for request in load.requests]


PEERS: dict[str, Callable[[Workload], tuple[Ask, list[Any]]]] = {
    "cedarpy": cedar,
    "cedarpy, batch": cedar_batch,
    "cedarpy, by action": cedar_by_action,
    "cedarpy, by action and agent": cedar_by_action_and_agent,
    "regopy": rego,
    "vakt": vakt_guard,
}
