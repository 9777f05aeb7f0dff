"""Conditions, and the terms that they compare."""

from __future__ import annotations

from typing import Literal, TypeAlias, assert_never

from ...report.source import Span
from ...structs import Struct, field
from ...text.field_names import written
from .types import Type

Root: TypeAlias = Literal["agent", "args", "resource", "task", "context", "user", "now"]

Value: TypeAlias = str | bool | int | float
"""A constant: an enum or level member by name, a time as canonical RFC 3339 in UTC, a duration as
whole seconds, an address or range as canonical text, anything else as itself."""


EACH = ""
"""A step of a path that is no name: from a list to each of its elements."""


class Attribute(Struct):
    """Something read from the request. `now` has an empty path, `agent.id` the path `("id",)`.

    What a list is read for has a step `EACH` behind the list, which is `of`: `("files", EACH, "path")` is the list of the
    paths in a list of records, `("files", EACH)` the number of its elements. `(EACH,)` are the names of the arguments.
    """

    root: Root
    path: tuple[str, ...]
    type: Type
    optional: bool = False
    of: Attribute | None = None

    @property
    def beyond(self) -> tuple[str, ...]:
        """The names of fields behind the list that it is read of."""
        start = 0 if self.of is None else len(self.of.path)
        return tuple(each for each in self.path[start:] if each != EACH)


class Constant(Struct):
    """A literal of the policy."""

    type: Type
    value: Value


class Age(Struct):
    """`now` minus a time, as a duration; unknown while the time has not come."""

    of: Attribute | Element


class Element(Struct):
    """The element at hand inside a `Quantified`."""

    type: Type


class NameOf(Struct):
    """What a list of arguments calls one that is there; of its `links` where they alone are meant."""

    of: Attribute
    links: bool = False

    @property
    def name(self) -> str:
        """The path below the arguments, as conditions write it."""
        return (
            ".".join(written(each) for each in self.of.path if each != EACH) + "#links" * self.links
        )


Term: TypeAlias = Attribute | Constant | Age | Element | NameOf


class Constants(Struct):
    """Literals of one type, in the order written; `name` is the declared set they come from.

    Ranges of addresses (after `within`) have the type `ip`.
    """

    type: Type
    values: tuple[Value, ...]
    name: str | None = None


Collection: TypeAlias = Constants | Attribute
"""What membership is asked of: constants, or an attribute that is a list."""


class And(Struct):
    """True if all parts are, false if one is, else unknown. Two parts or more."""

    parts: tuple[Condition, ...]


class Or(Struct):
    """True if one part is, false if all are, else unknown. Two parts or more."""

    parts: tuple[Condition, ...]


class Not(Struct):
    """The opposite; unknown stays unknown. `a != b` and `a not in x` are written with it."""

    part: Condition


CompareOp: TypeAlias = Literal["==", "<", "<=", ">", ">="]
ListOp: TypeAlias = Literal["subset of", "contains all", "contains any"]


class Compare(Struct):
    """Two terms of one type, of which at least one is not a constant."""

    op: CompareOp
    left: Term
    right: Term
    span: Span | None = field(default=None, compare=False, repr=False)


class In(Struct):
    """Membership; `a contains x` is `x in a`."""

    item: Term
    of: Collection
    span: Span | None = field(default=None, compare=False, repr=False)


class ListTest(Struct):
    """`list subset of …`, `list contains all …`, `list contains any …`."""

    op: ListOp
    list: Attribute
    of: Collection
    span: Span | None = field(default=None, compare=False, repr=False)


class Like(Struct):
    r"""A glob over the whole string, in the syntax of `runtime.glob` (`\*`, `\?`, `\\` escaped)."""

    item: Attribute | Element
    pattern: str
    span: Span | None = field(default=None, compare=False, repr=False)


class Under(Struct):
    """Containment of a path without odd segments in one that is, like it, absolute or relative; of a domain in a domain."""

    item: Attribute | Element
    path: str | Attribute
    span: Span | None = field(default=None, compare=False, repr=False)


class Within(Struct):
    """Whether an address lies in one of the ranges."""

    item: Attribute | Element
    ranges: Constants
    span: Span | None = field(default=None, compare=False, repr=False)


class Has(Struct):
    """True if present, false if absent, unknown if malformed."""

    attribute: Attribute
    span: Span | None = field(default=None, compare=False, repr=False)


class Quantified(Struct):
    """A test of each element of a list of scalars; the test is a leaf over `Element`, or its Not."""

    kind: Literal["every", "some"]
    list: Attribute
    test: Condition
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def is_every(self) -> bool:
        """Whether the test is asked of every element, and not of some one."""
        match self.kind:
            case "every":
                return True
            case "some":
                return False
            case _:
                assert_never(self.kind)


Condition: TypeAlias = (
    And | Or | Not | Compare | In | ListTest | Like | Under | Within | Has | Quantified
)
