"""What the names of one policy stand for: its agents, families, intents and capabilities, as bits."""

from __future__ import annotations

from functools import cached_property

from ....ir import nodes as ir
from ....ir.spiffe import spiffe_matches
from .scope import Scope
from .universe import Universe


class CallNames:
    """The bits, in a universe, of what a policy declares."""

    def __init__(self, policy: ir.Policy, universe: Universe | None = None) -> None:
        """Take the declarations of a policy, and a universe if it has one in common with others."""
        self._policy = policy
        self.universe = Universe(policy) if universe is None else universe

    def agents_of(self, names: ir.Names = ir.DECLARED) -> int:
        """The representatives of agents and families."""
        if names is ir.ANYONE:
            return (1 << len(self.universe.agents)) - 1
        found = 0
        for name in self._agent_bits if names is ir.DECLARED else names:
            found |= self._agent_bits[name]
        return found

    def intents_of(self, names: ir.Names = ir.DECLARED) -> int:
        """The bits of intents."""
        bits = self.universe.intent_bits
        if names is ir.ANYONE:
            return (1 << len(bits)) - 1
        if names is ir.DECLARED:
            return self._declared_intents
        return sum(bits[name] for name in names)

    def capabilities_of(self, names: tuple[str, ...]) -> int:
        """The bits of capabilities, written or expanded."""
        bits = self.universe.capability_bits
        return sum(bits[name] for name in self._policy.expand(names))

    def scope_of(self, rule: ir.Rule) -> Scope:
        """What a rule is about."""
        return Scope(
            self.agents_of(rule.agents),
            self.intents_of(rule.intents),
            self.capabilities_of(rule.capabilities),
        )

    @cached_property
    def _declared_intents(self) -> int:
        return sum(self.universe.intent_bits[each.name] for each in self._policy.intents)

    @cached_property
    def _agent_bits(self) -> dict[str, int]:
        """The representatives that each agent or family stands for, by its name."""
        found: dict[str, int] = {}
        for name, (ids, patterns) in self._policy.identities.items():
            found[name] = sum(
                1 << number
                for number, id in enumerate(self.universe.agents)
                if id in ids or any(spiffe_matches(each, id) for each in patterns)
            )
            if not self.universe.of_families.tangled.isdisjoint(patterns):
                found[name] |= self.universe.unseen
        return found
