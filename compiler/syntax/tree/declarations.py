"""Types, and what a package declares."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...structs import Struct
from .expressions import Duration, Expression, Key, ListLiteral, Name, Node, Origin, Text


class ListOf(Node, Struct):
    """`[T]`."""

    of: TypeExpression


class RecordOf(Node, Struct):
    """`{ a: T, b?: U }`."""

    fields: tuple[FieldDeclaration, ...]


TypeExpression: TypeAlias = Name | ListOf | RecordOf


class FieldDeclaration(Node, Struct):
    """`name: T` or `name?: T`."""

    name: Name
    optional: bool
    type: TypeExpression


# --- Declarations ---------------------------------------------------------------------------------


class OwnerClause(Node, Struct):
    """`owner "…" contact "…"`."""

    owner: Text
    contact: Text


class Controls(Node, Struct):
    """`controls owasp-agentic-2026:ASI03, …`; each a `Name` whose text is the whole identifier."""

    ids: tuple[Name, ...]


class Use(Node, Struct):
    """`use platform`."""

    package: Name


class AgentDeclaration(Node, Struct):
    """`agent n = "spiffe://…" { … }`."""

    name: Name
    id: Text
    attributes: tuple[FieldDeclaration, ...]


class AgentsDeclaration(Node, Struct):
    """`agents n = "spiffe://…/*", other except third { … }`."""

    name: Name
    members: tuple[Text | Name, ...]
    attributes: tuple[FieldDeclaration, ...]
    excepted: tuple[Text | Name, ...] = ()


class IntentDeclaration(Node, Struct):
    """`intent n "purpose" { … }`."""

    name: Name
    purpose: Text
    fields: tuple[FieldDeclaration, ...]


class OtherArguments(Node, Struct):
    """`...` behind the parameters of an action: arguments that nobody declares may be there, too."""


class ActionDeclaration(Node, Struct):
    """`read action n(p: T) -> T`; `action a, b` makes one each, of the same kinds."""

    name: Name
    parameters: tuple[FieldDeclaration, ...]
    result: TypeExpression | None
    kinds: tuple[Name, ...] = ()
    others: OtherArguments | None = None


class ResourceDeclaration(Node, Struct):
    """`tool`, `api` or `dataset`; attributes and actions each in the order written."""

    kind: Literal["tool", "api", "dataset"]
    name: Name
    attributes: tuple[FieldDeclaration, ...]
    actions: tuple[ActionDeclaration, ...]


class ExtendDeclaration(Node, Struct):
    """`extend n { … }`: attributes, and kinds for actions, of a resource that is declared elsewhere."""

    name: Name
    attributes: tuple[FieldDeclaration, ...]
    actions: tuple[ActionDeclaration, ...]


class GroupDeclaration(Node, Struct):
    """`group n = CAPS`."""

    name: Name
    capabilities: tuple[Name, ...]


class LevelDeclaration(Node, Struct):
    """`level n = a < b`."""

    name: Name
    members: tuple[Name, ...]


class EnumDeclaration(Node, Struct):
    """`enum n = a, "+1"`; a member is as the language writes it."""

    name: Name
    members: tuple[Name, ...]


class SetDeclaration(Node, Struct):
    """`set n = [ … ]`."""

    name: Name
    values: ListLiteral


class LetDeclaration(Node, Struct):
    """`let n = EXPR`."""

    name: Name
    expression: Expression


class ContextDeclaration(Node, Struct):
    """`context { … }` or `user { … }`."""

    kind: Literal["context", "user"]
    fields: tuple[FieldDeclaration, ...]


class Aggregate(Node, Struct):
    """`count`, `last`, `sum a`, `sum size a`, `max a` or `distinct a`."""

    kind: Literal["count", "last", "sum", "max", "distinct"]
    size: bool
    attribute: Name | None


class MeterDeclaration(Node, Struct):
    """`meter n = AGGREGATE of CAPS when E per k within D`."""

    name: Name
    aggregate: Aggregate
    outcome: Literal["denied", "asked", "done"] | None
    capabilities: tuple[Name, ...]
    when: Expression | None
    keys: tuple[Key, ...]
    within: Duration | None


class SourceDeclaration(Node, Struct):
    """`source n = ORIGIN, …`."""

    name: Name
    origins: tuple[Origin, ...]
