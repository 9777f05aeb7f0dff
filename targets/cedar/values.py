"""Values of the language as Cedar values: what has an order is a `Long`, or a pair of them.

Cedar's own `decimal` has four digits and its `datetime` milliseconds, so that neither could carry
a number or a time of the language exactly. And no `Long` here is beyond ±2^53, since what carries
a request to Cedar (JavaScript, many readers of JSON) is exact no further than that.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, assert_never

from ...compiler.ir import nodes as ir
from ...compiler.text.field_names import is_word, written
from ...runtime.address_text import write_address, write_range
from ...runtime.values import (
    NANOSECONDS,
    read_address,
    read_network,
    read_time,
)
from .names import attribute_name, string

Members = Mapping[str, tuple[str, ...]]


PAIRS: dict[ir.Type, tuple[str, str]] = {ir.NUMBER: ("high", "low"), ir.TIME: ("s", "ns")}
"""The types whose values are a pair of `Long`s, of which the first one counts first."""
AGE = PAIRS[ir.TIME]
COMMON: dict[ir.Type, str] = {ir.NUMBER: "Number", ir.TIME: "Time"}
"""What the types of pairs are called in a schema."""
"""An age is such a pair too, though a duration is whole seconds."""
VALUE = "value"
"""Where the value stands that a meter has; in a record without it, it is of nothing, which is below every value."""


def pair(type_: ir.Type, value: ir.Value) -> tuple[int, int]:
    """Give the two whole numbers of a number or a time, or of a duration beside an age.

    Those of a number are the halves of a 64-bit whole number that orders as doubles do. The second
    one is never negative.

    >>> pair(ir.NUMBER, -0.0), pair(ir.NUMBER, 500), pair(ir.TIME, "1970-01-01T00:00:01.5Z")
    ((0, 0), (1082081280, 0), (1, 500000000))
    """
    if type_ == ir.DURATION:
        return int(value), 0
    if type_ == ir.TIME:
        at = read_time(value)
        assert at is not None  # the compiler has read it so
        return divmod(at, NANOSECONDS)
    (bits,) = struct.unpack(">q", struct.pack(">d", float(value) + 0.0))  # -0.0 + 0.0 is 0.0
    size: int = bits & 0x7FFF_FFFF_FFFF_FFFF
    return divmod(-size if bits < 0 else size, 2**32)


def literal(type_: ir.Type, value: ir.Value, members: Members) -> str:
    """Write a constant of a scalar type."""
    match type_:
        case ir.Scalar("bool"):
            return "true" if value else "false"
        case ir.Scalar("int"):
            return str(int(value))
        case ir.Scalar("number" | "time"):
            parts = zip(PAIRS[type_], pair(type_, value), strict=True)
            return f"{{{', '.join(f'{name}: {number}' for name, number in parts)}}}"
        case ir.Scalar("duration"):
            return str(int(value))
        case ir.Scalar("ip"):
            return address(str(value))
        case ir.LevelType(name):
            return str(members[name].index(str(value)))
        case _:
            return string(str(value))


def address(text: str) -> str:
    """Write an address or a range of them.

    >>> address("::ffff:10.0.0.1"), address("::/0")
    ('ip("10.0.0.1")', 'ip("::/0")')
    """
    found = read_address(text)
    if found is not None:
        return f'ip("{write_address(*found)}")'
    network = read_network(text)
    assert network is not None  # the compiler has read it so
    return f'ip("{write_range(*network)}")'


def is_carried(type_: ir.Type) -> bool:
    """Whether Cedar is given the value itself, and not only that it is there.

    Nothing but `has` looks at `json`, nor at lists of anything but scalars.
    """
    match type_:
        case ir.Scalar("json"):
            return False
        case ir.ListType(of):
            return not isinstance(of, ir.ListType | ir.RecordType) and is_carried(of)
        case ir.RecordType():
            return True
        case _:
            return not ir.has_form(type_)  # of which no condition can be asked


def schema_type(type_: ir.Type) -> dict[str, Any]:
    """The type of a value in the JSON form of a Cedar schema."""
    if not is_carried(type_):
        return {"type": "Boolean"}
    match type_:
        case ir.Scalar("string") | ir.EnumType():
            return {"type": "String"}
        case ir.Scalar("bool"):
            return {"type": "Boolean"}
        case ir.Scalar("ip"):
            return {"type": "Extension", "name": "ipaddr"}
        case ir.Scalar("number" | "time"):
            return {"type": COMMON[type_]}
        case ir.ListType(of):
            return {"type": "Set", "element": schema_type(of)}
        case ir.RecordType(fields):
            return record({attribute_name(each.name): schema_type(each.type) for each in fields})
        case ir.OrNothing(of):
            return record({VALUE: schema_type(of)})
        case _:
            return {"type": "Long"}


def pair_type(names: tuple[str, str]) -> dict[str, Any]:
    """The type of a pair in the JSON form of a Cedar schema."""
    return record({}, {name: {"type": "Long"} for name in names})


def record(
    optional: Mapping[str, dict[str, Any]], required: Mapping[str, dict[str, Any]] | None = None
) -> dict[str, Any]:
    """A record type in the JSON form of a Cedar schema."""
    attributes = {name: {**type_, "required": False} for name, type_ in optional.items()}
    attributes |= {name: {**type_, "required": True} for name, type_ in (required or {}).items()}
    return {"type": "Record", "attributes": dict(sorted(attributes.items()))}


def translated_type(type_: ir.Type, members: Members) -> dict[str, Any]:
    """A type as the translation of requests says it."""
    match type_:
        case ir.Scalar(name):
            return {"type": name}
        case ir.LevelType(name):
            return {"type": "level", "members": list(members[name])}
        case ir.EnumType(name):
            return {"type": "enum", "members": list(members[name])}
        case ir.ListType(of):
            return {"type": "list", "of": translated_type(of, members)}
        case ir.OrNothing(of):
            return {"type": "or nothing", "of": translated_type(of, members)}
        case ir.PartOf():
            raise TypeError("nothing that Cedar is given has this type")
        case ir.RecordType(fields):
            return {
                "type": "record",
                "fields": [
                    {
                        "name": each.name,
                        "as": attribute_name(each.name),
                        **({} if is_word(each.name) else {"key": written(each.name)}),
                        "optional": each.optional,
                        **translated_type(each.type, members),
                    }
                    for each in fields
                ],
            }
        case _:
            assert_never(type_)
