"""The JSON form of types."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Tag, model_validator
from pydantic import Field as Key
from pydantic_core import PydanticCustomError

from .base import DottedName, FieldName, Model


class LevelType(Model):
    """A declared level."""

    name: DottedName = Key(alias="level")


class EnumType(Model):
    """A declared enum, or `task_state`."""

    name: DottedName = Key(alias="enum")


class ListType(Model):
    """A list."""

    of: Type = Key(alias="list")


class RecordType(Model):
    """An object with these fields."""

    fields_: list[Field] = Key(alias="record")


class OrNothing(Model):
    """A value of a type, or nothing, which is below all of them."""

    of: Type = Key(alias="or_nothing")


class PartOf(Model):
    """A part of a value, which is read where the whole stands."""

    of: Literal["email", "url"]
    part: Literal["domain", "scheme", "host", "port", "path", "query"]

    @model_validator(mode="after")
    def _has_part(self) -> PartOf:
        """An email address has a domain alone, and a URL the other parts."""
        if (self.of == "email") is not (self.part == "domain"):
            raise PydanticCustomError("part", "a value of this type has no such part")
        return self


def _shape(value: Any) -> str | None:
    """Which alternative of `Type` a value is."""
    if isinstance(value, str):
        return "scalar"
    if isinstance(value, dict) and len(value) == 1:
        return str(next(iter(value)))
    if isinstance(value, dict) and value.keys() == {"of", "part"}:
        return "part"
    return None


Type: TypeAlias = Annotated[
    Annotated[
        Literal[
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
        ],
        Tag("scalar"),
    ]
    | Annotated[LevelType, Tag("level")]
    | Annotated[EnumType, Tag("enum")]
    | Annotated[ListType, Tag("list")]
    | Annotated[RecordType, Tag("record")]
    | Annotated[OrNothing, Tag("or_nothing")]
    | Annotated[PartOf, Tag("part")],
    Discriminator(
        _shape,
        custom_error_type="type",
        custom_error_message='no type: "string", {"level": name}, {"list": type} and so on',
    ),
]


class Field(Model):
    """A declared attribute, parameter or record field."""

    name: FieldName
    type: Type
    optional: bool = False
