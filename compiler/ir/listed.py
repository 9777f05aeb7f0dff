"""The way from a list of records to what is read of each, as targets write it."""

from __future__ import annotations

from collections.abc import Iterator

from . import nodes as ir

LIST, FIELD, OPTIONAL = "[]", ".", "?"
"""To each element of a list; before the name of a field, and of one that may be absent."""


def way(attribute: ir.Attribute) -> tuple[str, ...]:
    """Give the steps from the list of an attribute to what is read: `("[]", ".path")` of `[{ path: string }]`."""
    assert attribute.of is not None
    return tuple(_steps(attribute.of.type, attribute.beyond))


def _steps(type_: ir.Type, names: tuple[str, ...]) -> Iterator[str]:
    while isinstance(type_, ir.ListType):
        yield LIST
        type_ = type_.of
    if names and isinstance(type_, ir.RecordType):
        declared = next(each for each in type_.fields if each.name == names[0])
        yield (OPTIONAL if declared.optional else FIELD) + declared.name
        yield from _steps(declared.type, names[1:])
