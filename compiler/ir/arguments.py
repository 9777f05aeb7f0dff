"""The names that the arguments of an action may have, as the targets carry them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from . import nodes as ir

Names: TypeAlias = "dict[str, Names | None]"
"""Declared names; below each its own, where it is a record or a list of them, else None."""


def names_of(fields: Iterable[ir.Field]) -> Names:
    """Give the names of parameters, or of the fields of a record."""
    return {each.name: names_within(each.type) for each in fields}


def names_within(type_: ir.Type) -> Names | None:
    """Give the names that records of a type may have; None where it holds no record."""
    inner = ir.innermost_type(type_)
    return names_of(inner.fields) if isinstance(inner, ir.RecordType) else None
