"""The look-up tables that a bundle carries as data (`data.agpc.index`).

A request finds its rules by capability, then agent, then intent. Each rule stands under the names
that it is written with, so that the tables grow with the text of the policy and not with what
`any`, a family or a wildcard stand for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...compiler import ir
from . import text
from .vocabulary import Vocabulary

_SEGMENT = r"(?:[A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*"  # not . or ..


def index(policy: ir.Policy, vocabulary: Vocabulary) -> dict[str, Any]:
    """Make the tables, as JSON data."""
    ids, patterns = _names_by_identity(policy)
    prefixes = _by_prefix(patterns)
    owners = {each.name: each.owner for each in policy.packages}
    return {
        "agents": ids,
        "allows": _by_call(policy.allows),
        "capabilities": {
            each.name: {action.name: f"{each.name}.{action.name}" for action in each.actions}
            for each in policy.resources
        },
        "forbids": _by_call(policy.forbids),
        "has_user": policy.user is not None,
        "intents": {each.name: True for each in policy.intents},
        "members": _members(policy),
        "networks": vocabulary.networks,
        "owners": {
            each.name: owner_data(owners.get(each.name.rpartition(".")[0]))
            for each in policy.resources
        },
        "pattern_depths": sorted({prefix.count("/") + 1 for prefix in prefixes}),
        "patterns": prefixes,
    }


def owner_data(owner: ir.Owner | None) -> dict[str, str] | None:
    """Give an owner as JSON data."""
    return None if owner is None else {"name": owner.name, "contact": owner.contact}


def segments_regex(segments: Sequence[str]) -> str:
    r"""Write the end of a SPIFFE pattern, from its first wildcard on, as a regular expression.

    Many patterns share one, and OPA keeps no more than a hundred compiled.

    >>> segments_regex(["x.y"]), segments_regex([])
    ('^x\\.y$', '^$')
    """
    if not segments:
        return "^$"
    *leading, last = segments
    parts = [_SEGMENT if each == "*" else text.regex(each) for each in leading]
    if last == "**":
        parts.append(f"{_SEGMENT}(?:/{_SEGMENT})*")
    else:
        parts.append(_SEGMENT if last == "*" else text.regex(last))
    return f"^{'/'.join(parts)}$"


def _members(policy: ir.Policy) -> dict[str, dict[str, Any]]:
    levels = {each.name for each in policy.levels}
    return {
        name: {member: rank if name in levels else member for rank, member in enumerate(members)}
        for name, members in policy.members_of.items()
    }


def _names_by_identity(policy: ir.Policy) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    ids: dict[str, list[str]] = {}
    patterns: dict[str, list[str]] = {}
    for name, (own_ids, own_patterns) in sorted(policy.identities.items()):
        for identity in own_ids:
            ids.setdefault(identity, []).append(name)
        for pattern in own_patterns:
            patterns.setdefault(pattern, []).append(name)
    return ids, patterns


def _by_prefix(patterns: dict[str, list[str]]) -> dict[str, list[dict[str, Any]]]:
    """Group patterns by their segments before the first wildcard."""
    found: dict[str, list[dict[str, Any]]] = {}
    for pattern, names in sorted(patterns.items()):
        segments = pattern.split("/")
        wild = next((at for at, each in enumerate(segments) if each in ("*", "**")), len(segments))
        entry = {"names": names, "pattern": pattern, "rest": segments_regex(segments[wild:])}
        found.setdefault("/".join(segments[:wild]), []).append(entry)
    return found


def _by_call(rules: Iterable[ir.Rule]) -> dict[str, dict[str, dict[str, list[str]]]]:
    """List rules under each capability, agent and intent that they are written with."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for rule in rules:
        every = "any" if isinstance(rule, ir.Forbid) else "declared"
        for capability in rule.capabilities:
            for agent in (every,) if rule.agents is None else rule.agents:
                for intent in (every,) if rule.intents is None else rule.intents:
                    by_intent = found.setdefault(capability, {}).setdefault(agent, {})
                    by_intent.setdefault(intent, []).append(rule.id)
    return found
