"""What every part of the JSON form of a policy is made of."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Key

VERSION = 1

Count: TypeAlias = Annotated[int, Key(ge=0)]
SpanText: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[\s\S]*:[0-9]{1,9}:[0-9]{1,9}-[0-9]{1,9}:[0-9]{1,9}$")
]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
DottedName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")
]
FieldName: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
"""A name, or what stands in quotes: compiling it shows whether it can be one."""
RuleId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.+*]*$")]
Value: TypeAlias = str | bool | int | float
Pairs: TypeAlias = dict[str, str]


class Model(BaseModel):
    """A part of the document; a field that it does not know is an error."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        defer_build=True,  # parts are read as parts of a `Policy`, whose validator is made at once
    )
