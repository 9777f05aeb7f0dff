"""Who calls the service, and for which agents it may speak."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from ...runtime.agents import Agents
from .problem import forbidden

Role: TypeAlias = Literal["decide", "start", "outcome", "admin", "read", "approve", "lease"]
ROLES: tuple[Role, ...] = ("decide", "start", "outcome", "admin", "read", "approve", "lease")


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that was let in: its name, what it may do, and the agents that it hosts or starts tasks for.

    `agents` are SPIFFE IDs, and patterns of them as policies have them: `*` a segment, `**` at the end any number.
    """

    name: str
    roles: Collection[Role]
    agents: tuple[str, ...] = ()
    identity: str | None = None
    """The SPIFFE ID that was proved; None of who has shown a key."""
    itself: bool = False
    """Whether it is an agent that acts for itself."""

    def require(self, *roles: Role) -> None:
        """Refuse one that has none of these roles."""
        if not any(each in self.roles for each in roles):
            raise forbidden(f"this needs the role {' or '.join(roles)}")

    def require_agent(self, agent: str) -> None:
        """Refuse one that does not speak for an agent."""
        if not self.speaks_for(agent):
            raise forbidden("this caller does not speak for that agent")

    def speaks_for(self, agent: str) -> bool:
        """Whether an agent is one of its own. Patterns do not mean itself."""
        if agent == self.identity:
            return self.itself
        return bool(_agents(self.agents).names_of(agent))


SYSTEM = Caller("system", ROLES)
"""The service itself."""


@cache
def _agents(patterns: tuple[str, ...]) -> Agents:
    ids = [each for each in patterns if "*" not in each]
    return Agents({"": (ids, [each for each in patterns if "*" in each])})
