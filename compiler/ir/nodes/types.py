"""Types, and the fields that have one."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...structs import Struct

ScalarName: TypeAlias = Literal[
    "string",
    "bool",
    "int",
    "number",
    "time",
    "date",
    "duration",
    "ip",
    "domain",
    "email",
    "url",
    "host",
    "json",
]
PartName: TypeAlias = Literal["domain", "scheme", "host", "port", "path", "query"]


class Scalar(Struct):
    """A built-in type; `json` is any value, which only `has` can look at.

    `host` is a domain or an address, of a URL alone: no field is declared so.
    """

    name: ScalarName


class LevelType(Struct):
    """An ordered enumeration, by the qualified name of its declaration."""

    name: str


class EnumType(Struct):
    """An unordered enumeration, by the qualified name of its declaration."""

    name: str


class ListType(Struct):
    """A list, read as a set."""

    of: Type


class RecordType(Struct):
    """An object with declared fields, sorted by name; others are ignored."""

    fields: tuple[Field, ...]


class OrNothing(Struct):
    """A value of a type, or `{"none": true}`, which is below all of them: of what a meter gives alone."""

    of: Type


class PartOf(Struct):
    """A part of a value, which is read where the whole stands: the domain of an email address, the host of a URL."""

    of: Scalar
    part: PartName

    @property
    def type(self) -> Scalar:
        """The type of the part."""
        return PARTS[self.of][self.part]


Type: TypeAlias = Scalar | LevelType | EnumType | ListType | RecordType | OrNothing | PartOf


class Field(Struct):
    """One declared attribute, parameter or record field."""

    name: str
    type: Type
    optional: bool = False


STRING, BOOL, INT, NUMBER = Scalar("string"), Scalar("bool"), Scalar("int"), Scalar("number")
TIME, DURATION, IP, JSON = Scalar("time"), Scalar("duration"), Scalar("ip"), Scalar("json")
DATE, DOMAIN, EMAIL, URL = Scalar("date"), Scalar("domain"), Scalar("email"), Scalar("url")
HOST = Scalar("host")

PARTS: dict[Type, dict[PartName, Scalar]] = {
    EMAIL: {"domain": DOMAIN},
    URL: {"scheme": STRING, "host": HOST, "port": INT, "path": STRING, "query": STRING},
}
"""The parts that values of a type have, and the types of these."""


def element_type(type_: Type) -> Type:
    """The type of each element of a list; that of a value that is no list."""
    return type_.of if isinstance(type_, ListType) else type_


def innermost_type(type_: Type) -> Type:
    """The type of what stands in a list, or in lists within it; that of a value that is no list."""
    while isinstance(type_, ListType):
        type_ = type_.of
    return type_


def value_type(type_: Type) -> Type:
    """The type of what is read as another: of the part, or of what a meter gives where it gives something."""
    match type_:
        case ListType(of):
            return ListType(value_type(of))
        case OrNothing(of):
            return value_type(of)
        case PartOf():
            return type_.type
        case _:
            return type_


def comparable_type(type_: Type) -> Type:
    """The type that stands for all that compare with one: a host is compared with domains, too."""
    match value_type(type_):
        case ListType(of):
            return ListType(comparable_type(of))
        case found:
            return DOMAIN if found == HOST else found


def part_of(type_: Type) -> PartName | None:
    """Which part is read, of a value or of each in a list; None if it is the whole."""
    while isinstance(type_, ListType | OrNothing):
        type_ = type_.of
    return type_.part if isinstance(type_, PartOf) else None


def whole_type(type_: Type) -> Type:
    """The declared type of what an attribute reads a part of."""
    match type_:
        case ListType(of):
            return ListType(whole_type(of))
        case OrNothing(of):
            return OrNothing(whole_type(of))
        case PartOf(of):
            return of
        case _:
            return type_


def has_form(type_: Type) -> bool:
    """Whether a domain, an email address, a URL or a date stands in values of a type, or is read of them."""
    match type_:
        case ListType(of) | OrNothing(of):
            return has_form(of)
        case RecordType(fields):
            return any(has_form(each.type) for each in fields)
        case PartOf():
            return True
        case _:
            return type_ in (DATE, DOMAIN, EMAIL, URL, HOST)


TASK_STATE = "task_state"  # the built-in enum of `task.state`; a declared one has a dot in its name
TASK_STATES = ("active", "ended", "drifted")
