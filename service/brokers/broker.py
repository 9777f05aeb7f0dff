"""What a broker is, and how those of the settings are found: by the `agpc.brokers` entry-point group.

INVARIANT: what is asked of a platform is recorded before it is asked, and what the platform gives is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from ..policies.generation import Generation

GROUP = "agpc.brokers"


class NotBrokered(Exception):
    """A broker has nothing for a lease; one sentence, with no secret in it."""


class PlatformFailed(Exception):
    """The platform gave no credential; one sentence, with no secret in it."""


class BrokerError(Exception):
    """A broker of the settings cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a credential is wanted for: a lease that holds, and the policy by which it does. Times are nanoseconds since 1970."""

    lease: str
    task: str
    intent: str
    agent: str
    capabilities: tuple[str, ...]
    until: int
    now: int
    policy: Generation


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a broker will ask of its platform.

    `until` is when the credential ends, which is no later than the lease; `told` is recorded, `request` is for the broker
    alone.
    """

    until: int
    told: Mapping[str, Any]
    request: Any = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Credential:
    """What a platform gave: `values` are secret."""

    until: int
    values: Mapping[str, Any] = field(repr=False)


class Broker(Protocol):
    """A broker with its settings. Its methods may block, and are called from several threads."""

    def prepare(self, wanted: Wanted) -> Prepared:
        """Say what will be asked, and ask nobody. Raises `NotBrokered`."""
        ...

    def obtain(self, prepared: Prepared) -> Credential:
        """Ask the platform. Raises `PlatformFailed`."""
        ...

    def end(self, credential: Credential) -> bool:
        """End a credential whose lease has ended meanwhile; False where the platform cannot."""
        ...


Make = Callable[[Mapping[str, Any], Path], Broker]
"""What an entry point gives: it makes a broker of its settings, whose paths start at a place. Raises `ValueError`."""


def load_broker(plugin: str, settings: Mapping[str, Any], root: Path) -> Broker:
    """Make a broker. Raises `BrokerError`."""
    found = {each.value: each for each in entry_points(group=GROUP, name=plugin)}
    if len(found) != 1:
        installed = ", ".join(sorted({each.name for each in entry_points(group=GROUP)}))
        many = "more than one package has" if found else "there is no"
        raise BrokerError(f"{many} broker `{plugin}`; installed are {installed}")
    (entry,) = found.values()
    try:
        make: Make = entry.load()
    except Exception as error:  # noqa: BLE001 -- what other people's code raises is theirs to choose
        raise BrokerError(
            f"the broker `{plugin}` cannot be loaded ({type(error).__name__})"
        ) from None
    try:
        return make(settings, root)
    except ValueError as error:
        raise BrokerError(str(error)) from None
