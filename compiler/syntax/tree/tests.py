"""Tests of a policy."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...structs import Struct
from .declarations import OwnerClause
from .expressions import Duration, Literal_, Name, Node, Pair, RecordLiteral, Text, Time
from .rules import AuditClause, CredentialClause, Need, ObligeClause


class SubjectClause(Node, Struct):
    """`agent NAME|"spiffe://…" { … } [for INTENT { … }]`."""

    agent: Name | Text
    attributes: tuple[Pair, ...]
    intent: Name | None
    fields: tuple[Pair, ...]


class ChainClause(Node, Struct):
    """`after [AGENT for INTENT { … }, …]`: for whom the agent acts, nearest first."""

    links: tuple[SubjectClause, ...]


class ObligedTerm(Node, Struct):
    """`oblige NAME` of an expectation: whatever its properties are."""

    name: Name


class AbsentTerm(Node, Struct):
    """`no credential`, `no obligation` or `no owner`."""

    what: Literal["credential", "obligation", "owner"]


ExpectedTerm: TypeAlias = (
    CredentialClause | AuditClause | ObligeClause | ObligedTerm | OwnerClause | AbsentTerm
)


class Expectation(Node, Struct):
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


class CallClause(Node, Struct):
    """`call CAP(args) [expect …]`; several make a table, in which each may say what it expects."""

    capability: Name
    arguments: tuple[Pair, ...]
    expect: Expectation | None


class ValuesClause(Node, Struct):
    """`resource { … }`, `context { … }`, `user { … }` or `task { … }`."""

    kind: Literal["resource", "context", "user", "task"]
    values: tuple[Pair, ...]


class AtClause(Node, Struct):
    """`at TIME`."""

    time: Time


class SaidClause(Node, Struct):
    """`said "…" [D ago]`: what the person said, when the task began if nothing else is said."""

    text: Text
    ago: Duration | None


class RecordedClause(Node, Struct):
    """`did CAP(args) with resource { … } gave VALUE D ago`, and `failed`, `tried` (it was denied) and `asked` (it was challenged)."""

    what: Literal["did", "failed", "tried", "asked"]
    capability: Name
    arguments: tuple[Pair, ...]
    resource: RecordLiteral | None
    gave: Literal_ | None
    ago: Duration


class ApprovedClause(Node, Struct):
    """`approved by "…" [as "role:x", "role:y"] D ago`."""

    by: Text
    roles: tuple[Text, ...]
    ago: Duration


class ConfirmedClause(Node, Struct):
    """`confirmed D ago`: the user of the test said yes to the call."""

    ago: Duration


class SteppedUpClause(Node, Struct):
    """`step_up "mfa" D ago`."""

    method: Text
    ago: Duration


TestClause: TypeAlias = (
    SubjectClause | ChainClause | CallClause | ValuesClause | AtClause | SaidClause | RecordedClause
    | ApprovedClause | ConfirmedClause | SteppedUpClause | Expectation
)  # fmt: skip


class TestDeclaration(Node, Struct):
    """`test "…" { … }`, its clauses in the order written."""

    __test__ = False  # not for pytest to collect

    name: Text
    clauses: tuple[TestClause, ...]
