"""Rules and vocabulary in the form that the evaluator takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .arguments import Arguments
from .call import Call
from .chain import Delegation
from .evidence import Requirement
from .windows import Validity, Window

Test = Callable[[Call], bool]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for something."""

    name: str
    contact: str

    def to_json(self) -> dict[str, str]:
        """Give a new JSON object, which its reader may change."""
        return {"name": self.name, "contact": self.contact}


@dataclass(slots=True, eq=False, kw_only=True)
class Allow:
    """A rule that opens.

    `agents` and `intents` are declared names, None for any declared one. `applies` is None where
    nothing is left to ask: else it tells whether every condition is true, and every revocation
    false. `binds` is None where there is nothing to ask, too: else it tells whether the rule's condition is
    not false, so that what it asks belongs to a permit. `credential` is (seconds to live, renewals).
    `is_first_start` is whether it is about starting a task where there is none yet, and about nothing else.
    """

    id: str
    source: str
    capabilities: tuple[str, ...]
    agents: tuple[str, ...] | None = None
    intents: tuple[str, ...] | None = None
    applies: Test | None = None
    binds: Test | None = None
    validity: Validity | None = None
    window: Window | None = None
    requirements: tuple[Requirement, ...] = ()
    obligations: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...] = ()
    credential: tuple[int, int] | None = None
    owner: Owner | None = None
    is_first_start: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Forbid:
    """A rule that closes.

    `agents` and `intents` are declared names, None for all, declared or not. `applies` is None
    where it always does: else it tells whether `when` is not false and `unless` is not true. It does
    not apply where it is known to be outside of its `window`. `unless_evidence` lifts it where all of it is there,
    by people who are enough.
    """

    id: str
    source: str
    capabilities: tuple[str, ...]
    agents: tuple[str, ...] | None = None
    intents: tuple[str, ...] | None = None
    applies: Test | None = None
    window: Window | None = None
    unless_evidence: tuple[Requirement, ...] = ()
    because: str | None = None
    owner: Owner | None = None


Rule = Allow | Forbid


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a policy declares, as far as decisions need it.

    `agents` has SPIFFE IDs and patterns by the name of the agent or family, `resources` the actions
    by the name of the resource, `tools` what a request may call an action beside its own name
    (resource, tool, action), `owners` who answers for a resource, by its name. `arguments` are the
    parameters of the capabilities that have any, and `delegations` who may hand a task on to whom.
    """

    agents: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    intents: tuple[str, ...]
    resources: Mapping[str, tuple[str, ...]]
    owners: Mapping[str, Owner]
    user_declared: bool
    tools: tuple[tuple[str, str, str], ...] = ()
    arguments: Mapping[str, Arguments] = field(default_factory=dict)
    delegations: tuple[Delegation, ...] = ()
