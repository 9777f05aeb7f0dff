"""What `dataclasses` of the standard library asks of a class, made for a struct once that asks.

It imports as much as a small command does, so that only who compares classes, or prints them as JSON, pays for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from copy import copy
from functools import cache
from typing import Any

from .structs import MISSING, Field


@dataclasses.dataclass(init=False, repr=False, eq=False)
class Example:
    """A class that the standard library made, for what it alone knows how to write down."""

    field: int


_ORDINARY = dataclasses.fields(Example)[0]._field_type  # type: ignore[attr-defined]
"""What the standard library marks a field with that is neither of a class nor of `__init__` alone."""


def standard_fields(its: Sequence[Field]) -> dict[str, dataclasses.Field[Any]]:
    """The fields of a struct by name, as `dataclasses.fields` gives them."""
    return {each.name: standard_field(each) for each in its}


def standard_field(field: Field) -> dataclasses.Field[Any]:
    """A field as the standard library would have made it."""
    given = {
        name: getattr(field, name)
        for name in ("default", "default_factory")
        if getattr(field, name) is not MISSING
    }
    made: Any = dataclasses.field(init=field.init, repr=field.repr, compare=field.compare, **given)
    made.name, made.type, made.kw_only, made._field_type = field.name, field.type, False, _ORDINARY
    return made  # type: ignore[no-any-return]


@cache
def standard_parameters(frozen: bool, order: bool) -> Any:
    """What `dataclass` was called with."""
    made = copy(Example.__dataclass_params__)  # type: ignore[attr-defined]
    made.init = made.repr = made.eq = True
    made.frozen, made.order = frozen, order
    return made
