"""Calls that several agents, or one agent under several intents, may make

## What it means
Two grants let different agents, or one agent for different intents, make one and the same call: the same
action on the same resource, with the same arguments. That may be on purpose; but then a compromise of one
agent is as good as one of the other, and the logs of the resource do not tell which grant was meant.

It is said once of a resource, of the agents that are linked by such pairs, each with the calls that it has
in common with another; the witness is such a pair. Agents or intents that one grant names together share
on purpose, and are not reported.

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

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from math import prod
from typing import TypeVar

from ....ir import nodes as ir
from ....ir.walk import attributes
from ....records import dataclass, field
from ....report.diagnostics import Diagnostic, Label
from ...grants import grant_of
from ...inquiry import Inquiry
from ...procedure.calls.scope import Scope, bits, lowest
from ...procedure.cubes.costs import cost_of
from ...procedure.cubes.cube import Cube, conjunction
from ...procedure.proofs.shared import loosened, surely_shared
from ...procedure.questions.condition_parts import conjuncts
from ...procedure.questions.pairs import Pair, find_pair, side_of
from ...procedure.verdict import Undetermined
from ...wording import agent_in_words, listed, shown, witness_note

SHARED = ("resource", "args")
MOST_CUBES = 64  # of an allow, to be tried with all those of another
MOST = 3  # pairs that are written out

T = TypeVar("T")


@dataclass(slots=True)
class Group:
    """Agents that are linked, one through another, as bits."""

    agents: int


ALONE = Group(0)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two allows that permit the same call of a capability: to whom and for what, as bits."""

    capability: int
    one: ir.Allow
    other: ir.Allow
    left: Scope
    right: Scope


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report, for each resource, the agents that are linked by calls that they share."""
    search = Sharing(inquiry)
    for resource in inquiry.policy.resources:
        names = inquiry.policy.actions_by_resource[resource.name]
        here = list(bits(inquiry.world.names.capabilities_of(names)))
        yield from _between_agents(search, resource, here)
        yield from _between_intents(search, resource, here)
        search.doubt(resource)


@dataclass(slots=True)
class Sharing:
    """Whether two allows share a call; quick proofs first."""

    inquiry: Inquiry
    asked: int = 0
    searched: int = 0
    open: list[tuple[Meeting, str]] = field(default_factory=list)
    """Pairs of which it could not be told whether they share a call, and why."""
    _loose: dict[str, list[Cube]] = field(default_factory=dict)
    _grants: dict[str, str] = field(default_factory=dict)
    _packages: set[str] = field(init=False)

    def __post_init__(self) -> None:
        """Collect the names of packages, which tell what a grant is called."""
        self._packages = {each.name for each in self.inquiry.policy.packages}

    def grant(self, allow: ir.Allow) -> str:
        """The grant that an allow stands in."""
        if allow.id not in self._grants:
            self._grants[allow.id] = grant_of(allow.id, self._packages)
        return self._grants[allow.id]

    def later(self, capability: int, number: int) -> Iterator[int]:
        """The places of the allows after the first `number` that may share a call with the last of them.

        Most pairs are seen to be apart by what they ask of the resource and the arguments.
        """
        world = self.inquiry.world
        one = world.near.allows_at(capability)[number - 1]
        return (number + at for at in bits(world.near.may_share(capability, one, SHARED) >> number))

    def share(self, meeting: Meeting) -> bool:
        """Whether there is such a pair; False, and noted, if it is undetermined."""
        self.asked += 1
        unseen = self.inquiry.world.universe.unseen
        if unseen and meeting.left.agents == meeting.right.agents == unseen:
            self.open.append((meeting, "agents of several families match in many ways"))
            return False
        return bool(self._ask("whether they share", meeting, self._share))

    def shown(self, meeting: Meeting) -> Pair | None:
        """Two requests to show; None, and noted, if it is undetermined whether there are any."""
        return self._ask("a pair", meeting, self.pair)

    def _ask(self, wanted: str, meeting: Meeting, answer: Callable[[Meeting], T]) -> T | None:
        key = (wanted, id(meeting.other), meeting.left, meeting.right)

        def attempt() -> T | Undetermined:
            try:
                return answer(meeting)
            except Undetermined as undetermined:
                return undetermined

        found = self.inquiry.keep(key, (meeting.one, meeting.other), attempt)
        if not isinstance(found, Undetermined):
            return found
        self.open.append((meeting, str(found)))
        return None

    def doubt(self, resource: ir.Resource) -> None:
        """Note once of a resource that pairs of allows are open, if some are."""
        if not self.open:
            return
        (meeting, reason), *rest = self.open
        self.open = []
        more = (f"and {len(rest)} more pairs of allows",) if rest else ()
        self.inquiry.doubts.append(
            Diagnostic(
                "AGP2999",
                f"could not tell whether `{meeting.one.id}` and `{meeting.other.id}` share a call",
                (Label(meeting.one.span), Label(meeting.other.span), Label(resource.span)),
                notes=(f"the procedure hit a limit: {reason}", *more),
            )
        )

    def _share(self, meeting: Meeting) -> bool:
        effort = self.inquiry.world.effort
        effort.begin()
        left, right = self.loose(meeting.one), self.loose(meeting.other)
        effort.spend(1 + len(left) * len(right) + sum(map(cost_of, (*left, *right))))
        if surely_shared(left, right, SHARED):
            return True
        self.searched += 1
        return self.pair(meeting) is not None

    def loose(self, allow: ir.Allow) -> list[Cube]:
        """The cubes of what an allow permits and no forbid denies, for quick proofs; none if many."""
        if allow.id not in self._loose:
            world = self.inquiry.world
            parts = [
                world.rules.permits(allow),
                *map(world.rules.spares, world.near.forbids(allow)),
            ]
            is_quick = prod(map(len, parts)) <= MOST_CUBES
            self._loose[allow.id] = loosened(conjunction(parts), SHARED) if is_quick else []
        return self._loose[allow.id]

    def pair(self, meeting: Meeting) -> Pair | None:
        """Two requests that are both permitted and make the same call. Raises `Undetermined`."""
        world = self.inquiry.world
        return find_pair(
            world,
            side_of(world, meeting.one, meeting.left),
            side_of(world, meeting.other, meeting.right),
            SHARED,
        )


# --- between agents ---


def _between_agents(
    search: Sharing, resource: ir.Resource, capabilities: list[int]
) -> Iterator[Diagnostic]:
    world = search.inquiry.world
    linked: dict[int, Group] = {}  # by an agent's number
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


def _link(linked: dict[int, Group], one: int, other: int) -> None:
    """Make one group of those of two agents; the smaller one joins the larger."""
    groups = [linked.setdefault(number, Group(1 << number)) for number in (one, other)]
    joining, joined = sorted(groups, key=lambda each: each.agents.bit_count())
    joined.agents |= joining.agents
    linked |= dict.fromkeys(bits(joining.agents), joined)


def _meetings(search: Sharing, capability: int, linked: dict[int, Group]) -> Iterator[Meeting]:
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
                    yield Meeting(
                        capability,
                        one,
                        other,
                        Scope(1 << agent, mine.intents, 1 << capability),
                        Scope(1 << partner, theirs.intents, 1 << capability),
                    )


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
        apart = lru_cache(maxsize=None)(partial(_intents_apart, scopes))
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
    scopes: Sequence[Scope], agent: int, mine: int, theirs: int
) -> tuple[int, int] | None:
    """Two intents, one of each allow, that no grant to the agent names together, as bits."""
    for intent in bits(mine):
        apart = theirs & ~(1 << intent)
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
