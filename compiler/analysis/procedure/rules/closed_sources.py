"""Sources whose origins a request itself shows: sets, the task and the person. Of them it is known what they hold."""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....records import dataclass

PLAIN = (ir.STRING, ir.NUMBER, ir.INT)
"""Types whose values are equal in conditions where they are as JSON, byte for byte."""


@dataclass(frozen=True, slots=True)
class Asked:
    """That an argument comes from a source, by the key of it, as a condition asks."""

    name: ir.NameOf
    source: str
    leaf: ir.In


def meaning_of(policy: ir.Policy, source: ir.Source, argument: ir.Attribute) -> ir.Condition | None:
    """What holds of every argument that comes from a source; None where that cannot be said."""
    listed = isinstance(argument.type, ir.ListType)
    of = argument.type.of if isinstance(argument.type, ir.ListType) else argument.type
    if of not in PLAIN:
        return None
    found: list[ir.Condition] = []
    for origin in source.origins:
        match origin.kind:
            case "set" if origin.values is not None and origin.values.type == of:
                found.append(_among(argument, origin.values))
            case "task" if not listed:
                fields = [field for intent in policy.intents for field in intent.fields]
                if any(not _compares(field.type, of) for field in fields):
                    return None
                found += (_equals_field(field, argument, of) for field in fields if of in (field.type, _element(field.type)))  # fmt: skip
            case "user" if (
                not listed and origin.attribute is not None and origin.attribute.type == of
            ):
                found.append(ir.Compare("==", argument, origin.attribute))
            case _:
                return None
    if not found or (listed and len(found) > 1):
        return None
    return found[0] if len(found) == 1 else ir.Or(tuple(dict.fromkeys(found)))


def members_of(source: ir.Source, argument: ir.Attribute) -> Iterator[ir.Condition]:
    """For each set that is an origin, that an argument holds nothing but its members."""
    for origin in source.origins:
        values = origin.values
        if values is None or "" in values.values:  # the empty text comes from nowhere
            continue
        if values.type in PLAIN and argument.type in (values.type, ir.ListType(values.type)):
            yield _among(argument, values)


def _among(argument: ir.Attribute, values: ir.Constants) -> ir.Condition:
    if isinstance(argument.type, ir.ListType):
        return ir.ListTest("subset of", argument, values)
    return ir.In(argument, values)


def _equals_field(field: ir.Field, argument: ir.Attribute, of: ir.Type) -> ir.Condition:
    read = ir.Attribute("task", (field.name,), field.type, field.optional)
    return ir.Compare("==", argument, read) if field.type == of else ir.In(argument, read)


def _compares(type_: ir.Type, of: ir.Type) -> bool:
    """Whether it can be said of a field that an argument equals it, or that none does."""
    inner = _element(type_)
    if inner == of:
        return True
    texts = (ir.STRING, ir.TIME, ir.DURATION, ir.IP)
    numbers = (ir.INT, ir.NUMBER)
    if of in texts:
        return inner in numbers or isinstance(inner, ir.LevelType | ir.EnumType) or inner == ir.BOOL
    return inner not in numbers and not isinstance(inner, ir.RecordType | ir.ListType) and inner != ir.JSON  # fmt: skip


def _element(type_: ir.Type) -> ir.Type:
    return type_.of if isinstance(type_, ir.ListType) else type_
