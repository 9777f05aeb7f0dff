"""Who calls the service, and for which agents it may speak."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from ....runtime.agents import Agents
from .problem import forbidden

Role: TypeAlias = Literal[
    "decide", "start", "outcome", "admin", "read", "approve", "lease", "signal", "confirm"
]
ROLES: tuple[Role, ...] = (
    *("decide", "start", "outcome", "admin", "read", "approve", "lease"),
    *("signal", "confirm"),
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who was let in, a program or a person: the name, what it may do, and the agents that it hosts or starts tasks for.

    `agents` are SPIFFE IDs, and patterns of them as policies have them: `*` a segment, `**` at the end any number.
    """

    name: str
    roles: Collection[Role]
    agents: tuple[str, ...] = ()
    identity: str | None = None
    """The SPIFFE ID that was proved; None of who has shown a key."""
    itself: bool = False
    """Whether it is an agent that acts for itself."""
    person: str | None = None
    """The id of the person who this is, as the face says that recognised them; None for a program."""
    reserves: bool = False
    """Whether an evaluation of its that brings an approval is decided for good and recorded, as a call."""

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


def as_person(id: str, *, may_read: bool = False) -> Caller:
    """Give the caller that a person is, whichever way they were recognised: the name is that of no program."""
    roles: tuple[Role, ...] = ("approve", "read") if may_read else ("approve",)
    return Caller(f"person:{id}", roles, person=id)


SYSTEM = Caller("system", ROLES)
"""The service itself."""


@cache
def _agents(patterns: tuple[str, ...]) -> Agents:
    ids = [each for each in patterns if "*" not in each]
    return Agents({"": (ids, [each for each in patterns if "*" in each])})
