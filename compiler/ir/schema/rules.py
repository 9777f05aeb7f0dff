"""The JSON form of rules."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field as Key

from .base import Count, DottedName, Model, Name, RuleId, SpanText, Value
from .conditions import Condition
from .vocabulary import Owner


class Approval(Model):
    """Evidence that people approved; `within` in seconds."""

    kind: Literal["approval"]
    by: list[str] = Key(min_length=1)
    count: int = Key(1, ge=1, le=1000)
    within: Annotated[int, Key(ge=1)] | None = None
    per_task: bool = False
    span: SpanText | None = None


class StepUp(Model):
    """Evidence of a stronger authentication; `within` in seconds."""

    kind: Literal["step_up"]
    method: str
    within: Annotated[int, Key(ge=1)] | None = None
    span: SpanText | None = None


class Confirmation(Model):
    """Evidence that the person on whose behalf the agent acts said yes; `within` in seconds."""

    kind: Literal["confirmation"]
    within: Annotated[int, Key(ge=1)] | None = None
    span: SpanText | None = None


Requirement: TypeAlias = Annotated[Approval | StepUp | Confirmation, Key(discriminator="kind")]


class Credential(Model):
    """What a lease may be; `ttl` in seconds."""

    ttl: int = Key(ge=1)
    renew: Count = 0


class Validity(Model):
    """From an instant, included, to another, excluded."""

    start: str | None = None
    end: str | None = None


class Window(Model):
    """A recurring stretch of local time, in minutes of the day; day 0 is Monday."""

    days: list[Annotated[int, Key(ge=0, le=6)]] = Key(min_length=1)
    start: int = Key(ge=0, lt=1440)
    end: int = Key(ge=0, le=1440)
    zone: str


class Obligation(Model):
    """What the enforcement point must do."""

    name: DottedName
    properties: dict[Name, Value] = {}


class Allow(Model):
    """A rule that opens. Without `agents` or `intents` it is about all that are declared."""

    id: RuleId
    agents: list[str] | None = None
    intents: list[str] | None = None
    capabilities: list[str] = Key(min_length=1)
    condition: Condition | None = None
    requirements: list[Requirement] = []
    revoke: list[Condition] = []
    credential: Credential | None = None
    validity: Validity | None = None
    window: Window | None = None
    obligations: list[Obligation] = []
    owner: Owner | None = None
    controls: list[str] = []
    span: SpanText


class Forbid(Model):
    """A rule that closes. Without `agents` or `intents` it is about all, declared or not."""

    id: RuleId
    agents: list[str] | None = None
    intents: list[str] | None = None
    capabilities: list[str] = Key(min_length=1)
    condition: Condition | None = None
    unless: Condition | None = None
    unless_evidence: list[Requirement] = []
    because: str | None = None
    owner: Owner | None = None
    controls: list[str] = []
    span: SpanText
    window: Window | None = None
