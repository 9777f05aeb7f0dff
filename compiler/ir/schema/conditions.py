"""The JSON form of conditions."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field as Key
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from .base import FieldName, Model, SpanText, Value
from .types import Type


class Attribute(Model):
    """Something read from the request."""

    kind: Literal["attribute"]
    root: Literal["agent", "args", "resource", "task", "context", "user", "now"]
    path: list[FieldName | Literal[""]]
    type: Type
    optional: bool = False
    of: Attribute | None = None


class Constant(Model):
    """A literal."""

    kind: Literal["constant"]
    type: Type
    value: Value


class Age(Model):
    """`now` minus a time."""

    kind: Literal["age"]
    of: Annotated[Attribute | Element, Key(discriminator="kind")]


class Element(Model):
    """The element at hand."""

    kind: Literal["element"]
    type: Type


class NameOf(Model):
    """What a list of arguments calls one that is there, or its links."""

    kind: Literal["name_of"]
    of: Attribute
    links: bool = False


class Constants(Model):
    """Literals of one type: `values`, or those of the declared set `set`."""

    kind: Literal["constants"]
    type: Type
    values: list[Value] | None = None
    name: str | None = Key(None, alias="set")

    @model_validator(mode="after")
    def _is_one(self) -> Constants:
        if self.values is not None and self.name is not None:
            raise PydanticCustomError("constants", "either `values` or `set`, not both")
        if self.values is None and self.name is None:  # which is no empty list: nothing is in one
            raise PydanticCustomError("constants", "either `values` or `set`, and neither is here")
        return self


Term: TypeAlias = Annotated[
    Attribute | Constant | Age | Element | NameOf, Key(discriminator="kind")
]
Read: TypeAlias = Annotated[Attribute | Element, Key(discriminator="kind")]
Collection: TypeAlias = Annotated[Constants | Attribute, Key(discriminator="kind")]


class And(Model):
    """All parts."""

    kind: Literal["and"]
    parts: list[Condition] = Key(min_length=2)


class Or(Model):
    """One part at least."""

    kind: Literal["or"]
    parts: list[Condition] = Key(min_length=2)


class Not(Model):
    """The opposite."""

    kind: Literal["not"]
    part: Condition


class Compare(Model):
    """A comparison of two terms."""

    kind: Literal["compare"]
    op: Literal["==", "<", "<=", ">", ">="]
    left: Term
    right: Term
    span: SpanText | None = None


class In(Model):
    """Membership."""

    kind: Literal["in"]
    item: Term
    of: Collection
    span: SpanText | None = None


class ListTest(Model):
    """A comparison of two lists as sets."""

    kind: Literal["list_test"]
    op: Literal["subset of", "contains all", "contains any"]
    list_: Attribute = Key(alias="list")
    of: Collection
    span: SpanText | None = None


class Like(Model):
    """A glob over the whole string."""

    kind: Literal["like"]
    item: Read
    pattern: str
    span: SpanText | None = None


class Under(Model):
    """Containment of a path."""

    kind: Literal["under"]
    item: Read
    path: str | Attribute
    span: SpanText | None = None


class Within(Model):
    """Containment of an address."""

    kind: Literal["within"]
    item: Read
    ranges: Constants
    span: SpanText | None = None


class Has(Model):
    """Presence."""

    kind: Literal["has"]
    attribute: Attribute
    span: SpanText | None = None


class Quantified(Model):
    """A test of each element; `every` or `some`."""

    kind: Literal["every", "some"]
    list_: Attribute = Key(alias="list")
    test: Condition
    span: SpanText | None = None


Condition: TypeAlias = Annotated[
    And | Or | Not | Compare | In | ListTest | Like | Under | Within | Has | Quantified,
    Key(discriminator="kind"),
]
