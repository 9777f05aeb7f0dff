"""First starts in a diff: whose tasks a starter may start under one policy and not under the other.

The decisions that a diff compares are of calls in tasks, and a first start is in none: requests for it are tried. What
that leaves open, where a forbid or the fields of a task changed, is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...ir import nodes as ir
from ...structs import Struct
from ..first_starts import first_starts
from ..procedure.rules.twins import BESIDE, fields_beside
from ..wording import listed
from .joint.sides import SIDES, Joined, Side

OPEN = "a first start is in no task, and the requests that were tried do not tell"


class ChangedStart(Struct):
    """A start that an agent may be asked for under one of the policies: requests that may show it, and what is open."""

    capability: str
    agent: str
    requests: dict[Side, dict[str, Any]]
    is_open: bool


def changed_starts(joined: Joined, agents: Iterable[str]) -> Iterator[ChangedStart]:
    """The first starts that may be answered otherwise, of each of some agents."""
    policies: dict[Side, ir.Policy] = {"base": joined.base, "head": joined.head}
    for capability in sorted({*joined.base.starts, *joined.head.starts}):
        if _says(joined.base, capability) == _says(joined.head, capability):
            continue
        alike = _asked(joined.base, capability) == _asked(joined.head, capability)
        for agent in agents:
            told = {
                side: each.found
                for side in SIDES
                for each in first_starts(policies[side], (capability,), (agent,))
            }
            if not told or (len(told) == len(SIDES) and alike):
                continue
            requests: dict[Side, dict[str, Any]] = {
                side: found for side, found in told.items() if isinstance(found, dict)
            }
            open_ = [found for found in told.values() if found != "never"]
            if len(told) < len(SIDES):  # the other policy starts nothing for this agent
                open_ = [found for found in open_ if found == "open"]
            yield ChangedStart(capability, agent, requests, bool(open_))


def strangers_now(joined: Joined) -> str | None:
    """Say who was an agent and is none now: so it may be a starter, where there are starts in both policies."""
    if not joined.base.starts or not joined.head.starts:
        return None
    gone = sorted(_identities(joined.base) - _identities(joined.head))
    if not gone:
        return None
    named = listed([f"`{each}`" for each in gone])
    return f"{named} stand{'s' * (len(gone) == 1)} for no agent now, and may ask for first starts"


def _identities(policy: ir.Policy) -> set[str]:
    ids, patterns = policy.identify(ir.DECLARED)
    return {*ids, *patterns}


def _says(policy: ir.Policy, capability: str) -> object:
    """All that decides first starts, whatever it is called."""
    return _agents(policy, capability), _asked(policy, capability)


def _agents(policy: ir.Policy, capability: str) -> frozenset[str]:
    """Who may be started: SPIFFE IDs and patterns, which say the same in both."""
    rule = policy.starts.get(capability)
    if rule is None or not rule.agents:
        return frozenset()
    ids, patterns = policy.identify(rule.agents)
    return frozenset((*ids, *patterns))


def _asked(policy: ir.Policy, capability: str) -> object:
    """What a request is asked: the fields, and the forbids that it may meet, with what their words stand for."""
    action = policy.declared_actions.get(capability)
    forbids = tuple(
        (
            None if each.agents is ir.ANYONE else policy.identify(each.agents),
            fields_beside(each, BESIDE | {"agents", "intents", "capabilities"}),
        )
        for each in policy.forbids
        if each.intents is ir.ANYONE and capability in policy.expand(each.capabilities)
    )
    types = (policy.levels, policy.enums) if forbids else ()
    fields = None if action is None else action.parameters
    return fields, sorted(map(repr, forbids)), types
