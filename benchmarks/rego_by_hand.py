"""The policy of the workload in Rego as people write it: one rule for each, for OPA's rule index.

A *trusting* author takes every request for well-formed. A *careful* one looks at what a rule depends on,
so that no call is permitted because a field is missing or of another type; that is less than agpc does,
which also tells broken text from whole, reads numbers as doubles and holds SPIFFE IDs to their grammar.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from workload import LEVELS, Rule, Workload, spiffe_id

PLAIN = """package plain

default allow := false

allow if {
	is_request
	not deny
	permit
}

"""
WHOLE = """package whole

default decision := {"decision": false}

decision := {
	"decision": _effect == "permit",
	"context": {
		"effect": _effect,
		"rules": sort([rule.id | some rule in _deciding]),
		"reasons": _reasons,
		"requirements": [],
		"obligations": _obligations,
		"credential": _credential,
		"owner": {"name": "platform", "contact": "oncall@acme.example"},
	},
} if {
	is_request
}

default _effect := "deny"

_effect := "permit" if {
	count(deny) == 0
	count(permit) > 0
}

_deciding := permit if {
	_effect == "permit"
} else := deny

_reasons := [] if {
	_effect == "permit"
} else := ["no allow applies"] if {
	count(deny) == 0
} else := [rule.because | some rule in deny]

default _obligations := []

_obligations := [object.union({"id": rule.id}, each) | some rule in permit; some each in rule.obligations] if {
	_effect == "permit"
}

default _credential := null

_credential := {
	"ttl_seconds": min({rule.credential.ttl_seconds | some rule in permit}),
	"renew": min({rule.credential.renew | some rule in permit}),
} if {
	_effect == "permit"
}

"""
TRUSTING = """is_request if input.subject.type == "agent"

"""
CAREFUL = """is_request if {
	input.subject.type == "agent"
	is_string(input.subject.id)
	is_string(input.action.name)
	is_string(input.resource.type)
	is_string(input.resource.id)
}

is_inside(range) if net.cidr_contains(range, input.context.source_ip)

risk_is_at_most(limit) if {
	is_number(input.context.risk)
	input.context.risk <= limit
}

sensitivity_is_at_most(limit) if _rank[input.resource.properties.sensitivity] <= limit

"""
PERMITTED = {
    "credential": {"ttl_seconds": 900, "renew": 3},
    "obligations": [{"type": "audit", "properties": {"level": "full"}}],
}
DENIED = {"because": "Too much at once."}


def by_hand(load: Workload, careful: bool) -> dict[str, str]:
    """The policy, as a bundle with a module for a yes or no and one for the whole decision."""
    ranks = {level: rank for rank, level in enumerate(LEVELS)}
    common = f"_rank := {json.dumps(ranks)}\n\n{CAREFUL if careful else TRUSTING}"
    modules: tuple[tuple[str, str, Callable[[Rule], str]], ...] = (
        ("plain.rego", PLAIN, plain_head),
        ("whole.rego", WHOLE, whole_head),
    )
    return {
        name: header
        + common
        + "\n".join(f"{head(rule)} if {body(rule, careful)}" for rule in load.rules)
        for name, header, head in modules
    }


def plain_head(rule: Rule) -> str:
    """A rule, where a yes or no is enough."""
    return "permit" if rule.permits else "deny"


def whole_head(rule: Rule) -> str:
    """A rule, with what it gives."""
    given = {"id": rule.id, **(PERMITTED if rule.permits else DENIED)}
    return f"{plain_head(rule)} contains {json.dumps(given)}"


def body(rule: Rule, careful: bool) -> str:
    """When a rule applies."""
    lines = []
    if rule.agent is not None:
        lines.append(f"input.subject.id == {json.dumps(spiffe_id(rule.agent))}")
    elif rule.team is not None:
        team = json.dumps(f"spiffe://acme.example/ns/{rule.team}/sa/")
        lines.append(f"startswith(input.subject.id, {team})")
        if careful:
            lines.append(f'not contains(trim_prefix(input.subject.id, {team}), "/")')
    if rule.intent is not None:
        lines.append(f'input.context.task.intent == "bench.{rule.intent}"')
    if rule.capability is not None:
        lines.append(f'input.resource.type == "bench.{rule.capability[0]}"')
        lines.append(f'input.action.name == "{rule.capability[1]}"')
    if rule.permits:
        lines.append('input.context.task.state == "active"')
    lines += careful_condition(rule) if careful else condition(rule)
    return "{\n" + "".join(f"\t{line}\n" for line in lines) + "}\n"


def condition(rule: Rule) -> list[str]:
    """The lines of a rule's condition, for well-formed requests."""
    same_tenant = "input.subject.properties.tenant == input.resource.properties.tenant"
    amount = f"input.action.properties.amount <= {rule.number}"
    match rule.shape:
        case "always":
            return []
        case "tenant":
            return [same_tenant]
        case "amount":
            return ['input.action.properties.currency == "EUR"', amount]
        case "amount tenant":
            return [same_tenant, amount]
        case "level":
            return [f"_rank[input.resource.properties.sensitivity] <= {rule.number}"]
        case "level above":
            return [f"_rank[input.resource.properties.sensitivity] > {rule.number}"]
        case "region":
            return [f"input.context.region in {{{', '.join(map(json.dumps, rule.words))}}}"]
        case "path":
            return [f'startswith(input.action.properties.path, "{rule.words[0]}")']
        case "risk":
            return [f"input.context.risk > {rule.number}"]
        case "network":
            return ['not net.cidr_contains("10.0.0.0/8", input.context.source_ip)']
    raise ValueError(rule.shape)


def careful_condition(rule: Rule) -> list[str]:
    """The same, where a request may lack anything: an allow looks, a deny holds unless it is known not to."""
    match rule.shape:
        case "tenant" | "amount tenant":
            known = ["is_string(input.subject.properties.tenant)"]
        case "level above":
            return [f"not sensitivity_is_at_most({rule.number})"]
        case "risk":
            return [f"not risk_is_at_most({rule.number})"]
        case "network":
            return ['not is_inside("10.0.0.0/8")']
        case _:
            known = []
    if rule.shape.startswith("amount"):
        known.append("is_number(input.action.properties.amount)")
    return [*known, *condition(rule)]
