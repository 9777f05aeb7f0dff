"""Names, values and conditions."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...records import dataclass, field
from ...report.source import Span


@dataclass(frozen=True, slots=True)
class Node:
    """Something written in a file."""

    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name as written, dots included: `ledger`, `platform.hr_bots`."""

    text: str


# --- Literals and values --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A string literal.

    `value` has its escapes decoded; `raw` is what stands between the quotes, which a `like` pattern
    is read from, since there a backslash may also escape a wildcard.
    """

    value: str
    raw: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as written, without its underscores: `10000`, `-0.5`, `1e3`."""

    text: str


@dataclass(frozen=True, slots=True)
class Bool(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """A duration as written: `1h30m`."""

    text: str


@dataclass(frozen=True, slots=True)
class Date(Node):
    """A day as written: `2027-06-30`."""

    text: str


@dataclass(frozen=True, slots=True)
class Time(Node):
    """An instant as written: `2026-11-24T10:00:00Z`."""

    text: str


@dataclass(frozen=True, slots=True)
class Null(Node):
    """`null`, in the values of tests."""


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[a, b]`."""

    items: tuple[Literal_, ...]


@dataclass(frozen=True, slots=True)
class RecordLiteral(Node):
    """`{ a: 1, b: "x" }`, in the values of tests and obligations."""

    items: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Pair(Node):
    """`name: value`."""

    name: Name
    value: Literal_


Literal_: TypeAlias = (
    Text | Number | Bool | Duration | Date | Time | Null | ListLiteral | RecordLiteral | Name
)
"""A literal value; a `Name` is a member of a level or enum, such as `EUR` or `currency.EUR`."""


# --- Expressions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgeOf(Node):
    """`age(t)`."""

    of: Name


@dataclass(frozen=True, slots=True)
class SizeOf(Node):
    """`size a`."""

    of: Name


Operand: TypeAlias = Literal_ | AgeOf | SizeOf
"""A `Name` is an attribute path (`args.amount`, `now`), a member, a set or a named condition."""


@dataclass(frozen=True, slots=True)
class Any_(Node):
    """Two or more expressions joined by `or`."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class All_(Node):
    """Two or more expressions joined by `and`."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not x`."""

    part: Expression


ComparisonOp: TypeAlias = Literal[
    "==", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "contains all", "contains any",
    "subset of", "like", "under", "within",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`a OP b`, or with a quantifier `every a OP b`; the span of `op` helps to point at habits."""

    quantifier: Literal["every", "some"] | None
    left: Operand
    op: ComparisonOp
    right: Operand


@dataclass(frozen=True, slots=True)
class Has(Node):
    """`has a`."""

    name: Name


@dataclass(frozen=True, slots=True)
class HasOnly(Node):
    """`has only a, b`."""

    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Key(Node):
    """`task`, `everyone` or an attribute; `args.a as args.b` compares a record's `a` with the call's `b`."""

    attribute: Name
    called: Name | None


@dataclass(frozen=True, slots=True)
class Origin(Node):
    """`said`, `task`, `shop.lookup.total`, `quoted mail.open.body`, a set or a source; `when` reads its record."""

    quoted: bool
    of: Name
    when: Expression | None


@dataclass(frozen=True, slots=True)
class After(Node):
    """`after a.b`, `after done (a.b when E per k within D)`; without `keys` it is per task."""

    done: bool
    capabilities: tuple[Name, ...]
    when: Expression | None
    keys: tuple[Key, ...]
    within: Duration | None


@dataclass(frozen=True, slots=True)
class From(Node):
    """`a from s, t`, or `links a, b from s`."""

    links: bool
    attributes: tuple[Operand, ...]
    origins: tuple[Origin, ...]


Expression: TypeAlias = Any_ | All_ | Not | Comparison | Has | HasOnly | After | From | Name
"""A `Name` alone is a named condition, or an attribute of type bool."""
