"""Tests of a policy."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...records import dataclass
from .declarations import OwnerClause
from .expressions import Duration, Literal_, Name, Node, Pair, RecordLiteral, Text, Time
from .rules import AuditClause, CredentialClause, Need, ObligeClause


@dataclass(frozen=True, slots=True)
class SubjectClause(Node):
    """`agent NAME|"spiffe://…" { … } [for INTENT { … }]`."""

    agent: Name | Text
    attributes: tuple[Pair, ...]
    intent: Name | None
    fields: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class ChainClause(Node):
    """`after [AGENT for INTENT { … }, …]`: for whom the agent acts, nearest first."""

    links: tuple[SubjectClause, ...]


@dataclass(frozen=True, slots=True)
class ObligedTerm(Node):
    """`oblige NAME` of an expectation: whatever its properties are."""

    name: Name


@dataclass(frozen=True, slots=True)
class AbsentTerm(Node):
    """`no credential`, `no obligation` or `no owner`."""

    what: Literal["credential", "obligation", "owner"]


ExpectedTerm: TypeAlias = (
    CredentialClause | AuditClause | ObligeClause | ObligedTerm | OwnerClause | AbsentTerm
)


@dataclass(frozen=True, slots=True)
class Expectation(Node):
    """`expect permit|challenge|deny` and what else is expected of the decision.

    That is `by RULE, …` or `by no rule`, `asking NEEDS or NEEDS`, `with TERM, …` and `because "…"`, for one
    call or, with `for each agent in FAMILY`, for several. `rules` is None where nothing is said of them.
    """

    effect: Literal["permit", "challenge", "deny"]
    rules: tuple[Name, ...] | None
    asking: tuple[tuple[Need, ...], ...]
    terms: tuple[ExpectedTerm, ...]
    because: tuple[Text, ...]
    family: Name | None


@dataclass(frozen=True, slots=True)
class CallClause(Node):
    """`call CAP(args) [expect …]`; several make a table, in which each may say what it expects."""

    capability: Name
    arguments: tuple[Pair, ...]
    expect: Expectation | None


@dataclass(frozen=True, slots=True)
class ValuesClause(Node):
    """`resource { … }`, `context { … }`, `user { … }` or `task { … }`."""

    kind: Literal["resource", "context", "user", "task"]
    values: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class AtClause(Node):
    """`at TIME`."""

    time: Time


@dataclass(frozen=True, slots=True)
class SaidClause(Node):
    """`said "…" [D ago]`: what the person said, when the task began if nothing else is said."""

    text: Text
    ago: Duration | None


@dataclass(frozen=True, slots=True)
class RecordedClause(Node):
    """`did CAP(args) with resource { … } gave VALUE D ago`, and `failed`, `tried` (it was denied) and `asked` (it was challenged)."""

    what: Literal["did", "failed", "tried", "asked"]
    capability: Name
    arguments: tuple[Pair, ...]
    resource: RecordLiteral | None
    gave: Literal_ | None
    ago: Duration


@dataclass(frozen=True, slots=True)
class ApprovedClause(Node):
    """`approved by "…" [as "role:x", "role:y"] D ago`."""

    by: Text
    roles: tuple[Text, ...]
    ago: Duration


@dataclass(frozen=True, slots=True)
class ConfirmedClause(Node):
    """`confirmed D ago`: the user of the test said yes to the call."""

    ago: Duration


@dataclass(frozen=True, slots=True)
class SteppedUpClause(Node):
    """`step_up "mfa" D ago`."""

    method: Text
    ago: Duration


TestClause: TypeAlias = (
    SubjectClause | ChainClause | CallClause | ValuesClause | AtClause | SaidClause | RecordedClause
    | ApprovedClause | ConfirmedClause | SteppedUpClause | Expectation
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TestDeclaration(Node):
    """`test "…" { … }`, its clauses in the order written."""

    __test__ = False  # not for pytest to collect

    name: Text
    clauses: tuple[TestClause, ...]
