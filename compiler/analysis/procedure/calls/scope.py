"""Whom, why and what a rule names, as bits of a universe."""

from __future__ import annotations

from collections.abc import Iterator

from ....structs import Struct


class Scope(Struct):
    """Whom, why and what: bits of the agents, intents and capabilities of a universe."""

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


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while mask:
        at = lowest(mask)
        yield at
        mask &= mask - 1


def lowest(mask: int) -> int:
    """The number of the lowest bit that is set."""
    return (mask & -mask).bit_length() - 1
