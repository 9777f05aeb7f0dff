"""Names, values and conditions."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...report.source import Span
from ...structs import Struct, field


class Node(Struct):
    """Something written in a file."""

    span: Span = field(compare=False)


class Name(Node, Struct):
    """A name as written, dots included: `ledger`, `platform.hr_bots`."""

    text: str


# --- Literals and values --------------------------------------------------------------------------


class Text(Node, Struct):
    """A string literal.

    `value` has its escapes decoded; `raw` is what stands between the quotes, which a `like` pattern
    is read from, since there a backslash may also escape a wildcard.
    """

    value: str
    raw: str = field(compare=False)


class Number(Node, Struct):
    """A number as written, without its underscores: `10000`, `-0.5`, `1e3`."""

    text: str


class Bool(Node, Struct):
    """`true` or `false`."""

    value: bool


class Duration(Node, Struct):
    """A duration as written: `1h30m`."""

    text: str


class Date(Node, Struct):
    """A day as written: `2027-06-30`."""

    text: str


class Time(Node, Struct):
    """An instant as written: `2026-11-24T10:00:00Z`."""

    text: str


class Null(Node, Struct):
    """`null`, in the values of tests."""


class ListLiteral(Node, Struct):
    """`[a, b]`."""

    items: tuple[Literal_, ...]


class RecordLiteral(Node, Struct):
    """`{ a: 1, b: "x" }`, in the values of tests and obligations."""

    items: tuple[Pair, ...]


class Pair(Node, Struct):
    """`name: value`."""

    name: Name
    value: Literal_


Literal_: TypeAlias = (
    Text | Number | Bool | Duration | Date | Time | Null | ListLiteral | RecordLiteral | Name
)
"""A literal value; a `Name` is a member of a level or enum, such as `EUR` or `currency.EUR`."""


# --- Expressions ----------------------------------------------------------------------------------


class AgeOf(Node, Struct):
    """`age(t)`."""

    of: Name


class SizeOf(Node, Struct):
    """`size a`."""

    of: Name


Operand: TypeAlias = Literal_ | AgeOf | SizeOf
"""A `Name` is an attribute path (`args.amount`, `now`), a member, a set or a named condition."""


class Any_(Node, Struct):
    """Two or more expressions joined by `or`."""

    parts: tuple[Expression, ...]


class All_(Node, Struct):
    """Two or more expressions joined by `and`."""

    parts: tuple[Expression, ...]


class Not(Node, Struct):
    """`not x`."""

    part: Expression


ComparisonOp: TypeAlias = Literal[
    "==", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "contains all", "contains any",
    "subset of", "like", "under", "within",
]  # fmt: skip


class Comparison(Node, Struct):
    """`a OP b`, or with a quantifier `every a OP b`; the span of `op` helps to point at habits."""

    quantifier: Literal["every", "some"] | None
    left: Operand
    op: ComparisonOp
    right: Operand


class Has(Node, Struct):
    """`has a`."""

    name: Name


class HasOnly(Node, Struct):
    """`has only a, b`."""

    names: tuple[Name, ...]


class Key(Node, Struct):
    """`task`, `everyone` or an attribute; `args.a as args.b` compares a record's `a` with the call's `b`."""

    attribute: Name
    called: Name | None


class Origin(Node, Struct):
    """`said`, `task`, `shop.lookup.total`, `quoted mail.open.body`, a set or a source; `when` reads its record."""

    quoted: bool
    of: Name
    when: Expression | None


class After(Node, Struct):
    """`after a.b`, `after done (a.b when E per k within D)`; without `keys` it is per task."""

    done: bool
    capabilities: tuple[Name, ...]
    when: Expression | None
    keys: tuple[Key, ...]
    within: Duration | None


class From(Node, Struct):
    """`a from s, t`, or `links a, b from s`."""

    links: bool
    attributes: tuple[Operand, ...]
    origins: tuple[Origin, ...]


Expression: TypeAlias = Any_ | All_ | Not | Comparison | Has | HasOnly | After | From | Name
"""A `Name` alone is a named condition, or an attribute of type bool."""
