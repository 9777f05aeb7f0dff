"""Types, and the fields that have one."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...records import dataclass

ScalarName: TypeAlias = Literal["string", "bool", "int", "number", "time", "duration", "ip", "json"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A built-in type; `json` is any value, which only `has` can look at."""

    name: ScalarName


@dataclass(frozen=True, slots=True)
class LevelType:
    """An ordered enumeration, by the qualified name of its declaration."""

    name: str


@dataclass(frozen=True, slots=True)
class EnumType:
    """An unordered enumeration, by the qualified name of its declaration."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType:
    """A list, read as a set."""

    of: Type


@dataclass(frozen=True, slots=True)
class RecordType:
    """An object with declared fields, sorted by name; others are ignored."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class OrNothing:
    """A value of a type, or `{"none": true}`, which is below all of them: of what a meter gives alone."""

    of: Type


Type: TypeAlias = Scalar | LevelType | EnumType | ListType | RecordType | OrNothing


@dataclass(frozen=True, slots=True)
class Field:
    """One declared attribute, parameter or record field."""

    name: str
    type: Type
    optional: bool = False


STRING, BOOL, INT, NUMBER = Scalar("string"), Scalar("bool"), Scalar("int"), Scalar("number")
TIME, DURATION, IP, JSON = Scalar("time"), Scalar("duration"), Scalar("ip"), Scalar("json")

TASK_STATE = "task_state"  # the built-in enum of `task.state`; a declared one has a dot in its name
TASK_STATES = ("active", "ended", "drifted")
