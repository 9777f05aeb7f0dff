"""What a policy declares: who there is, for what, and what can be done to what."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...report.source import Span
from ...structs import Struct, field
from .conditions import Value
from .types import Field, Type

ActionKind: TypeAlias = Literal["read", "write", "send", "destroy"]
KINDS: tuple[ActionKind, ...] = ("read", "write", "send", "destroy")


class Owner(Struct):
    """Who answers for something."""

    name: str
    contact: str


class Package(Struct):
    """A namespace."""

    name: str
    owner: Owner | None
    controls: tuple[str, ...]


class Agent(Struct):
    """One workload identity: a SPIFFE ID and its attested attributes."""

    name: str
    id: str
    attributes: tuple[Field, ...]
    span: Span = field(compare=False, repr=False)


class Family(Struct):
    """Agents by SPIFFE pattern (`*` is one segment, a last `**` one or more) and by identity.

    A pattern may leave some out (`PATTERN except ID, PATTERN`), each of a family the same.
    """

    name: str
    patterns: tuple[str, ...]
    ids: tuple[str, ...]
    attributes: tuple[Field, ...]
    span: Span = field(compare=False, repr=False)


class Intent(Struct):
    """A purpose that a task declares."""

    name: str
    purpose: str
    fields: tuple[Field, ...]
    span: Span = field(compare=False, repr=False)


class Action(Struct):
    """Something that can be done to a resource, and the parameters of the call, in order.

    `result` is what a call gives back, as far as it is declared, and `kinds` what it does, in the order of `KINDS`.
    An allow is about calls without other arguments, unless the action is open.
    """

    name: str
    parameters: tuple[Field, ...]
    span: Span = field(compare=False, repr=False)
    result: Type | None = None
    kinds: tuple[ActionKind, ...] = ()
    is_open: bool = False


class Resource(Struct):
    """A kind of resource, its attributes (sorted) and its actions (sorted); an intent is one of its own name."""

    name: str
    kind: Literal["tool", "api", "dataset", "intent"]
    attributes: tuple[Field, ...]
    actions: tuple[Action, ...]
    span: Span = field(compare=False, repr=False)


class Enumeration(Struct):
    """A level (members from least to most) or an enum (in the order declared)."""

    name: str
    members: tuple[str, ...]


class ConstantSet(Struct):
    """A named set of constants, in the order written."""

    name: str
    type: Type
    values: tuple[Value, ...]
