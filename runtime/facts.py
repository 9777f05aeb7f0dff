"""What a policy says of facts, in the form that a monitor takes: its meters and sources, and who reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from .call import UNREAD, Call, fields_of
from .conditions import gathered, size
from .values import is_text

Test: TypeAlias = Callable[[Call], bool]
Reader: TypeAlias = Callable[[object], Any]


class Nothing:
    """What stands in the place of a value that is not there, or not what it has to be."""


ABSENT, MALFORMED = Nothing(), Nothing()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attribute stands in a request, and what reads it there."""

    steps: tuple[str, ...]
    read: Reader
    optional: bool = False

    def raw(self, request: Any) -> Any:
        """Give what stands there, ABSENT if it is nothing or null, MALFORMED if there is no way to it."""
        value = request
        for step in self.steps:
            if value is None:
                return ABSENT
            if type(value) is not dict:
                return MALFORMED
            value = value.get(step)
        return ABSENT if value is None else value

    def of(self, request: Any) -> Any:
        """Give the value as conditions compare it, ABSENT or MALFORMED."""
        value = self.raw(request)
        if isinstance(value, Nothing):
            return value
        found = self.read(value)
        return MALFORMED if found is None else found


def read_size(elements: Reader) -> Reader:
    """Make the reader of how many elements a list has."""
    return lambda value: size(elements(value))


def read_names(value: object) -> list[str] | None:
    """Read the names of the arguments."""
    return list(value) if type(value) is dict else None


def read_gathered(elements: Reader, *way: str) -> Reader:
    """Make the reader of what stands at the end of a way through lists of records."""

    def read(value: object) -> Any:
        found = gathered(value, *way)
        return None if found is None else elements(found)

    return read


@dataclass(frozen=True, slots=True)
class Condition:
    """The two questions that are asked of a condition, and the attributes that it reads."""

    is_true: Test
    is_false: Test
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """What a record has to share with the call at hand: `recorded` there, `called` here."""

    recorded: Place
    called: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """An aggregate over recorded calls; `key` is what a request calls it, and `digest` that of its definition.

    `within` is nanoseconds. `whole` sums are integers, and values of `times` are written as instants.
    """

    key: str
    digest: str
    aggregate: Literal["count", "sum", "sum size", "max", "distinct", "last"]
    counted: Literal["permitted", "done", "denied", "asked"]
    capabilities: tuple[str, ...]
    scopes: tuple[Literal["agent", "resource", "task", "user"], ...] = ()
    keys: tuple[Key, ...] = ()
    within: int | None = None
    attribute: Place | None = None
    condition: Condition | None = None
    whole: bool = False
    times: bool = False

    @property
    def has_with(self) -> bool:
        """Whether the call at hand may count itself."""
        return self.counted == "permitted" and self.aggregate != "last"


@dataclass(frozen=True, slots=True)
class Shape:
    """The type of a value, as far as its texts and numbers are looked for.

    `chosen` are bools and members of levels and enums, `free` is any JSON. A list has what it is `of`, a record `fields`.
    """

    read: Reader
    chosen: bool = False
    free: bool = False
    of: Shape | None = None
    fields: tuple[Part, ...] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter, or a field of a record: its name, and how a path is written with it."""

    name: str
    written: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value may have stood. `result` and `quoted` are of a capability, `user` of a place, a `set` of values.

    `condition` reads the record that holds the value as `context.it`.
    """

    kind: Literal["said", "task", "result", "quoted", "set", "user"]
    capability: str = ""
    path: tuple[str, ...] = ()
    condition: Test | None = None
    values: tuple[Any, ...] = ()
    place: Place | None = None
    shape: Shape | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where values may come from."""

    key: str
    digest: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What the rules about some calls read: keys of meters, and of each source the names of arguments."""

    meters: tuple[str, ...] = ()
    sources: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The meters and sources of a policy.

    `reads` is by what rules name, `any`, `RESOURCE.*` or a capability. `parameters` and `results` are by
    capability, `intents` has the fields of tasks; `reading` are the capabilities that do nothing else, `starting`
    those that start tasks inside others.
    """

    meters: tuple[Meter, ...] = ()
    sources: tuple[Source, ...] = ()
    reads: Mapping[str, Read] = field(default_factory=dict)
    parameters: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    results: Mapping[str, Shape] = field(default_factory=dict)
    intents: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    reading: tuple[str, ...] = ()
    starting: tuple[str, ...] = ()


NO_FACTS = Facts()

_PARTS = (("subject", ("type", "id")), ("action", ("name",)), ("resource", ("type", "id")))


def is_request(request: object) -> bool:
    """Whether a request has the five strings that AuthZEN requires, and an agent as its subject."""
    if type(request) is not dict:
        return False
    for part, names in _PARTS:
        holder = request.get(part)
        if type(holder) is not dict or not all(is_text(holder.get(name)) for name in names):
            return False
    return bool(request["subject"]["type"] == "agent")


def call_of(request: dict[str, Any], capability: str) -> Call:
    """Take a request apart, for conditions; it is one (`is_request`)."""
    call = Call()
    call.request, call.capability, call.instant = request, capability, UNREAD
    call.agent = fields_of(request["subject"].get("properties"))
    call.args = fields_of(request["action"].get("properties"))
    call.resource = fields_of(request["resource"].get("properties"))
    call.context = fields_of(request.get("context"))
    call.task = fields_of(call.context.get("task"))
    return call
