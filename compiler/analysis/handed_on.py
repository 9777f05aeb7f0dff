"""Who shares calls on purpose since tasks are handed on: a call of a chain is one of all its agents."""

from __future__ import annotations

from collections.abc import Iterator

from ..structs import changed
from .chains import side
from .procedure.calls.scope import Scope, bits
from .procedure.world import World


class HandedOn:
    """Which agents are in one chain, for which intents: the one above the other, at whatever distance."""

    def __init__(self, world: World) -> None:
        """Follow the delegations of a policy as far as they go."""
        links = [
            (
                side(world, each.delegator, each.intent),
                side(world, each.delegate, each.delegate_intent),
            )
            for each in world.policy.delegations
        ]
        found = list(dict.fromkeys(links))
        for above, below in found:  # which grows until each pair was followed
            for again, last in links:
                if below.meets(again) and (above, last) not in found:
                    found.append((above, last))
        self._pairs = [*found, *((below, above) for above, below in found)]

    def apart(self, one: Scope, other: Scope) -> Iterator[tuple[Scope, Scope]]:
        """What is left of two scopes, of one agent each, in which no chain has both."""
        near = [
            (mine.intents, theirs.intents)
            for mine, theirs in self._pairs
            if mine.meets(one) and theirs.meets(other)
        ]
        if not near:
            yield one, other
            return
        for intent in bits(one.intents):
            left = other.intents
            for mine, theirs in near:
                if mine >> intent & 1:
                    left &= ~theirs
            if left:
                yield changed(one, intents=1 << intent), changed(other, intents=left)
