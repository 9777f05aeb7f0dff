"""The named constants of the generated code: sets, patterns, ranges, and readers of types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ...compiler.ir import nodes as ir
from ...compiler.meaning.request import MALFORMED, constant
from ...compiler.records import dataclass
from ...runtime.glob import parse_glob
from ...runtime.values import read_network
from .literals import literal

_READERS = {
    "string": "read_text",
    "bool": "read_bool",
    "int": "read_int",
    "number": "read_number",
    "time": "read_time",
    "duration": "read_duration",
    "ip": "read_address",
    "json": "read_json",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """A constant: its name, the expression that makes it, and where it comes from, if named."""

    name: str
    expression: str
    origin: str = ""


class Constants:
    """The constants that the conditions of one policy need, each once, in the order of need."""

    def __init__(self, policy: ir.Policy) -> None:
        """Start without any."""
        self._policy = policy
        self._by_expression: dict[str, Definition] = {}
        self._counts: dict[str, int] = {}

    def __iter__(self) -> Iterator[Definition]:
        """Give the definitions; each needs only those before it."""
        return iter(list(self._by_expression.values()))

    def value(self, constant_: ir.Constant) -> str:
        """Write one constant in the form that conditions compare."""
        return literal(self._comparable(constant_.type, constant_.value))

    def values(self, of: ir.Constants) -> str:
        """Name a frozen set of constants in the form that conditions compare."""
        found = dict.fromkeys(self._comparable(of.type, value) for value in of.values)
        return self._name("SET", f"frozenset({literal(tuple(found))})", of.name or "")

    def ranges(self, of: ir.Constants) -> str:
        """Name a set of address ranges."""
        for value in of.values:
            if read_network(value) is None:
                raise ValueError(f"{value!r} is not a range of addresses")
        written = literal(tuple(of.values))
        return self._name("RANGES", f"Ranges(*{written})", of.name or "")

    def glob(self, pattern: str) -> str:
        """Name a parsed pattern."""
        parse_glob(pattern)  # a bad one is an error here, not where the code is loaded
        return self._name("GLOB", f"parse_glob({literal(pattern)})")

    def reader(self, type_: ir.Type) -> str:
        """Name the reader of a type."""
        match type_:
            case ir.Scalar(name):
                return _READERS[name]
            case ir.LevelType(name):
                members = literal(self.members(name))
                return self._name("LEVEL", f"read_rank(*{members})", name)
            case ir.EnumType(name):
                members = literal(self.members(name))
                return self._name("ENUM", f"read_member(*{members})", name)
            case ir.ListType(ir.Scalar("string")):
                return "read_texts"
            case ir.ListType(of):
                return self._name("LIST", f"read_list({self.reader(of)})")
            case ir.RecordType(fields):
                written = ", ".join(
                    f"({literal(each.name)}, {self.reader(each.type)}, {each.optional})"
                    for each in fields
                )
                return self._name("RECORD", f"read_record({written})")
            case _:
                assert_never(type_)

    def members(self, name: str) -> tuple[str, ...]:
        """Give the members of a level or an enum."""
        return self._policy.members_of[name]

    def _comparable(self, type_: ir.Type, value: ir.Value) -> object:
        found: object = constant(type_, value, self._policy)
        if found is MALFORMED:
            raise ValueError(f"{value!r} is not a constant of type {type_}")
        return found

    def _name(self, kind: str, expression: str, origin: str = "") -> str:
        """Name a constant, the same for equal expressions."""
        found = self._by_expression.get(expression)
        if found is None:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            found = Definition(f"{kind}_{number}", expression, origin)
            self._by_expression[expression] = found
        return found.name
