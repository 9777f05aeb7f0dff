"""What has to hold of all rules together."""

from __future__ import annotations

from typing import TypeAlias

from ...report.source import Span
from ...structs import Struct, field
from .conditions import Condition
from .rules import FromDeclared, Requirement


class Separation(Struct):
    """No one agent may have more than one of these, at all or within one intent."""

    capabilities: tuple[str, ...]
    per_task: bool
    span: Span = field(compare=False, repr=False)


class Isolation(Struct):
    """No capability in common on compatible resources. Sides name one agent or family each."""

    left: str
    right: str
    excepted: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


class Delegation(Struct):
    """A task of one agent or family under an intent may start tasks of another one under another intent."""

    delegator: str
    intent: str
    delegate: str
    delegate_intent: str
    span: Span = field(compare=False, repr=False)


class Containment(Struct):
    """What is permitted to one agent or family is permitted to another: for the same intents, or one for the other's."""

    inner: str
    outer: str
    inner_intent: str | None
    outer_intent: str | None
    span: Span = field(compare=False, repr=False)


class Assertion(Struct):
    """`possible=False`: no request that fits is permitted; `possible=True`: some one is.

    `without` narrows to requests that lack that evidence.
    """

    possible: bool
    agents: FromDeclared
    capabilities: tuple[str, ...]
    intents: FromDeclared
    condition: Condition | None
    without: tuple[Requirement, ...]
    span: Span = field(compare=False, repr=False)


Constraint: TypeAlias = Separation | Isolation | Delegation | Containment | Assertion
