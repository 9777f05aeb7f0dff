"""The JSON form of what rules speak of: agents, intents, resources, constants and facts."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field as Key
from pydantic import StringConstraints

from .base import DottedName, FieldName, Model, Name, SpanText, Value
from .conditions import Attribute, Condition, Constants
from .types import Field, Type


class Owner(Model):
    """Who answers."""

    name: str
    contact: str


class Package(Model):
    """A namespace."""

    name: DottedName
    owner: Owner | None = None
    controls: list[str] = []


class Agent(Model):
    """A workload identity."""

    name: DottedName
    id: str
    attributes: list[Field] = []
    span: SpanText


class Family(Model):
    """Agents by pattern and by identity."""

    name: DottedName
    patterns: list[str] = []
    ids: list[str] = []
    attributes: list[Field] = []
    span: SpanText


class Intent(Model):
    """A purpose."""

    name: DottedName
    purpose: str
    fields_: list[Field] = Key([], alias="fields")
    span: SpanText


class Action(Model):
    """What can be done to a resource; parameters in the order of the call, and what it gives back.

    Where it is open, others may be there, too.
    """

    name: Name
    parameters: list[Field] = []
    is_open: bool = False
    span: SpanText
    result: Type | None = None
    kinds: list[Literal["read", "write", "send", "destroy"]] = []


class Resource(Model):
    """A kind of resource."""

    name: DottedName
    kind: Literal["tool", "api", "dataset", "intent"]
    attributes: list[Field] = []
    actions: list[Action] = []
    span: SpanText


class Enumeration(Model):
    """A level or an enum; the members of a level are words."""

    name: DottedName
    members: list[FieldName] = Key(min_length=1)


class ConstantSet(Model):
    """A named set."""

    name: DottedName
    type: Type
    values: list[Value] = Key(min_length=1)


FactName: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Digest: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class MeterKey(Model):
    """What a record and the call at hand have to share."""

    recorded: Attribute
    called: Attribute


class Meter(Model):
    """An aggregate over recorded calls; `within` in seconds."""

    name: FactName
    aggregate: Literal["count", "sum", "sum size", "max", "distinct", "last"]
    attribute: Attribute | None = None
    counted: Literal["permitted", "done", "denied", "asked"]
    capabilities: list[str]
    condition: Condition | None = None
    scopes: list[Literal["agent", "resource", "task", "user"]] = []
    keys: list[MeterKey] = []
    within: Annotated[int, Key(ge=1)] | None = None
    digest: Digest
    span: SpanText


class Origin(Model):
    """Where a value may have stood."""

    kind: Literal["said", "task", "result", "quoted", "set", "user"]
    capability: str | None = None
    path: list[FieldName] = []
    condition: Condition | None = None
    values: Constants | None = None
    attribute: Attribute | None = None


class Source(Model):
    """Where values may come from."""

    name: FactName
    origins: list[Origin]
    digest: Digest
    span: SpanText
