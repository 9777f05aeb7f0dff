"""Facts about a call that come from what was done before: meters, and the sources of values.

A condition reads a meter as an attribute, `context.meters.KEY.before` or `.with`, and asks of a source whether
`context.sources.KEY` lists an argument. The key has the digest of the definition, so that a monitor which knows
another definition says nothing, instead of something wrong.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...report.source import Span
from ...structs import Struct, field
from .conditions import Attribute, Condition, Constants
from .types import INT, STRING, TIME, ListType, OrNothing, Type

Aggregate: TypeAlias = Literal["count", "sum", "sum size", "max", "distinct", "last"]
Counted: TypeAlias = Literal["permitted", "done", "denied", "asked"]
Scope: TypeAlias = Literal["agent", "resource", "task", "user"]

SHORT = 16
"""The hexadecimal digits of a digest that stand in a key; the whole one is in the policy."""


class MeterKey(Struct):
    """An attribute that a record has to share with the call at hand: `recorded` there, `called` here."""

    recorded: Attribute
    called: Attribute


class Meter(Struct):
    """An aggregate over the calls that were recorded.

    `capabilities` are written out, sorted. `within` is in seconds; without it the run ends the record. One that
    has no name of its own, of an `after`, is called what it says.
    """

    name: str
    aggregate: Aggregate
    attribute: Attribute | None
    counted: Counted
    capabilities: tuple[str, ...]
    condition: Condition | None
    scopes: tuple[Scope, ...]
    keys: tuple[MeterKey, ...]
    within: int | None
    digest: str
    span: Span = field(compare=False, repr=False)

    @property
    def key(self) -> str:
        """What a request calls it."""
        return f"{self.name}#{self.digest[:SHORT]}"

    @property
    def has_with(self) -> bool:
        """Whether the call at hand may count itself, so that there is a value as if it went ahead."""
        return self.counted == "permitted" and self.aggregate != "last"

    @property
    def type(self) -> Type:
        """The type of its values."""
        if self.aggregate == "last":
            return OrNothing(TIME)
        if self.attribute is None or self.aggregate in ("sum size", "distinct"):
            return INT
        return OrNothing(self.attribute.type) if self.aggregate == "max" else self.attribute.type

    def read(self, reading: Literal["before", "with"]) -> Attribute:
        """The attribute that a condition reads."""
        return Attribute("context", ("meters", self.key, reading), self.type)


class Origin(Struct):
    """Where a value may have stood.

    `result` and `quoted` are of a `capability` and a `path` in what it gives back; `condition` reads the record that
    holds the value as `context.it`. `set` has `values`, and `user` an `attribute`.
    """

    kind: Literal["said", "task", "result", "quoted", "set", "user"]
    capability: str | None = None
    path: tuple[str, ...] = ()
    condition: Condition | None = None
    values: Constants | None = None
    attribute: Attribute | None = None


class Source(Struct):
    """Where values may come from, with what the sources that it names say; sorted."""

    name: str
    origins: tuple[Origin, ...]
    digest: str
    span: Span = field(compare=False, repr=False)

    @property
    def key(self) -> str:
        """What a request calls it."""
        return f"{self.name}#{self.digest[:SHORT]}"

    @property
    def read(self) -> Attribute:
        """The names of the arguments that come from it, as a request lists them."""
        return Attribute("context", ("sources", self.key), ListType(STRING))


def is_fact(attribute: Attribute) -> bool:
    """Whether a monitor has to say it: no block can declare a field of these names."""
    return attribute.root == "context" and attribute.path[:1] in (("meters",), ("sources",))
