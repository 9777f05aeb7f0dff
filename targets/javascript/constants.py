"""The named constants of the generated code: sets, patterns, paths, ranges, and readers of types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ...compiler.ir import nodes as ir
from ...compiler.meaning.request import MALFORMED, constant
from ...compiler.records import dataclass
from ...runtime.glob import Wildcard, parse_glob
from ...runtime.values import path_segments, read_network
from .literals import (
    WIDTH,
    Code,
    literal,
    nanoseconds,
)

_READERS = {
    "string": "readText",
    "bool": "readBool",
    "int": "readInt",
    "number": "readNumber",
    "time": "readTime",
    "duration": "readDuration",
    "ip": "readAddress",
    "json": "readJson",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """A constant: its name, the expression that makes it, and what it is in the policy, if named."""

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
        """Name a set of constants in the form that conditions compare."""
        found = dict.fromkeys(self._comparable(of.type, value) for value in of.values)
        written = literal(list(found), indent=len("const SET_9 = new Set("))
        return self._name("SET", f"new Set({written})", of.name or "")

    def ranges(self, of: ir.Constants) -> str:
        """Name a set of address ranges, which are merged and sorted."""
        merged: list[list[str]] = []
        for first, last in sorted(map(_ends, of.values)):
            if merged and first <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], last)
            else:
                merged.append([first, last])
        origin = of.name or ", ".join(map(str, of.values[:WIDTH]))[:WIDTH]
        return self._name("RANGES", f"new Ranges({literal(merged)})", origin)

    def glob(self, pattern: str) -> str:
        """Name a parsed pattern."""
        names = {Wildcard.ANY: Code("ANY"), Wildcard.ONE: Code("ONE")}
        parts = [part if isinstance(part, str) else names[part] for part in parse_glob(pattern)]
        return self._name("GLOB", literal(parts), pattern[:WIDTH])

    def path(self, path: str) -> str:
        """Name the segments of a path; `/` itself has none."""
        return self._name("PATH", literal(path_segments(path) or []), path[:WIDTH])

    def reader(self, type_: ir.Type) -> str:
        """Name the reader of a type."""
        match type_:
            case ir.Scalar(name):
                return _READERS[name]
            case ir.LevelType(name):
                return self._name("LEVEL", f"readRank({literal(self.members(name))})", name)
            case ir.EnumType(name):
                return self._name("ENUM", f"readMember({literal(self.members(name))})", name)
            case ir.ListType(ir.Scalar("string")):
                return "readTexts"
            case ir.ListType(of):
                return self._name("LIST", f"readList({self.reader(of)})")
            case ir.RecordType(fields):
                written = literal(
                    [[each.name, Code(self.reader(each.type)), each.optional] for each in fields]
                )
                return self._name("RECORD", f"readRecord({written})")
            case _:
                assert_never(type_)

    def members(self, name: str) -> tuple[str, ...]:
        """Give the members of a level or an enum."""
        return self._policy.members_of[name]

    def _comparable(self, type_: ir.Type, value: ir.Value) -> object:
        """Give a constant as the library's readers would; times and durations become code."""
        found = constant(type_, value, self._policy)
        if found is MALFORMED:
            raise ValueError(f"{value!r} is not a constant of type {type_}")
        if type_ in (ir.TIME, ir.DURATION):
            return nanoseconds(found)
        return address(*found) if type_ == ir.IP else found

    def _name(self, kind: str, expression: str, origin: str = "") -> str:
        """Name a constant, the same for equal expressions."""
        found = self._by_expression.get(expression)
        if found is None:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            found = Definition(f"{kind}_{number}", expression, origin)
            self._by_expression[expression] = found
        return found.name


def address(bits: int, number: int) -> str:
    """Write an address as the library reads one: text that sorts as addresses do.

    >>> address(32, 0x0A000001)
    '40a000001'
    """
    return f"4{number:08x}" if bits == 32 else f"6{number:032x}"


def _ends(range_: object) -> tuple[str, str]:
    """Give the first and the last address of a range."""
    network = read_network(range_)
    if network is None:
        raise ValueError(f"{range_!r} is not a range of addresses")
    bits, first, last = network
    return address(bits, first), address(bits, last)
