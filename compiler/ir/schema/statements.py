"""The JSON form of constraints, tests and bindings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field as Key

from .base import DottedName, Model, Name, Pairs, SpanText, Value
from .conditions import Condition
from .rules import Credential, Requirement
from .vocabulary import Owner


class Separation(Model):
    """`separate`."""

    capabilities: list[str] = Key(min_length=1)
    per_task: bool = False
    span: SpanText


class Isolation(Model):
    """`isolate`."""

    left: str
    right: str
    excepted: list[str] = []
    span: SpanText


class Delegation(Model):
    """`delegate`: whose tasks may start whose."""

    delegator: str
    intent: str
    delegate: str
    delegate_intent: str
    span: SpanText


class Containment(Model):
    """`assert … within`: what one may do another may do; both intents, or none for each its own."""

    inner: str
    outer: str
    inner_intent: str | None = None
    outer_intent: str | None = None
    span: SpanText


class Assertion(Model):
    """`assert` and `assert no`."""

    possible: bool
    agents: list[str] | None = None
    capabilities: list[str] = Key(min_length=1)
    intents: list[str] | None = None
    condition: Condition | None = None
    without: list[Requirement] = []
    span: SpanText


class Duty(Model):
    """An obligation that is expected; without `properties` any will do."""

    name: DottedName
    properties: dict[Name, Value] | None = None


class Terms(Model):
    """What is expected of a decision beside its effect and its rules."""

    credential: Credential | Literal["none"] | None = None
    obligations: list[Duty] | None = None
    asking: (
        Annotated[list[Annotated[list[Requirement], Key(min_length=1)]], Key(min_length=1)] | None
    ) = None
    reasons: Annotated[list[str], Key(min_length=1)] | None = None
    owner: Owner | Literal["none"] | None = None


class Cell(Model):
    """Where a test stands in the table that its block makes."""

    block: str
    agent: str
    call: str


class Test(Model):
    """A request and what is expected of it."""

    name: str
    request: dict[str, Any]
    effect: Literal["permit", "challenge", "deny"]
    rules: list[str] | None = None
    span: SpanText
    terms: Terms | None = None
    cell: Cell | None = None
    record: list[dict[str, Any]] = []


class ActionBinding(Model):
    """The platform's names for an action."""

    action: Name
    names: list[str] = Key(min_length=1)
    on: str | None = None


class ResourceBinding(Model):
    """Where a resource lives."""

    resource: str
    location: str | None = None
    actions: list[ActionBinding] = []
    attributes: Pairs = {}
    span: SpanText


class Binding(Model):
    """What is said about one platform."""

    target: Name
    resources: list[ResourceBinding] = []
    agents: Pairs = {}
    tags: Pairs = {}
    context: Pairs = {}
    span: SpanText
