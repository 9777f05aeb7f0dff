"""Calls that several agents, or one agent under several intents, may make

## What it means
Two grants let different agents, or one agent for different intents, make one and the same call: the same
action on the same resource, with the same arguments. That may be on purpose; but then a compromise of one
agent is as good as one of the other, and the logs of the resource do not tell which grant was meant.

It is said once of a resource, of the agents that are linked by such pairs, each with the calls that it has
in common with another; the witness is such a pair. Agents or intents that one grant names together share
on purpose, and so do those of which a `delegate` hands tasks on to the other: they are not reported.

## Example
```agp
language 2
package finance
agent payer = "spiffe://acme.example/payer"
agent closer = "spiffe://acme.example/closer"
intent pay "Pay"
intent close "Close the books"
tool ledger { action post(amount: number) } # AGP3201

grant payments {
    to payer
    for pay
    allow ledger.post
        when args.amount <= 500
}

grant corrections {
    to closer
    for close
    allow ledger.post
        when args.amount >= 100
}
```

## What to do
Tell the calls apart, or share on purpose in one grant:

```agp
language 2
package finance
agent payer = "spiffe://acme.example/payer"
agent closer = "spiffe://acme.example/closer"
intent pay "Pay"
intent close "Close the books"
tool ledger { action post(amount: number, correction: bool) }

grant payments {
    to payer
    for pay
    allow ledger.post
        when args.amount <= 500 and not args.correction
}

grant corrections {
    to closer
    for close
    allow ledger.post
        when args.amount >= 100 and args.correction
}
```

## How to silence it
`# agpc: allow AGP3201 -- REASON` on the line of the resource or above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

from ....ir import nodes as ir
from ....ir.walk import attributes
from ....report.diagnostics import Diagnostic, Label
from ....structs import Struct
from ...handed_on import HandedOn
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.condition_parts import conjuncts
from ...procedure.calls.scope import Scope, bits, lowest
from ...wording import agent_in_words, listed, shown, witness_note
from .sharing import SHARED, Meeting, Sharing

MOST = 3  # pairs that are written out


class LinkedAgents(Struct, frozen=False):
    """Agents that are linked, one through another, as bits."""

    agents: int


ALONE = LinkedAgents(0)


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report, for each resource, the agents that are linked by calls that they share."""
    search = Sharing(inquiry)
    for resource in inquiry.policy.resources:
        names = inquiry.policy.actions_by_resource[resource.name]
        here = list(bits(inquiry.world.names.capabilities_of(names)))
        yield from _between_agents(search, resource, here)
        yield from _between_intents(search, resource, here)
        search.doubt(resource)


# --- between agents ---


def _between_agents(
    search: Sharing, resource: ir.Resource, capabilities: list[int]
) -> Iterator[Diagnostic]:
    world = search.inquiry.world
    linked: dict[int, LinkedAgents] = {}  # by an agent's number
    meetings: list[Meeting] = []
    for capability in capabilities:
        for meeting in _meetings(search, capability, linked):
            one, other = (lowest(each.agents) for each in (meeting.left, meeting.right))
            if linked.get(one, ALONE).agents >> other & 1 or not search.share(meeting):
                continue
            meetings.append(meeting)
            _link(linked, *sorted((one, other)))
    for group in dict.fromkeys(each.agents for each in linked.values()):
        members = [each for each in meetings if each.left.agents & group]
        names = [
            agent_in_words(world.policy, world.universe.agents[number]) for number in bits(group)
        ]
        yield _describe(search, resource, members, f"{listed(names)} may make the same calls")


def _link(linked: dict[int, LinkedAgents], one: int, other: int) -> None:
    """Make one group of those of two agents; the smaller one joins the larger."""
    groups = [linked.setdefault(number, LinkedAgents(1 << number)) for number in (one, other)]
    joining, joined = sorted(groups, key=lambda each: each.agents.bit_count())
    joined.agents |= joining.agents
    linked |= dict.fromkeys(bits(joining.agents), joined)


def _meetings(
    search: Sharing, capability: int, linked: dict[int, LinkedAgents]
) -> Iterator[Meeting]:
    """Two allows of a capability at a time, for agents that share nothing on purpose."""
    world = search.inquiry.world
    allows = [(each, world.rules.seen_scope(each)) for each in world.near.allows_at(capability)]
    together: dict[int, int] = {}
    everyone = 0  # who is unseen shares no more than an agent of each of its families does
    for _, scope in allows:
        everyone |= scope.agents
        for agent in bits(scope.agents):
            together[agent] = together.get(agent, 0) | scope.agents
    for number, (one, mine) in enumerate(allows, start=1):
        apart = 0
        for agent in bits(mine.agents):
            apart |= everyone & ~together[agent] & ~linked.get(agent, ALONE).agents
        for at in search.later(capability, number) if apart else ():
            other, theirs = allows[at]
            if not theirs.agents & apart or search.grant(one) == search.grant(other):
                continue
            for agent in bits(mine.agents):
                strangers = theirs.agents & ~together[agent]
                for partner in bits(strangers & ~linked.get(agent, ALONE).agents):
                    left, right = (
                        Scope(1 << each, scope.intents, 1 << capability)
                        for each, scope in ((agent, mine), (partner, theirs))
                    )
                    for sides in search.handed_on.apart(left, right):
                        yield Meeting(capability, one, other, *sides)


# --- between intents of one agent ---


def _between_intents(
    search: Sharing, resource: ir.Resource, capabilities: list[int]
) -> Iterator[Diagnostic]:
    world = search.inquiry.world
    found: dict[int, Meeting] = {}
    done = 0  # the bits of these agents
    for capability in capabilities:
        allows = [(each, world.rules.scope(each)) for each in world.near.allows_at(capability)]
        scopes = list(dict.fromkeys(scope for _, scope in allows))
        if len({scope.intents for scope in scopes}) < 2:
            continue
        apart = lru_cache(maxsize=None)(partial(_intents_apart, scopes, search.handed_on))
        for number, (one, mine) in enumerate(allows, start=1):
            for at in search.later(capability, number) if mine.agents & ~done else ():
                other, theirs = allows[at]
                agents = mine.agents & theirs.agents & ~done
                if not agents or mine.intents == theirs.intents:
                    continue  # of one grant, or of two that name these intents together
                if search.grant(one) == search.grant(other):
                    continue
                for agent in bits(agents):
                    intents = (
                        (mine.intents, theirs.intents)
                        if 1 << agent == world.universe.unseen
                        else apart(agent, mine.intents, theirs.intents)
                    )
                    if intents is None:
                        continue
                    left, right = (Scope(1 << agent, each, 1 << capability) for each in intents)
                    meeting = Meeting(capability, one, other, left, right)
                    if search.share(meeting):
                        found[agent] = meeting
                        done |= 1 << agent
    if found:
        names = [
            agent_in_words(world.policy, world.universe.agents[number]) for number in sorted(found)
        ]
        yield _describe(
            search,
            resource,
            list(found.values()),
            f"{listed(names)} may make the same calls for more than one intent",
        )


def _intents_apart(
    scopes: Sequence[Scope], handed_on: HandedOn, agent: int, mine: int, theirs: int
) -> tuple[int, int] | None:
    """Two intents, one of each allow, that no grant to the agent names together and no chain has, as bits."""
    for intent in bits(mine):
        one, other = (
            Scope(1 << agent, each, -1) for each in (1 << intent, theirs & ~(1 << intent))
        )
        apart = sum(right.intents for _, right in handed_on.apart(one, other))
        for scope in scopes:
            if scope.agents >> agent & 1 and scope.intents >> intent & 1:
                apart &= ~scope.intents
        if apart:
            return 1 << intent, apart & -apart
    return None


# --- in words ---


def _describe(
    search: Sharing, resource: ir.Resource, meetings: list[Meeting], what: str
) -> Diagnostic:
    allows = dict.fromkeys(
        (each.id, each) for meeting in meetings[:MOST] for each in (meeting.one, meeting.other)
    )
    notes = [_region(search, meeting) for meeting in meetings[:MOST]]
    if len(meetings) > MOST:
        notes.append(f"and {len(meetings) - MOST} more pairs of grants")
    pair = search.shown(meetings[0])
    if pair is not None:
        notes += map(witness_note, pair)
    return Diagnostic(
        "AGP3201",
        f"{what} on the same `{resource.name}`",
        (Label(resource.span), *(Label(each.span, "permitted here") for _, each in allows)),
        "tell the calls apart by a condition, or name them together in one grant",
        tuple(notes),
    )


def _region(search: Sharing, meeting: Meeting) -> str:
    """What two allows have in common: the calls, as far as conditions on them say."""
    world = search.inquiry.world
    parts = [
        part
        for allow in (meeting.one, meeting.other)
        for part in conjuncts(allow.condition)
        if all(each.root in SHARED for each, _ in attributes(part))
    ]
    kept = list(dict.fromkeys(parts))
    where = f" when {shown(_joined(kept))}" if kept else ""
    return (
        f"`{meeting.one.id}` and `{meeting.other.id}` have in common "
        f"`{world.universe.capabilities[meeting.capability]}`{where}"
    )


def _joined(parts: list[ir.Condition]) -> ir.Condition:
    return parts[0] if len(parts) == 1 else ir.And(tuple(parts))
