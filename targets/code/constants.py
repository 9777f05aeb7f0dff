"""The named constants of the generated code: sets, patterns, paths, ranges, and readers of types."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import assert_never

from ...compiler.ir import nodes as ir
from ...compiler.meaning.request import MALFORMED, constant
from ...compiler.structs import Struct
from .dialect import Dialect

_READERS = {
    "string": "read_text",
    "bool": "read_bool",
    "int": "read_int",
    "number": "read_number",
    "time": "read_time",
    "date": "read_date",
    "duration": "read_duration",
    "ip": "read_address",
    "domain": "read_domain",
    "email": "read_email",
    "url": "read_url",
    "host": "read_host",
    "json": "read_json",
}


class Definition(Struct):
    """A constant: its name, the expression that makes it, and what it is in the policy, if named."""

    name: str
    expression: str
    origin: str = ""


class Constants(ABC):
    """The constants that the conditions of one policy need, each once, in the order of need.

    A language says how it writes them.
    """

    dialect: Dialect

    def __init__(self, policy: ir.Policy) -> None:
        """Start without any."""
        self._policy = policy
        self._by_expression: dict[str, Definition] = {}
        self._counts: dict[str, int] = {}

    @property
    def policy(self) -> ir.Policy:
        """The policy whose conditions they are of."""
        return self._policy

    def __iter__(self) -> Iterator[Definition]:
        """Give the definitions; each needs only those before it."""
        return iter(list(self._by_expression.values()))

    # --- What a language says ---------------------------------------------------------------------

    @abstractmethod
    def set_of(self, values: list[object]) -> str:
        """Write a set of values, each once, in the form that conditions compare."""

    @abstractmethod
    def ranges(self, of: ir.Constants) -> str:
        """Name a set of address ranges."""

    @abstractmethod
    def glob(self, pattern: str) -> str:
        """Name a parsed pattern."""

    @abstractmethod
    def path(self, path: str) -> str:
        """Write or name the segments of a path; `/` itself has none, and holds every path."""

    @abstractmethod
    def member_reader(self, function: str, members: tuple[str, ...]) -> str:
        """Write a reader of the members of a level or an enum."""

    @abstractmethod
    def record_reader(self, function: str, fields: list[tuple[str, str, bool]]) -> str:
        """Write a reader of records: names of fields, their readers, and whether they are optional."""

    def form(self, type_: ir.Type, value: object) -> object:
        """Give a constant in the form that this language's readers give, if it is another one."""
        return value

    # --- What is the same for all -----------------------------------------------------------------

    def value(self, of: ir.Constant) -> str:
        """Write one constant in the form that conditions compare."""
        return self.dialect.literal(self._comparable(of.type, of.value))

    def values(self, of: ir.Constants) -> str:
        """Name a set of constants."""
        found = dict.fromkeys(self._comparable(of.type, value) for value in of.values)
        return self.named("SET", self.set_of(list(found)), of.name or "")

    def reader(self, type_: ir.Type) -> str:
        """Name the reader of a type."""
        name = self.dialect.name
        match type_:
            case ir.Scalar(scalar):
                return name(_READERS[scalar])
            case ir.LevelType(level):
                written = self.member_reader(name("read_rank"), self.members(level))
                return self.named("LEVEL", written, level)
            case ir.EnumType(enum):
                written = self.member_reader(name("read_member"), self.members(enum))
                return self.named("ENUM", written, enum)
            case ir.ListType(ir.Scalar("string")):
                return name("read_texts")
            case ir.ListType(of):
                return self.named("LIST", f"{name('read_list')}({self.reader(of)})")
            case ir.PartOf(whole, part):
                return name(f"read_{whole.name}_{part}")
            case ir.OrNothing(of):
                written = f"{name('read_or_nothing')}({self.reader(of)})"
                return self.named("OR_NOTHING", written)
            case ir.RecordType(fields):
                read = [(each.name, self.reader(each.type), each.optional) for each in fields]
                return self.named("RECORD", self.record_reader(name("read_record"), read))
            case _:
                assert_never(type_)

    def members(self, name: str) -> tuple[str, ...]:
        """Give the members of a level or an enum."""
        return self._policy.members_of[name]

    def named(self, kind: str, expression: str, origin: str = "") -> str:
        """Name a constant, the same for equal expressions."""
        found = self._by_expression.get(expression)
        if found is None:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            found = Definition(f"{kind}_{number}", expression, origin)
            self._by_expression[expression] = found
        return found.name

    def _comparable(self, type_: ir.Type, value: ir.Value) -> object:
        found: object = constant(type_, value, self._policy)
        if found is MALFORMED:
            raise ValueError(f"{value!r} is not a constant of type {type_}")
        return self.form(type_, found)
