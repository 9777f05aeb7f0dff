"""Whom, why and what, as bits: the scopes that rules name, and how they cut each other into parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from ....meaning.request import Call
from ....records import dataclass
from ..cubes.conditions import Cube
from ..cubes.containment import lies_in
from ..cubes.disjointness import Points
from ..verdict import Undetermined


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom, why and what: bits of `World.agents`, `World.intents` and `World.capabilities`."""

    agents: int
    intents: int
    capabilities: int

    def __and__(self, other: Scope) -> Scope:
        """What both name."""
        return Scope(
            self.agents & other.agents,
            self.intents & other.intents,
            self.capabilities & other.capabilities,
        )

    def meets(self, other: Scope) -> bool:
        """Whether both name some call."""
        return bool(
            self.agents & other.agents
            and self.intents & other.intents
            and self.capabilities & other.capabilities
        )

    def __bool__(self) -> bool:
        """Whether there is any call in it."""
        return bool(self.agents and self.intents and self.capabilities)


@dataclass(frozen=True, slots=True)
class Avoid:
    """Something that a witness must not do: where it can, whether it does, and how not to."""

    scope: Scope
    happens: Callable[[Call], bool]
    escapes: Callable[[], list[Cube]]
    points: Callable[[], Points]
    steps: int
    """What it takes to ask whether it happens."""

    def may_happen(self, cube: Cube) -> bool:
        """Whether it may happen in a cube, as far as can be seen without a search."""
        try:
            return not any(lies_in(cube, each) for each in self.escapes())
        except Undetermined:  # too many to say
            return True


Block: TypeAlias = "tuple[int, int, list[Avoid]]"


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


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while mask:
        at = lowest(mask)
        yield at
        mask &= mask - 1


def lowest(mask: int) -> int:
    """The number of the lowest bit that is set."""
    return (mask & -mask).bit_length() - 1
