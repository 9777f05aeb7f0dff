"""The named constants of the generated code, as JavaScript writes them."""

from __future__ import annotations

from ...compiler.ir import nodes as ir
from ...runtime.glob import Wildcard, parse_glob
from ...runtime.values import path_segments, read_network, relative_segments
from ..code import constants
from ..code.literals import WIDTH, Code
from .dialect import DIALECT
from .literals import literal, nanoseconds


class Constants(constants.Constants):
    """The constants that the conditions of one policy need, in JavaScript."""

    dialect = DIALECT

    def form(self, type_: ir.Type, value: object) -> object:
        """Give a constant as the library's readers would; times and durations become code."""
        match value:
            case int() if type_ in (ir.TIME, ir.DURATION):
                return nanoseconds(value)
            case (int(bits), int(number)) if type_ == ir.IP:
                return address(bits, number)
            case _:
                return value

    def set_of(self, values: list[object]) -> str:
        """Write a set."""
        return f"new Set({literal(values, indent=len('const SET_9 = new Set('))})"

    def ranges(self, of: ir.Constants) -> str:
        """Name a set of address ranges, which are merged and sorted."""
        merged: list[list[str]] = []
        for first, last in sorted(map(_ends, of.values)):
            if merged and first <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], last)
            else:
                merged.append([first, last])
        origin = of.name or ", ".join(map(str, of.values[:WIDTH]))[:WIDTH]
        return self.named("RANGES", f"new Ranges({literal(merged)})", origin)

    def glob(self, pattern: str) -> str:
        """Name a parsed pattern."""
        names = {Wildcard.ANY: Code("ANY"), Wildcard.ONE: Code("ONE")}
        parts = [part if isinstance(part, str) else names[part] for part in parse_glob(pattern)]
        return self.named("GLOB", literal(parts), pattern[:WIDTH])

    def path(self, path: str) -> str:
        """Name the segments of a path."""
        return self.named(
            "PATH", literal(path_segments(path) or relative_segments(path) or []), path[:WIDTH]
        )

    def member_reader(self, function: str, members: tuple[str, ...]) -> str:
        """Write a reader of the members of a level or an enum."""
        return f"{function}({literal(members)})"

    def record_reader(self, function: str, fields: list[tuple[str, str, bool]]) -> str:
        """Write a reader of records."""
        written = [[name, Code(read), optional] for name, read, optional in fields]
        return f"{function}({literal(written)})"


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
