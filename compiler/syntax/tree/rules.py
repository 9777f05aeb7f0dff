"""Grants and forbids, by their clauses."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...records import dataclass
from .declarations import Controls, OwnerClause
from .expressions import Date, Duration, Expression, Name, Node, Number, Pair, Text, Time


@dataclass(frozen=True, slots=True)
class ApprovalNeed(Node):
    """`approval [per task] by "…", … [count N] [within D]`."""

    per_task: bool
    by: tuple[Text, ...]
    count: Number | None
    within: Duration | None


@dataclass(frozen=True, slots=True)
class StepUpNeed(Node):
    """`step_up "mfa" [within D]`."""

    method: Text
    within: Duration | None


@dataclass(frozen=True, slots=True)
class ConfirmationNeed(Node):
    """`confirmation [within D]`."""

    within: Duration | None


Need: TypeAlias = ApprovalNeed | StepUpNeed | ConfirmationNeed


@dataclass(frozen=True, slots=True)
class ToClause(Node):
    """`to a, b` or `to any agent` (names None)."""

    names: tuple[Name, ...] | None


@dataclass(frozen=True, slots=True)
class ForClause(Node):
    """`for a, b` or `for any intent` (names None)."""

    names: tuple[Name, ...] | None


@dataclass(frozen=True, slots=True)
class AllowClause(Node):
    """`allow CAPS [as LABEL] [when EXPR] [require NEED and NEED]`.

    A capability is a `Name` whose text is as written: `ledger.read`, `ledger.*`, `any`, `any send`, or a group.
    """

    capabilities: tuple[Name, ...]
    label: Name | None
    when: Expression | None
    require: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class DenyClause(Node):
    """`deny CAPS`."""

    capabilities: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class WhenClause(Node):
    """`when EXPR` for a whole grant or forbid."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class UnlessClause(Node):
    """`unless EXPR` or `unless approval … and confirmation …`; one of the two fields is given."""

    condition: Expression | None
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class RequireClause(Node):
    """`require NEED and NEED` for a whole grant."""

    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class CredentialClause(Node):
    """`credential ttl D [renew N]`."""

    ttl: Duration
    renew: Number | None


@dataclass(frozen=True, slots=True)
class RevokeClause(Node):
    """`revoke when EXPR`."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class ValidClause(Node):
    """`valid [from T] [until T]`, at least one of the two."""

    start: Date | Time | None
    end: Date | Time | None


@dataclass(frozen=True, slots=True)
class DuringClause(Node):
    """`during mon..fri, sun 07:00..19:00 "Zone"`; a day range is a pair of names."""

    days: tuple[tuple[Name, Name], ...]
    start: Name
    end: Name
    zone: Text


@dataclass(frozen=True, slots=True)
class AuditClause(Node):
    """`audit full` or `audit metadata`."""

    level: Name


@dataclass(frozen=True, slots=True)
class ObligeClause(Node):
    """`oblige name(key: literal, …)`."""

    name: Name
    properties: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class TermsClause(Node):
    """`terms NAME`."""

    name: Name


@dataclass(frozen=True, slots=True)
class BecauseClause(Node):
    """`because "…"`."""

    text: Text


Clause: TypeAlias = (
    ToClause | ForClause | AllowClause | DenyClause | WhenClause | UnlessClause | RequireClause
    | CredentialClause | RevokeClause | ValidClause | DuringClause | AuditClause | ObligeClause
    | BecauseClause | OwnerClause | Controls | TermsClause
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleDeclaration(Node):
    """`grant n { … }` or `forbid n { … }`; the grammar lets either hold any clause.

    Which clauses each may have, and how often, is checked later, with a message that says so.
    """

    kind: Literal["grant", "forbid"]
    name: Name
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class TermsDeclaration(Node):
    """`terms n { … }`: clauses of grants, said once. Which these may be is checked later, too."""

    name: Name
    clauses: tuple[Clause, ...]
