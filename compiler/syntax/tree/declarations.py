"""Types, and what a package declares."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...records import dataclass
from .expressions import Duration, Expression, Key, ListLiteral, Name, Node, Origin, Text


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`[T]`."""

    of: TypeExpression


@dataclass(frozen=True, slots=True)
class RecordOf(Node):
    """`{ a: T, b?: U }`."""

    fields: tuple[FieldDeclaration, ...]


TypeExpression: TypeAlias = Name | ListOf | RecordOf


@dataclass(frozen=True, slots=True)
class FieldDeclaration(Node):
    """`name: T` or `name?: T`."""

    name: Name
    optional: bool
    type: TypeExpression


# --- Declarations ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnerClause(Node):
    """`owner "…" contact "…"`."""

    owner: Text
    contact: Text


@dataclass(frozen=True, slots=True)
class Controls(Node):
    """`controls owasp-agentic-2026:ASI03, …`; each a `Name` whose text is the whole identifier."""

    ids: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Use(Node):
    """`use platform`."""

    package: Name


@dataclass(frozen=True, slots=True)
class AgentDeclaration(Node):
    """`agent n = "spiffe://…" { … }`."""

    name: Name
    id: Text
    attributes: tuple[FieldDeclaration, ...]


@dataclass(frozen=True, slots=True)
class AgentsDeclaration(Node):
    """`agents n = "spiffe://…/*", other except third { … }`."""

    name: Name
    members: tuple[Text | Name, ...]
    attributes: tuple[FieldDeclaration, ...]
    excepted: tuple[Text | Name, ...] = ()


@dataclass(frozen=True, slots=True)
class IntentDeclaration(Node):
    """`intent n "purpose" { … }`."""

    name: Name
    purpose: Text
    fields: tuple[FieldDeclaration, ...]


@dataclass(frozen=True, slots=True)
class OtherArguments(Node):
    """`...` behind the parameters of an action: arguments that nobody declares may be there, too."""


@dataclass(frozen=True, slots=True)
class ActionDeclaration(Node):
    """`read action n(p: T) -> T`; `action a, b` makes one each, of the same kinds."""

    name: Name
    parameters: tuple[FieldDeclaration, ...]
    result: TypeExpression | None
    kinds: tuple[Name, ...] = ()
    others: OtherArguments | None = None


@dataclass(frozen=True, slots=True)
class ResourceDeclaration(Node):
    """`tool`, `api` or `dataset`; attributes and actions each in the order written."""

    kind: Literal["tool", "api", "dataset"]
    name: Name
    attributes: tuple[FieldDeclaration, ...]
    actions: tuple[ActionDeclaration, ...]


@dataclass(frozen=True, slots=True)
class ExtendDeclaration(Node):
    """`extend n { … }`: attributes, and kinds for actions, of a resource that is declared elsewhere."""

    name: Name
    attributes: tuple[FieldDeclaration, ...]
    actions: tuple[ActionDeclaration, ...]


@dataclass(frozen=True, slots=True)
class GroupDeclaration(Node):
    """`group n = CAPS`."""

    name: Name
    capabilities: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class LevelDeclaration(Node):
    """`level n = a < b`."""

    name: Name
    members: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class EnumDeclaration(Node):
    """`enum n = a, "+1"`; a member is as the language writes it."""

    name: Name
    members: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class SetDeclaration(Node):
    """`set n = [ … ]`."""

    name: Name
    values: ListLiteral


@dataclass(frozen=True, slots=True)
class LetDeclaration(Node):
    """`let n = EXPR`."""

    name: Name
    expression: Expression


@dataclass(frozen=True, slots=True)
class ContextDeclaration(Node):
    """`context { … }` or `user { … }`."""

    kind: Literal["context", "user"]
    fields: tuple[FieldDeclaration, ...]


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`count`, `last`, `sum a`, `sum size a`, `max a` or `distinct a`."""

    kind: Literal["count", "last", "sum", "max", "distinct"]
    size: bool
    attribute: Name | None


@dataclass(frozen=True, slots=True)
class MeterDeclaration(Node):
    """`meter n = AGGREGATE of CAPS when E per k within D`."""

    name: Name
    aggregate: Aggregate
    outcome: Literal["denied", "asked", "done"] | None
    capabilities: tuple[Name, ...]
    when: Expression | None
    keys: tuple[Key, ...]
    within: Duration | None


@dataclass(frozen=True, slots=True)
class SourceDeclaration(Node):
    """`source n = ORIGIN, …`."""

    name: Name
    origins: tuple[Origin, ...]
