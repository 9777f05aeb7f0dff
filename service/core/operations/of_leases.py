"""What is asked of the core about leases, by whoever holds one, and by other systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from .keyed import Keyed

Effect: TypeAlias = Literal["leases", "sessions", "person"]
EFFECTS: tuple[Effect, ...] = ("leases", "sessions", "person")
"""What a signal may end: leases, sessions of people, and that a person is there at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue(Keyed):
    """Issue a lease: what the agent of a task may do for a while without asking about each call.

    `context` and `properties` are what an enforcement point knows of the agent, as in a call; `proved` is the
    thumbprint of a key whose possession was proved, by a `proof` that counts once.
    """

    NAME: ClassVar[str] = "issue"
    task: str
    capabilities: tuple[str, ...]
    context: dict[str, Any] | None = None
    properties: dict[str, Any] | None = None
    proved: str | None = None
    proof: str | None = None

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        return {
            "task": self.task,
            "capabilities": list(self.capabilities),
            "context": self.context,
            "properties": self.properties,
            "proved": self.proved,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew(Keyed):
    """Let a lease live on, if it would be issued now."""

    NAME: ClassVar[str] = "renew"
    lease: str
    proved: str | None = None
    proof: str | None = None

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        return {"lease": self.lease, "proved": self.proved}


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke(Keyed):
    """End a lease."""

    NAME: ClassVar[str] = "revoke"
    lease: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a signal is about, by what they may be called here; any of them may be nobody.

    `addresses` are people whose id may be written in other letters, small or large; `named` are leases and tasks.
    """

    agents: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One event of a security event token: of which kind, about whom, and what it ends here."""

    event: str
    understood: bool
    effects: tuple[Effect, ...]
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Heed(Keyed):
    """Take in a security event token that another system has signed; the caller is that system.

    Its name there, `jti`, makes the key: who says the same again is answered the same, and nothing is done twice.
    `set` is the digest of the token, `claims` that of what it says, which is the same where it was signed anew to be sent
    again, and `issued` when it was, in seconds since 1970.
    """

    NAME: ClassVar[str] = "heed"
    jti: str
    set: str
    issued: int
    signals: tuple[Signal, ...]
    claims: str | None = None

    def told(self) -> Any:
        """Give what is asked, as JSON: what the token says alone, since what it means here the settings say."""
        return {"set": self.claims or self.set}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lend(Keyed):
    """Record that a broker asks its platform for a credential, which a lease is to be there: before it asks.

    `asked` is what it asks for and `until` when that ends, under the policy of the lease. `once` tells the first time
    that a key is used from later ones, since what the platform gives is kept nowhere.
    """

    NAME: ClassVar[str] = "lend"
    lease: str
    broker: str
    policy: str
    until: int
    asked: dict[str, Any]
    once: str
    proved: str | None = None
    proof: str | None = None

    def told(self) -> Any:
        """Give what is asked, as JSON."""
        return {"lease": self.lease, "broker": self.broker}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Keyed):
    """Look again at leases that nobody has looked at since what they rest on has changed: some of them at a time."""

    NAME: ClassVar[str] = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(Keyed):
    """Take in up to which event a receiver was told of leases that have ended."""

    NAME: ClassVar[str] = "acknowledge"
    receiver: str
    upto: int
