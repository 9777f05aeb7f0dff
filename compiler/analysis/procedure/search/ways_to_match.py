"""Which calls to try: one for each way in which what must be avoided can match the agent and the intent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from ....structs import Struct
from ..calls.agents_of_families import MAX_SHAPES
from ..calls.names import CallNames
from ..calls.scope import Scope, bits, lowest
from ..effort import BLOCKS_A_STEP, Effort
from ..verdict import Undetermined, Unseen
from .avoid import Avoid

MAX_BLOCKS = 10_000
Block: TypeAlias = "tuple[int, int, list[Avoid]]"
"""Agents and intents, as bits, and what of that which must be avoided can match them."""


def split(block: Block, named: Scope, avoids: Sequence[Avoid]) -> Iterator[Block]:
    """Cut a block of agents and intents into what a scope matches and what it does not."""
    agents, intents, relevant = block
    inside = (agents & named.agents, intents & named.intents)
    if not inside[0] or not inside[1]:
        yield block
        return
    yield (*inside, [*relevant, *avoids])
    if agents & ~named.agents:
        yield (agents & ~named.agents, intents, relevant)
    if intents & ~named.intents:
        yield (inside[0], intents & ~named.intents, relevant)


class WaysToMatch(Struct):
    """The ways in which some things that must be avoided can match the calls of a scope."""

    names: CallNames
    effort: Effort
    scope: Scope
    avoid: Sequence[Avoid]
    every_agent: bool
    """Whether agents differ beyond what rules name."""

    def calls(self) -> Iterator[tuple[str, str, str | None, list[Avoid]]]:
        """One call for each way, and what matches there. Raises `Undetermined` if they are too many."""
        universe, scope = self.names.universe, self.scope
        for number in bits(scope.capabilities):
            here: dict[Scope, list[Avoid]] = {}
            for each in self.avoid:
                if each.scope.capabilities >> number & 1:
                    here.setdefault(each.scope, []).append(each)
            for agents, intents, relevant in self._blocks(here):
                intent = universe.intents[lowest(intents)]
                there = agents & ~universe.unseen  # the others are checked, and make no request
                for at in bits(there if self.every_agent else there & -there):
                    yield universe.capabilities[number], universe.agents[at], intent, relevant

    def check_that_all_are_seen(self) -> None:
        """Raise `Unseen` if agents of the scope are unseen that no other one surely stands for.

        Another does if it is in the scope, and what must be avoided names both or neither for sure.
        """
        universe = self.names.universe
        if not self.scope.agents & universe.unseen:
            return
        declared = self.names.agents_of()
        for number in bits(self.scope.capabilities):
            first = universe.of_families.unseen.get(universe.capabilities[number])
            if first is None:
                continue
            alike = self.scope.agents & ~universe.unseen
            for each in self.avoid:
                if each.scope.capabilities >> number & 1:
                    named = each.scope.agents
                    if named & declared == declared:
                        alike &= named
                    else:
                        alike &= 0 if named & universe.unseen else ~named
            if self.every_agent or not alike:
                raise Unseen(
                    f"families that rules name there match in more than {MAX_SHAPES:,} ways", first
                )

    def _blocks(self, here: dict[Scope, list[Avoid]]) -> list[Block]:
        """Agents and intents, cut so that in each part the same scopes match all or nothing."""
        blocks: list[Block] = [(self.scope.agents, self.scope.intents, [])]
        for named, avoids in here.items():
            self.effort.spend(1 + len(blocks) // BLOCKS_A_STEP)
            blocks = [part for block in blocks for part in split(block, named, avoids)]
            if len(blocks) > MAX_BLOCKS:
                raise Undetermined("the rules cut agents and intents into too many parts")
        return blocks
