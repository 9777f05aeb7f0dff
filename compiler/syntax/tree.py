"""The syntax tree: what is written in one `.agp` file, before any name is looked up.

Every node carries its span, which takes no part in comparisons: `parse(format(x)) == parse(x)`.
Comments are kept beside the tree (`File.comments`), since they belong to places and not to nodes.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from ..records import dataclass
from ..report.source import Span


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


Operand: TypeAlias = Literal_ | AgeOf
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


Expression: TypeAlias = Any_ | All_ | Not | Comparison | Has | Name
"""A `Name` alone is a named condition, or an attribute of type bool."""


# --- Types and fields -----------------------------------------------------------------------------


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
    """`agents n = "spiffe://…/*", other { … }`."""

    name: Name
    members: tuple[Text | Name, ...]
    attributes: tuple[FieldDeclaration, ...]


@dataclass(frozen=True, slots=True)
class IntentDeclaration(Node):
    """`intent n "purpose" { … }`."""

    name: Name
    purpose: Text
    fields: tuple[FieldDeclaration, ...]


@dataclass(frozen=True, slots=True)
class ActionDeclaration(Node):
    """`action n(p: T)`; `action a, b` makes one each."""

    name: Name
    parameters: tuple[FieldDeclaration, ...]


@dataclass(frozen=True, slots=True)
class ResourceDeclaration(Node):
    """`tool`, `api` or `dataset`; attributes and actions each in the order written."""

    kind: Literal["tool", "api", "dataset"]
    name: Name
    attributes: tuple[FieldDeclaration, ...]
    actions: tuple[ActionDeclaration, ...]


@dataclass(frozen=True, slots=True)
class LevelDeclaration(Node):
    """`level n = a < b`."""

    name: Name
    members: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class EnumDeclaration(Node):
    """`enum n = a, b`."""

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


# --- Rules ----------------------------------------------------------------------------------------


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


Need: TypeAlias = ApprovalNeed | StepUpNeed


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

    A capability is a `Name` whose text is as written: `ledger.read`, `ledger.*`, `any`.
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
    """`unless EXPR` or `unless approval … and step_up …`; one of the two fields is given."""

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
class BecauseClause(Node):
    """`because "…"`."""

    text: Text


Clause: TypeAlias = (
    ToClause | ForClause | AllowClause | DenyClause | WhenClause | UnlessClause | RequireClause
    | CredentialClause | RevokeClause | ValidClause | DuringClause | AuditClause | ObligeClause
    | BecauseClause | OwnerClause | Controls
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleDeclaration(Node):
    """`grant n { … }` or `forbid n { … }`; the grammar lets either hold any clause.

    Which clauses each may have, and how often, is checked later, with a message that says so.
    """

    kind: Literal["grant", "forbid"]
    name: Name
    clauses: tuple[Clause, ...]


# --- Constraints ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeparateDeclaration(Node):
    """`separate CAP, CAP [per task]`."""

    capabilities: tuple[Name, ...]
    per_task: bool


@dataclass(frozen=True, slots=True)
class IsolateDeclaration(Node):
    """`isolate A from B [except CAP, …]`."""

    left: Name
    right: Name
    excepted: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class AssertDeclaration(Node):
    """`assert no AGENTS can CAPS …` (possible False) or `assert AGENTS can CAPS …`.

    `agents` and `intents` are None for `agent`/`any agent` and for no or any intent.
    """

    possible: bool
    agents: tuple[Name, ...] | None
    capabilities: tuple[Name, ...]
    intents: tuple[Name, ...] | None
    when: Expression | None
    without: tuple[Need, ...]


# --- Tests ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubjectClause(Node):
    """`agent NAME|"spiffe://…" { … } [for INTENT { … }]`."""

    agent: Name | Text
    attributes: tuple[Pair, ...]
    intent: Name | None
    fields: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Expectation(Node):
    """`expect permit|challenge|deny [by RULE, …] [for each agent in FAMILY]`."""

    effect: Literal["permit", "challenge", "deny"]
    rules: tuple[Name, ...]
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
class ApprovedClause(Node):
    """`approved by "…" [as "role:x", "role:y"] D ago`."""

    by: Text
    roles: tuple[Text, ...]
    ago: Duration


@dataclass(frozen=True, slots=True)
class SteppedUpClause(Node):
    """`step_up "mfa" D ago`."""

    method: Text
    ago: Duration


TestClause: TypeAlias = (
    SubjectClause | CallClause | ValuesClause | AtClause | ApprovedClause | SteppedUpClause
    | Expectation
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TestDeclaration(Node):
    """`test "…" { … }`, its clauses in the order written."""

    __test__ = False  # not for pytest to collect

    name: Text
    clauses: tuple[TestClause, ...]


# --- Bindings -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BindAction(Node):
    """`read = s3:GetObject, s3:GetObjectVersion [on "arn:…"]`; names as text."""

    action: Name
    names: tuple[Text | Name, ...]
    on: Text | None


@dataclass(frozen=True, slots=True)
class BindAttribute(Node):
    """`attribute sensitivity = s3:ExistingObjectTag/sensitivity`."""

    attribute: Name
    key: Text | Name


@dataclass(frozen=True, slots=True)
class BindResource(Node):
    """`resource invoices "arn:…" { … }`."""

    resource: Name
    location: Text | None
    items: tuple[BindAction | BindAttribute, ...]


@dataclass(frozen=True, slots=True)
class BindAgent(Node):
    """`agent invoice_bot "arn:…"`."""

    agent: Name
    identity: Text


@dataclass(frozen=True, slots=True)
class BindTag(Node):
    """`session tag intent = "agp:intent"`."""

    what: Name
    key: Text | Name


@dataclass(frozen=True, slots=True)
class BindContext(Node):
    """`context source_ip = aws:SourceIp`."""

    name: Name
    key: Text | Name


@dataclass(frozen=True, slots=True)
class BindDeclaration(Node):
    """`bind TARGET { … }`."""

    target: Name
    items: tuple[BindResource | BindAgent | BindTag | BindContext, ...]


Statement: TypeAlias = (
    OwnerClause | Controls | Use | AgentDeclaration | AgentsDeclaration | IntentDeclaration
    | ResourceDeclaration | LevelDeclaration | EnumDeclaration | SetDeclaration | LetDeclaration
    | ContextDeclaration | RuleDeclaration | SeparateDeclaration | IsolateDeclaration
    | AssertDeclaration | TestDeclaration | BindDeclaration
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """A comment, from its `#` to the end of the line, without trailing white space."""

    text: str


@dataclass(frozen=True, slots=True)
class File(Node):
    """One file; `package` is None only where its line is missing, which is an error."""

    package: Name | None
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    lost: frozenset[str] = frozenset()
    """The words in what could not be read; some of them may be declared there."""
