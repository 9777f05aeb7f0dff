"""Rules, and what they require and grant."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from ...report.source import Span
from ...structs import Struct, field
from .conditions import Condition
from .vocabulary import Owner


class Unnamed(Enum):
    """Whom a rule is about that does not say by name."""

    DECLARED = "declared"  # whoever the policy declares
    ANYONE = "anyone"  # whoever there is, declared or not


DECLARED: Final = Unnamed.DECLARED
ANYONE: Final = Unnamed.ANYONE

FromDeclared: TypeAlias = tuple[str, ...] | Literal[Unnamed.DECLARED]
FromAll: TypeAlias = tuple[str, ...] | Literal[Unnamed.ANYONE]
Names: TypeAlias = FromDeclared | FromAll
"""Agents and families, or intents: those of these names, sorted, or all of them."""


def named(names: Names) -> tuple[str, ...] | None:
    """The names that are said; None where all are meant that a rule of its kind can be about."""
    return None if isinstance(names, Unnamed) else names


def overlap(one: Names, other: Names) -> bool:
    """Whether something that is declared is among both; of families this looks at no member.

    >>> overlap(("a", "b"), ("b",)), overlap(("a",), ("b",)), overlap(("a",), DECLARED)
    (True, False, True)
    """
    if isinstance(one, Unnamed) or isinstance(other, Unnamed):
        return True
    return not set(one).isdisjoint(other)


MOST_APPROVALS = 4
"""On how many approvals an answer may rest; what would rest on more is never permitted."""


class Approval(Struct):
    """Evidence that `count` different people, by role or identity, approved the call or the task.

    `within` is in seconds; None means of any age.
    """

    by: tuple[str, ...]
    count: int = 1
    within: int | None = None
    per_task: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)


class StepUp(Struct):
    """Evidence of a stronger authentication; `within` is in seconds."""

    method: str
    within: int | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


class Confirmation(Struct):
    """Evidence that the person on whose behalf the agent acts said yes to this exact call; `within` is in seconds."""

    within: int | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


Requirement: TypeAlias = Approval | StepUp | Confirmation


class Credential(Struct):
    """What a lease may be: `ttl` in seconds, and how often it may be renewed."""

    ttl: int
    renew: int = 0


class Validity(Struct):
    """Instants as canonical RFC 3339 in UTC: from `start`, included, to `end`, excluded."""

    start: str | None
    end: str | None


class Window(Struct):
    """A recurring stretch of local time: minutes of the day, `start` included, `end` excluded.

    `days` are those on which it starts (0 is Monday); `end <= start` means that it ends on the
    next day.
    """

    days: tuple[int, ...]
    start: int
    end: int
    zone: str


class Obligation(Struct):
    """What the enforcement point must do or refuse: a name and literal properties, sorted."""

    name: str
    properties: tuple[tuple[str, Any], ...]


class Allow(Struct):
    """A rule that opens.

    What is not declared, no allow is for. `capabilities` are as written: `any`, `R.*` or `R.A`.
    """

    id: str
    agents: FromDeclared
    intents: FromDeclared
    capabilities: tuple[str, ...]
    condition: Condition | None
    requirements: tuple[Requirement, ...]
    revoke: tuple[Condition, ...]
    credential: Credential | None
    validity: Validity | None
    window: Window | None
    obligations: tuple[Obligation, ...]
    owner: Owner | None
    controls: tuple[str, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def is_first_start(self) -> bool:
        """Whether it is the rule that nobody writes, by which a task is started where there is none yet."""
        return self.intents == () and self.capabilities == (self.id,)

    @property
    def has_duties(self) -> bool:
        """Whether it asks something of a permit: obligations, or the terms of a credential."""
        return self.obligations != () or self.credential is not None


class Forbid(Struct):
    """A rule that closes. Without `to` it is about what nobody declared, too, and so without `for`.

    `unless` and `unless_evidence` are not both given; the evidence has to be there whole. Outside of a `window` it
    does not apply.
    """

    id: str
    agents: FromAll
    intents: FromAll
    capabilities: tuple[str, ...]
    condition: Condition | None
    unless: Condition | None
    unless_evidence: tuple[Requirement, ...]
    because: str | None
    owner: Owner | None
    controls: tuple[str, ...]
    span: Span = field(compare=False, repr=False)
    window: Window | None = None


Rule: TypeAlias = Allow | Forbid
