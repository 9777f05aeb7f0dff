"""What operations are done with: the active policy, its facts, and what the operator has set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ....monitor.limits import Limits
from ....runtime.values import NANOSECONDS
from ...audit.notes import Signer
from ...facts import Facts
from ...passkeys.ceremony import Site
from ...policies.generation import Generation

LONGEST_KNOWN = 8 * 3_600 * NANOSECONDS


@dataclass(frozen=True, slots=True)
class Passkeys:
    """What passkeys are for: pages of this site. Whether all people need one, and which step-up a sign-in with one shows."""

    site: Site
    required: bool = False
    step_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CoreSettings:
    """What an operator sets of the core.

    `secret` is the key of the store, 32 bytes, which lie apart from it: whoever writes to the store without it is found out.
    """

    secret: bytes = field(repr=False)
    signer: Signer | None = None
    """What checkpoints of the log are signed with."""
    public_url: str = "http://127.0.0.1:8080"
    batch: int = 256
    """Operations in one turn at most."""
    waiting: int = 10_000
    """Operations that wait at most; one more is told to come back."""
    question: int = 3_600 * NANOSECONDS
    """How long a question to people stays open at most."""
    asked_by_task: int = 20
    """How many questions of one task are open at most."""
    asked_by_agent: int = 200
    """How many questions of one agent are open at most, in all its tasks."""
    known: int = LONGEST_KNOWN
    """How long what a provider says of a person counts, from when they have signed in there; at most that long."""
    lease: int = 12 * 3_600 * NANOSECONDS
    """How long a lease is good at most, whatever the policy says."""
    revokers: frozenset[str] = frozenset()
    """The roles whose people may end leases."""
    passkeys: Passkeys | None = None
    limits: Limits = field(default_factory=Limits)
    observe: Callable[[int, float], None] = field(default=lambda operations, seconds: None)
    """Is told of each turn: how many operations it did, and how long it took."""


@dataclass(slots=True)
class Active:
    """The policy that decides now."""

    generation: Generation
    facts: Facts

    @classmethod
    def of(cls, generation: Generation, settings: CoreSettings) -> Active:
        """Make a policy ready."""
        return cls(generation, Facts(generation.engine.facts, settings.limits))

    @property
    def engine(self) -> Any:
        """What decides."""
        return self.generation.engine
