"""The agents, intents and capabilities that can be told apart: few, since what is not declared is alike.

They are numbered, so that what rules name are bits. Policies that are compared with each other have one
universe: then a bit means the same in both.
"""

from __future__ import annotations

from functools import cached_property

from ....ir import nodes as ir
from ....ir.walk import conditions_of
from .agents_of_conditions import (
    agents_in_conditions,
    agents_like_patterns,
    reads_agent_id,
    unused,
)
from .agents_of_families import ToldApart, told_apart


class Universe:
    """Whom, why and what requests may be about, as far as some policies tell them apart."""

    def __init__(self, *policies: ir.Policy) -> None:
        """Take the policies; what they tell apart is worked out when it is asked for."""
        self._policies = policies

    @cached_property
    def of_families(self) -> ToldApart:
        """An agent for each way in which agents can match the declared identities."""
        return told_apart(self._policies)

    @cached_property
    def agents(self) -> tuple[str, ...]:
        """The SPIFFE IDs of agents that can be told apart; the last may stand for all that are unseen."""
        families = self.of_families
        named = sorted(agents_in_conditions(self._policies))
        known = (*families.agents, *named, *agents_like_patterns(self._policies))
        others = ("outside", "of-several-families") if families.unseen else ("outside",)
        taken = (*known, *families.ids, *families.patterns)
        strangers = (f"spiffe://{unused(each, taken)}.example/agent" for each in others)
        return tuple(dict.fromkeys((*known, *strangers)))

    @cached_property
    def unseen(self) -> int:
        """The bit of the agent that stands for all that are unseen, if there are any; otherwise 0."""
        return 1 << (len(self.agents) - 1) if self.of_families.unseen else 0

    @cached_property
    def known_agents(self) -> frozenset[str]:
        """The identities that are declared, or that a condition names."""
        return frozenset((*self.of_families.ids, *agents_in_conditions(self._policies)))

    @cached_property
    def reads_agent_id(self) -> bool:
        """Whether some condition depends on who the agent is."""
        return any(reads_agent_id(each) for one in self._policies for each in conditions_of(one))

    @cached_property
    def intents(self) -> tuple[str | None, ...]:
        """The declared intents, and None for no or another one."""
        declared = (each.name for policy in self._policies for each in policy.intents)
        return (*dict.fromkeys(declared), None)

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        """The declared capabilities."""
        declared = (each for policy in self._policies for each in policy.capabilities)
        return tuple(dict.fromkeys(declared))

    @cached_property
    def intent_bits(self) -> dict[str | None, int]:
        """The bit of each intent."""
        return {name: 1 << number for number, name in enumerate(self.intents)}

    @cached_property
    def capability_bits(self) -> dict[str, int]:
        """The bit of each capability."""
        return {name: 1 << number for number, name in enumerate(self.capabilities)}
