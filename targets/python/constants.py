"""The named constants of the generated code, as Python writes them."""

from __future__ import annotations

from ...compiler.ir import nodes as ir
from ...runtime.glob import parse_glob
from ...runtime.values import path_segments, read_network, relative_segments
from ..code import constants
from .dialect import DIALECT
from .literals import literal


class Constants(constants.Constants):
    """The constants that the conditions of one policy need, in Python."""

    dialect = DIALECT

    def set_of(self, values: list[object]) -> str:
        """Write a frozen set."""
        return f"frozenset({literal(tuple(values))})"

    def ranges(self, of: ir.Constants) -> str:
        """Name a set of address ranges."""
        for value in of.values:
            if read_network(value) is None:
                raise ValueError(f"{value!r} is not a range of addresses")
        written = literal(tuple(of.values))
        return self.named("RANGES", f"Ranges(*{written})", of.name or "")

    def glob(self, pattern: str) -> str:
        """Name a parsed pattern."""
        parse_glob(pattern)  # a bad one is an error here, not where the code is loaded
        return self.named("GLOB", f"parse_glob({literal(pattern)})")

    def path(self, path: str) -> str:
        """Write the segments of a path."""
        return literal(path_segments(path) or relative_segments(path) or ())

    def member_reader(self, function: str, members: tuple[str, ...]) -> str:
        """Write a reader of the members of a level or an enum."""
        return f"{function}(*{literal(members)})"

    def record_reader(self, function: str, fields: list[tuple[str, str, bool]]) -> str:
        """Write a reader of records."""
        written = (f"({literal(name)}, {read}, {optional})" for name, read, optional in fields)
        return f"{function}({', '.join(written)})"
