"""Who can call a capability, in brief, within a time that an author waits for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from time import monotonic

from ....compiler.analysis.access import Access, Answer, Way
from ....compiler.analysis.delegated import delegated
from ....compiler.analysis.procedure.calls.scope import Scope, bits
from ....compiler.analysis.procedure.verdict import Undetermined
from ....compiler.analysis.procedure.world import World
from ....compiler.ir import nodes as ir
from ....compiler.structs import Struct
from ....compiler.telling.access import after, alike, clauses, who
from ....compiler.text.counted import counted
from ...markup import Block, Code, Item, Items, Line, Piece, Strong, codes, item, said
from .rules import short

WAIT = 0.4
"""Seconds that a hover may take to find out."""
MOST_AGENTS, MOST_WAYS = 6, 2


class WhoCan(Struct):
    """What was found out of a capability. `limit` is the time after which nothing more was asked, where it was hit."""

    answers: tuple[Answer, ...]
    limit: float | None


class KeptAnswers:
    """The answers about one policy, kept as long as it is the last one that somebody asks about."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._world: World | None = None
        self._known: dict[str, WhoCan] = {}
        self._lock = threading.Lock()

    def who_can(self, policy: ir.Policy, capability: str, wait: float = WAIT) -> WhoCan:
        """The answer about a capability; one that hit its limit is asked for again.

        The next question finds ready what this one has made, so it comes farther in its time.
        """
        until = monotonic() + wait
        with self._lock:
            if self._world is None or self._world.policy is not policy:
                self._world, self._known = World(policy), {}
            found = self._known.get(capability)
            if found is None or found.limit is not None:
                found = self._known[capability] = ask(self._world, capability, wait, until)
        return found


def ask(world: World, capability: str, wait: float, until: float) -> WhoCan:
    """Find out who can, an agent at a time, until then."""
    world.effort.renew(until)
    access = Access(world, shown=False)
    found: list[Answer] = []
    try:
        number = world.names.capabilities_of((capability,))
        intents = world.names.intents_of(ir.DECLARED)
        for agent in bits(world.names.agents_of()):
            if monotonic() > until:
                return WhoCan(tuple(found), wait)
            found += access.answers(Scope(1 << agent, intents, number))
        if world.policy.delegations:
            found += delegated(access, Scope(world.names.agents_of(), intents, number))
    except Undetermined:
        return WhoCan(tuple(found), wait)
    return WhoCan(tuple(found), wait if monotonic() > until else None)


def about_access(policy: ir.Policy, found: WhoCan, package: str) -> Iterator[Block]:
    """Which agents can, for which intents, and what it takes."""
    groups = [same for same in alike(found.answers) if same[0].how != "never"]
    if groups:
        yield said(Strong("Who can"))
        shown = [
            item(*_head(policy, same, package), below=_ways(same[0], package))
            for same in groups[:MOST_AGENTS]
        ]
        if len(groups) > MOST_AGENTS:
            shown.append(item(f"and {len(groups) - MOST_AGENTS} more"))
        yield Items(tuple(shown))
    elif found.limit is None:
        yield said(Strong("Nobody can"), ": no allow that nothing overrides names it.")
    if found.limit is not None:
        yield said(
            f"That is not all: after {found.limit:g} s nothing more was asked. ",
            Code("agpc who-can"),
            " has no such limit.",
        )


def _head(policy: ir.Policy, same: list[Answer], package: str) -> Line:
    one = same[0]
    acting: Line = (" after ", Code(after(policy, one.chain))) if one.chain else ()
    intents = codes((short(each.intent, package) for each in same), 4)
    return (
        Code(short(who(policy, one.agent), package)),
        " for ",
        *intents,
        *acting,
        ": ",
        Strong(one.how),
    )


def _ways(answer: Answer, package: str) -> Iterator[Item]:
    for way in answer.ways[:MOST_WAYS]:
        yield item(*_way(way, package))
    if len(answer.ways) > MOST_WAYS:
        yield item(f"and {counted(len(answer.ways) - MOST_WAYS, 'more way')}")
    for doubt in answer.doubts[:1]:
        yield item("open is whether by ", Code(short(doubt.allow.id, package)))


def _way(way: Way, package: str) -> Line:
    pieces: list[Piece] = ["by ", Code(short(way.allow.id, package))]
    for each in clauses(way):
        pieces += [" ", Code(str(each))]
    if way.forbids:
        pieces += [
            ", unless forbidden by ",
            *codes((short(each.id, package) for each in way.forbids), 3),
        ]
    return tuple(pieces)
