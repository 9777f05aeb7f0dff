"""What a request itself shows of where its values come from: of sets, the task and the person all, of texts a little."""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....structs import Struct

PLAIN = (ir.STRING, ir.NUMBER, ir.INT)
"""Types whose values are equal in conditions where they are as JSON, byte for byte."""

SOME, QUOTED = "?*", "???*"
"""The empty text comes from nowhere, and one of fewer than three characters stands in no other."""


class FromSource(Struct):
    """That an argument comes from a source, by the key of it, as a condition asks."""

    name: ir.NameOf
    source: str
    leaf: ir.In


def meaning_of(
    intents: tuple[ir.Intent, ...], source: ir.Source, argument: ir.Attribute
) -> ir.Condition | None:
    """What holds of every argument that comes from a source; None where nothing can be said."""
    listed = isinstance(argument.type, ir.ListType)
    of = ir.element_type(argument.type)
    if of not in PLAIN:
        return None
    found: dict[ir.Condition, None] = {}
    for origin in source.origins:
        meant = _of_origin(intents, origin, argument, of, listed)
        if meant is None and of != ir.STRING:
            return None
        for each in [_like(argument, SOME)] if meant is None else meant:
            found[each] = None
    if listed and len(found) > 1:
        return _like(argument, SOME) if of == ir.STRING else None
    parts = tuple(found)
    return None if not parts else parts[0] if len(parts) == 1 else ir.Or(parts)


def _of_origin(
    intents: tuple[ir.Intent, ...],
    origin: ir.Origin,
    argument: ir.Attribute,
    of: ir.Type,
    listed: bool,
) -> list[ir.Condition] | None:
    """What an argument is, one of these, where it comes from an origin; None where nothing can be said."""
    match origin.kind:
        case "set" if origin.values is not None and origin.values.type == of:
            return [_among(argument, origin.values)]
        case "said" | "quoted" if of == ir.STRING:
            return [_like(argument, QUOTED)]
        case "task" if not listed:
            fields = [field for intent in intents for field in intent.fields]
            if all(_compares(field.type, of) for field in fields):
                alike = (each for each in fields if of in (each.type, ir.element_type(each.type)))
                return [_equals_field(each, argument, of) for each in alike]
        case "user" if not listed and origin.attribute is not None and origin.attribute.type == of:
            return [ir.Compare("==", argument, origin.attribute)]
        case _:
            pass
    return None


def _like(argument: ir.Attribute, pattern: str) -> ir.Condition:
    """That a text, or each text of a list, is as a pattern."""
    if isinstance(argument.type, ir.ListType):
        return ir.Quantified("every", argument, ir.Like(ir.Element(ir.STRING), pattern))
    return ir.Like(argument, pattern)


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
    inner = ir.element_type(type_)
    if inner == of:
        return True
    texts = (ir.STRING, ir.TIME, ir.DURATION, ir.IP)
    numbers = (ir.INT, ir.NUMBER)
    if of in texts:
        return inner in numbers or isinstance(inner, ir.LevelType | ir.EnumType) or inner == ir.BOOL
    return inner not in numbers and not isinstance(inner, ir.RecordType | ir.ListType) and inner != ir.JSON  # fmt: skip
