"""A policy of any size and requests about it, the same each time for the same seed.

200 agents in 20 teams, 100 capabilities of 20 tools, 50 intents. Rules are drawn at random over these,
so that a request is about a few rules however many there are; two forbids are about every request.
`Workload.text` is the policy in AGP; the other languages' forms are in `peers.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TEAMS, AGENTS_IN_A_TEAM, TOOLS, ACTIONS, INTENTS = 20, 10, 20, 5, 50
GRANT, FILE = 3, 100  # allows in a grant, grants and forbids in a file
LEVELS = ("public", "internal", "confidential", "restricted")
REGIONS = ("eu", "us", "ap", "sa")
CURRENCIES = ("EUR", "USD", "GBP")
AREAS = ("finance", "people", "sales", "plant")
ALLOW_SHAPES = ("always", "tenant", "amount", "level", "region", "path", "amount tenant")
FORBID_SHAPES = ("risk", "level above")


@dataclass(frozen=True)
class Rule:
    """One rule in terms that each language has.

    Exactly one of `agent` and `team` names who it is about, or neither for everybody; `intent` and
    `capability` are None for all. `shape` says what the condition is, over `number` or `words`.
    """

    permits: bool
    id: str
    agent: str | None
    team: str | None
    intent: str | None
    capability: tuple[str, str] | None
    shape: str
    number: int = 0
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workload:
    """Rules, requests about them, and the vocabulary that both are in."""

    rules: tuple[Rule, ...]
    requests: tuple[dict[str, Any], ...]

    @property
    def files(self) -> dict[str, str]:
        """The policy in AGP, by file name."""
        found = list(statements(self.rules))
        return {
            "vocabulary.agp": vocabulary_text(),
            **{
                f"rules_{at // FILE:03}.agp": "\n".join(["package bench\n", *found[at : at + FILE]])
                for at in range(0, len(found), FILE)
            },
        }


def workload(rules: int, requests: int = 200, seed: int = 1) -> Workload:
    """Draw a workload; its first two rules are the forbids that are about every request."""
    draw = random.Random(seed)
    drawn = [
        Rule(False, "bench.everywhere_risk", None, None, None, None, "risk", 95),
        Rule(False, "bench.everywhere_network", None, None, None, None, "network"),
    ]
    while len(drawn) < rules:
        drawn.extend(draw_group(draw, len(drawn), rules - len(drawn)))
    found = tuple(drawn)
    return Workload(found, tuple(draw_request(draw, found) for _ in range(requests)))


# --- Drawing --------------------------------------------------------------------------------------


def agent_name(number: int) -> str:
    return f"bot_{number:03}"


def team_of(agent: str) -> str:
    return f"team_{int(agent[-3:]) // AGENTS_IN_A_TEAM:02}"


def spiffe_id(agent: str) -> str:
    return f"spiffe://acme.example/ns/{team_of(agent)}/sa/{agent}"


def draw_group(draw: random.Random, number: int, most: int) -> Iterator[Rule]:
    """One forbid, or the allows of one grant."""
    agent: str | None = agent_name(draw.randrange(TEAMS * AGENTS_IN_A_TEAM))
    team = None
    if draw.random() < 0.2:
        agent, team = None, team_of(agent or "")
    intent = f"intent_{draw.randrange(INTENTS):02}"
    if draw.random() < 0.1:
        shape = draw.choice(FORBID_SHAPES)
        yield Rule(
            False, f"bench.f{number}", agent, team, intent, draw_capability(draw), shape,
            draw.randrange(20, 95) if shape == "risk" else draw.randrange(3),
        )  # fmt: skip
        return
    for place in range(min(most, draw.randint(1, GRANT))):
        shape = draw.choice(ALLOW_SHAPES)
        words = {
            "region": tuple(draw.sample(REGIONS, 2)),
            "path": (f"/data/{draw.choice(AREAS)}/",),
        }
        yield Rule(
            True, f"bench.g{number}.r{number + place}", agent, team, intent, draw_capability(draw),
            shape, draw.randrange(4) if shape == "level" else draw.randrange(1, 100) * 100,
            words.get(shape, ()),
        )  # fmt: skip


def draw_capability(draw: random.Random) -> tuple[str, str]:
    return f"tool_{draw.randrange(TOOLS):02}", f"act_{draw.randrange(ACTIONS)}"


def draw_request(draw: random.Random, rules: tuple[Rule, ...]) -> dict[str, Any]:
    """A whole request; four out of five are about one of the allows, if there is one."""
    agent = agent_name(draw.randrange(TEAMS * AGENTS_IN_A_TEAM))
    intent = f"intent_{draw.randrange(INTENTS):02}"
    tool, action = draw_capability(draw)
    allows = [rule for rule in rules[:: max(1, len(rules) // 500)] if rule.permits]
    if allows and draw.random() < 0.8:
        rule = draw.choice(allows)
        number = int((rule.team or "team_00")[-2:]) * AGENTS_IN_A_TEAM
        agent = rule.agent or agent_name(number + draw.randrange(AGENTS_IN_A_TEAM))
        intent, (tool, action) = rule.intent or intent, rule.capability or (tool, action)
    tenant = f"t{draw.randrange(3)}"
    return {
        "subject": {
            "type": "agent",
            "id": spiffe_id(agent),
            "properties": {"tenant": tenant if draw.random() < 0.8 else "t0"},
        },
        "action": {
            "name": action,
            "properties": {
                "amount": draw.randrange(1, 8_000),
                "currency": "EUR" if draw.random() < 0.8 else draw.choice(CURRENCIES),
                "path": f"/data/{draw.choice(AREAS)}/{draw.randrange(1000)}.csv",
            },
        },
        "resource": {
            "type": f"bench.{tool}",
            "id": f"r{draw.randrange(100)}",
            "properties": {"tenant": tenant, "sensitivity": draw.choice(LEVELS)},
        },
        "context": {
            "time": "2026-11-24T10:00:00Z",
            "risk": draw.randrange(100),
            "region": draw.choice(REGIONS),
            "source_ip": "10.1.2.3" if draw.random() < 0.95 else "192.0.2.7",
            "task": {"id": "t-17", "intent": f"bench.{intent}", "state": "active"},
        },
    }


# --- AGP ------------------------------------------------------------------------------------------


def vocabulary_text() -> str:
    """Everything that the rules name."""
    lines = ["package bench", 'owner "platform" contact "oncall@acme.example"', ""]
    for number in range(TEAMS * AGENTS_IN_A_TEAM):
        name = agent_name(number)
        lines.append(f'agent {name} = "{spiffe_id(name)}" {{ tenant: string }}')
    for number in range(TEAMS):
        name = f"team_{number:02}"
        lines.append(f'agents {name} = "spiffe://acme.example/ns/{name}/sa/*" {{ tenant: string }}')
    lines += [f'intent intent_{number:02} "Purpose {number}"' for number in range(INTENTS)]
    lines += [
        f"level sensitivity = {' < '.join(LEVELS)}",
        f"enum currency = {', '.join(CURRENCIES)}",
    ]
    for number in range(TOOLS):
        lines += [f"tool tool_{number:02} {{", "    tenant: string", "    sensitivity: sensitivity"]
        lines += [
            f"    action act_{action}(amount: int, currency: currency, path: string)"
            for action in range(ACTIONS)
        ]
        lines.append("}")
    lines.append("context { risk: int, region: string, source_ip: ip }")
    return "\n".join(lines) + "\n"


def statements(rules: tuple[Rule, ...]) -> Iterator[str]:
    """The rules as AGP; allows of one grant stand together."""
    at = 0
    while at < len(rules):
        rule = rules[at]
        name = rule.id.split(".")[1]
        who = [f"    to  {rule.agent or rule.team}"] if rule.agent or rule.team else []
        why = [f"    for {rule.intent}"] if rule.intent else []
        if not rule.permits:
            deny = ".".join(rule.capability) if rule.capability else "any"
            yield "\n".join(
                [f"forbid {name} {{", *who, *why, f"    deny {deny}", f"    when {condition(rule)}",
                 '    because "Too much at once."', "}\n"]
            )  # fmt: skip
            at += 1
            continue
        lines = [f"grant {name} {{", *who, *why]
        while at < len(rules) and rules[at].id.startswith(f"bench.{name}."):
            each = rules[at]
            assert each.capability is not None
            lines.append(f"    allow {'.'.join(each.capability)} as {each.id.split('.')[2]}")
            if each.shape != "always":
                lines.append(f"        when {condition(each)}")
            at += 1
        lines += ["    credential ttl 15m renew 3", "    audit full", "}\n"]
        yield "\n".join(lines)


def condition(rule: Rule) -> str:
    """A rule's condition as AGP."""
    match rule.shape:
        case "tenant":
            return "agent.tenant == resource.tenant"
        case "amount":
            return f"args.currency == EUR and args.amount <= {rule.number}"
        case "amount tenant":
            return f"agent.tenant == resource.tenant and args.amount <= {rule.number}"
        case "level":
            return f"resource.sensitivity <= {LEVELS[rule.number]}"
        case "level above":
            return f"resource.sensitivity > {LEVELS[rule.number]}"
        case "region":
            return "context.region in [{}]".format(", ".join(f'"{word}"' for word in rule.words))
        case "path":
            return f'args.path like "{rule.words[0]}*"'
        case "risk":
            return f"context.risk > {rule.number}"
        case "network":
            return 'not context.source_ip within "10.0.0.0/8"'
    raise ValueError(rule.shape)
