"""Grants and forbids, by their clauses."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...structs import Struct
from .declarations import Controls, OwnerClause
from .expressions import Date, Duration, Expression, Name, Node, Number, Pair, Text, Time


class ApprovalNeed(Node, Struct):
    """`approval [per task] by "…", … [count N] [within D]`."""

    per_task: bool
    by: tuple[Text, ...]
    count: Number | None
    within: Duration | None


class StepUpNeed(Node, Struct):
    """`step_up "mfa" [within D]`."""

    method: Text
    within: Duration | None


class ConfirmationNeed(Node, Struct):
    """`confirmation [within D]`."""

    within: Duration | None


Need: TypeAlias = ApprovalNeed | StepUpNeed | ConfirmationNeed


class ToClause(Node, Struct):
    """`to a, b` or `to any agent` (names None)."""

    names: tuple[Name, ...] | None


class ForClause(Node, Struct):
    """`for a, b` or `for any intent` (names None)."""

    names: tuple[Name, ...] | None


class AllowClause(Node, Struct):
    """`allow CAPS [as LABEL] [when EXPR] [require NEED and NEED]`.

    A capability is a `Name` whose text is as written: `ledger.read`, `ledger.*`, `any`, `any send`, or a group.
    """

    capabilities: tuple[Name, ...]
    label: Name | None
    when: Expression | None
    require: tuple[Need, ...]


class DenyClause(Node, Struct):
    """`deny CAPS`."""

    capabilities: tuple[Name, ...]


class WhenClause(Node, Struct):
    """`when EXPR` for a whole grant or forbid."""

    condition: Expression


class UnlessClause(Node, Struct):
    """`unless EXPR` or `unless approval … and confirmation …`; one of the two fields is given."""

    condition: Expression | None
    needs: tuple[Need, ...]


class RequireClause(Node, Struct):
    """`require NEED and NEED` for a whole grant."""

    needs: tuple[Need, ...]


class CredentialClause(Node, Struct):
    """`credential ttl D [renew N]`."""

    ttl: Duration
    renew: Number | None


class RevokeClause(Node, Struct):
    """`revoke when EXPR`."""

    condition: Expression


class ValidClause(Node, Struct):
    """`valid [from T] [until T]`, at least one of the two."""

    start: Date | Time | None
    end: Date | Time | None


class DuringClause(Node, Struct):
    """`during mon..fri, sun 07:00..19:00 "Zone"`; a day range is a pair of names."""

    days: tuple[tuple[Name, Name], ...]
    start: Name
    end: Name
    zone: Text


class AuditClause(Node, Struct):
    """`audit full` or `audit metadata`."""

    level: Name


class ObligeClause(Node, Struct):
    """`oblige name(key: literal, …)`."""

    name: Name
    properties: tuple[Pair, ...]


class TermsClause(Node, Struct):
    """`terms NAME`."""

    name: Name


class BecauseClause(Node, Struct):
    """`because "…"`."""

    text: Text


Clause: TypeAlias = (
    ToClause | ForClause | AllowClause | DenyClause | WhenClause | UnlessClause | RequireClause
    | CredentialClause | RevokeClause | ValidClause | DuringClause | AuditClause | ObligeClause
    | BecauseClause | OwnerClause | Controls | TermsClause
)  # fmt: skip


class RuleDeclaration(Node, Struct):
    """`grant n { … }` or `forbid n { … }`; the grammar lets either hold any clause.

    Which clauses each may have, and how often, is checked later, with a message that says so.
    """

    kind: Literal["grant", "forbid"]
    name: Name
    clauses: tuple[Clause, ...]


class TermsDeclaration(Node, Struct):
    """`terms n { … }`: clauses of grants, said once. Which these may be is checked later, too."""

    name: Name
    clauses: tuple[Clause, ...]
