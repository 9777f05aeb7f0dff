"""The policy IR: what a set of `.agp` files means, with every name resolved and every type known.

Plain immutable data. Names are fully qualified (`finance.ledger`, `finance.reconcile`), and a
capability is `RESOURCE.ACTION`. Every tuple that has no order of its own is sorted, so that equal
policies are equal however their files were arranged. Spans take no part in comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

from ..report.source import Span

# --- Types ----------------------------------------------------------------------------------------

ScalarName: TypeAlias = Literal["string", "bool", "int", "number", "time", "duration", "ip", "json"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A built-in type; `json` is any value, which only `has` can look at."""

    name: ScalarName


@dataclass(frozen=True, slots=True)
class LevelType:
    """An ordered enumeration, by the qualified name of its declaration."""

    name: str


@dataclass(frozen=True, slots=True)
class EnumType:
    """An unordered enumeration, by the qualified name of its declaration."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType:
    """A list, read as a set."""

    of: Type


@dataclass(frozen=True, slots=True)
class RecordType:
    """An object with declared fields, sorted by name; others are ignored."""

    fields: tuple[Field, ...]


Type: TypeAlias = Scalar | LevelType | EnumType | ListType | RecordType


@dataclass(frozen=True, slots=True)
class Field:
    """One declared attribute, parameter or record field."""

    name: str
    type: Type
    optional: bool = False


STRING, BOOL, INT, NUMBER = Scalar("string"), Scalar("bool"), Scalar("int"), Scalar("number")
TIME, DURATION, IP, JSON = Scalar("time"), Scalar("duration"), Scalar("ip"), Scalar("json")

TASK_STATE = "task_state"  # the built-in enum of `task.state`; a declared one has a dot in its name
TASK_STATES = ("active", "ended", "drifted")

# --- Conditions -----------------------------------------------------------------------------------

Root: TypeAlias = Literal["agent", "args", "resource", "task", "context", "user", "now"]

Value: TypeAlias = str | bool | int | float
"""A constant: an enum or level member by name, a time as canonical RFC 3339 in UTC, a duration as
whole seconds, an address or range as canonical text, anything else as itself."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something read from the request. `now` has an empty path, `agent.id` the path `("id",)`."""

    root: Root
    path: tuple[str, ...]
    type: Type
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal of the policy."""

    type: Type
    value: Value


@dataclass(frozen=True, slots=True)
class Age:
    """`now` minus a time, as a duration; unknown while the time has not come."""

    of: Attribute | Element


@dataclass(frozen=True, slots=True)
class Element:
    """The element at hand inside a `Quantified`."""

    type: Type


Term: TypeAlias = Attribute | Constant | Age | Element


@dataclass(frozen=True, slots=True)
class Constants:
    """Literals of one type, in the order written; `name` is the declared set they come from.

    Ranges of addresses (after `within`) have the type `ip`.
    """

    type: Type
    values: tuple[Value, ...]
    name: str | None = None


Collection: TypeAlias = Constants | Attribute
"""What membership is asked of: constants, or an attribute that is a list."""


@dataclass(frozen=True, slots=True)
class And:
    """True if all parts are, false if one is, else unknown. Two parts or more."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True if one part is, false if all are, else unknown. Two parts or more."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown. `a != b` and `a not in x` are written with it."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Compare:
    """Two terms of one type, of which at least one is not a constant."""

    op: Literal["==", "<", "<=", ">", ">="]
    left: Term
    right: Term
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class In:
    """Membership; `a contains x` is `x in a`."""

    item: Term
    of: Collection
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListTest:
    """`list subset of …`, `list contains all …`, `list contains any …`."""

    op: Literal["subset of", "contains all", "contains any"]
    list: Attribute
    of: Collection
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Like:
    r"""A glob over the whole string, in the syntax of `runtime.glob` (`\*`, `\?`, `\\` escaped)."""

    item: Attribute | Element
    pattern: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Under:
    """Containment of an absolute path; `path` starts with `/` and has no odd segment."""

    item: Attribute | Element
    path: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Within:
    """Whether an address lies in one of the ranges."""

    item: Attribute | Element
    ranges: Constants
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Has:
    """True if present, false if absent, unknown if malformed."""

    attribute: Attribute
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Quantified:
    """A test of each element of a list of scalars; the test is a leaf over `Element`, or its Not."""

    kind: Literal["every", "some"]
    list: Attribute
    test: Condition
    span: Span | None = field(default=None, compare=False, repr=False)


Condition: TypeAlias = (
    And | Or | Not | Compare | In | ListTest | Like | Under | Within | Has | Quantified
)

# --- Vocabulary -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for something."""

    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class Package:
    """A namespace."""

    name: str
    owner: Owner | None
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agent:
    """One workload identity: a SPIFFE ID and its attested attributes."""

    name: str
    id: str
    attributes: tuple[Field, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Family:
    """Agents by SPIFFE pattern (`*` is one segment, a last `**` one or more) and by identity."""

    name: str
    patterns: tuple[str, ...]
    ids: tuple[str, ...]
    attributes: tuple[Field, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Intent:
    """A purpose that a task declares."""

    name: str
    purpose: str
    fields: tuple[Field, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to a resource, and the parameters of the call, in order."""

    name: str
    parameters: tuple[Field, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of resource, its attributes (sorted) and its actions (sorted)."""

    name: str
    kind: Literal["tool", "api", "dataset"]
    attributes: tuple[Field, ...]
    actions: tuple[Action, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A level (members from least to most) or an enum (in the order declared)."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConstantSet:
    """A named set of constants, in the order written."""

    name: str
    type: Type
    values: tuple[Value, ...]


# --- Rules ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Approval:
    """Evidence that `count` different people, by role or identity, approved the call or the task.

    `within` is in seconds; None means of any age.
    """

    by: tuple[str, ...]
    count: int = 1
    within: int | None = None
    per_task: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StepUp:
    """Evidence of a stronger authentication; `within` is in seconds."""

    method: str
    within: int | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


Requirement: TypeAlias = Approval | StepUp


@dataclass(frozen=True, slots=True)
class Credential:
    """What a lease may be: `ttl` in seconds, and how often it may be renewed."""

    ttl: int
    renew: int = 0


@dataclass(frozen=True, slots=True)
class Validity:
    """Instants as canonical RFC 3339 in UTC: from `start`, included, to `end`, excluded."""

    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """A recurring stretch of local time: minutes of the day, `start` included, `end` excluded.

    `days` are those on which it starts (0 is Monday); `end <= start` means that it ends on the
    next day.
    """

    days: tuple[int, ...]
    start: int
    end: int
    zone: str


@dataclass(frozen=True, slots=True)
class Obligation:
    """What the enforcement point must do or refuse: a name and literal properties, sorted."""

    name: str
    properties: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Allow:
    """A rule that opens.

    `agents` are names of agents and families, None for any declared one; `intents` are names, None
    for any declared one; `capabilities` are as written: `any`, `R.*` or `R.A`.
    """

    id: str
    agents: tuple[str, ...] | None
    intents: tuple[str, ...] | None
    capabilities: tuple[str, ...]
    condition: Condition | None
    requirements: tuple[Requirement, ...]
    revoke: tuple[Condition, ...]
    credential: Credential | None
    validity: Validity | None
    window: Window | None
    obligations: tuple[Obligation, ...]
    owner: Owner | None
    controls: tuple[str, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def has_duties(self) -> bool:
        """Whether it asks something of a permit: obligations, or the terms of a credential."""
        return self.obligations != () or self.credential is not None


@dataclass(frozen=True, slots=True)
class Forbid:
    """A rule that closes. `agents` and `intents` are None for all, declared or not.

    `unless` and `unless_evidence` are not both given; the evidence has to be there whole.
    """

    id: str
    agents: tuple[str, ...] | None
    intents: tuple[str, ...] | None
    capabilities: tuple[str, ...]
    condition: Condition | None
    unless: Condition | None
    unless_evidence: tuple[Requirement, ...]
    because: str | None
    owner: Owner | None
    controls: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


Rule: TypeAlias = Allow | Forbid

# --- Constraints, tests, bindings -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Separation:
    """No one agent may have more than one of these, at all or within one intent."""

    capabilities: tuple[str, ...]
    per_task: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Isolation:
    """No capability in common on compatible resources. Sides name one agent or family each."""

    left: str
    right: str
    excepted: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Assertion:
    """`possible=False`: no request that fits is permitted; `possible=True`: some one is.

    `agents` and `intents` are None for any; `without` narrows to requests that lack that evidence.
    """

    possible: bool
    agents: tuple[str, ...] | None
    capabilities: tuple[str, ...]
    intents: tuple[str, ...] | None
    condition: Condition | None
    without: tuple[Requirement, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Test:
    """One request of a `test` block, and what is expected of it.

    `request` has the shape of an AuthZEN evaluation; `rules` are the identities expected to have
    decided, None when the test does not say.
    """

    __test__ = False  # not for pytest to collect

    name: str
    request: dict[str, Any]
    effect: Literal["permit", "challenge", "deny"]
    rules: tuple[str, ...] | None
    span: Span = field(compare=False, repr=False)


TOOLS = "mcp"
"""The target of a binding that gives actions the names of a server's tools."""


@dataclass(frozen=True, slots=True)
class ActionBinding:
    """The platform's names for an action, on a place of its own where `on` is given."""

    action: str
    names: tuple[str, ...]
    on: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceBinding:
    """Where a resource lives; `location` may hold `${attribute}`."""

    resource: str
    location: str | None
    actions: tuple[ActionBinding, ...]
    attributes: tuple[tuple[str, str], ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binding:
    """All that a policy set says about one platform; pairs are (declared name, platform's name).

    `tags` has a key for `intent`, `task` and `agent`, where a session carries it.
    """

    target: str
    resources: tuple[ResourceBinding, ...]
    agents: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]
    context: tuple[tuple[str, str], ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Policy:
    """A policy set.

    `context` and `user` are the declared fields of a request, merged over the packages; `user` is
    None where no package declares a `user` block.
    """

    packages: tuple[Package, ...] = ()
    agents: tuple[Agent, ...] = ()
    families: tuple[Family, ...] = ()
    intents: tuple[Intent, ...] = ()
    resources: tuple[Resource, ...] = ()
    levels: tuple[Enumeration, ...] = ()
    enums: tuple[Enumeration, ...] = ()
    sets: tuple[ConstantSet, ...] = ()
    context: tuple[Field, ...] = ()
    user: tuple[Field, ...] | None = None
    allows: tuple[Allow, ...] = ()
    forbids: tuple[Forbid, ...] = ()
    separations: tuple[Separation, ...] = ()
    isolations: tuple[Isolation, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    tests: tuple[Test, ...] = ()
    bindings: tuple[Binding, ...] = ()

    @property
    def rules(self) -> Iterator[Rule]:
        """All rules: the forbids, then the allows, each sorted by identity."""
        yield from self.forbids
        yield from self.allows

    @cached_property
    def members_of(self) -> dict[str, tuple[str, ...]]:
        """The members of each level and enum, the built-in one included, by name."""
        declared = {each.name: each.members for each in (*self.levels, *self.enums)}
        return {TASK_STATE: TASK_STATES, **declared}

    @cached_property
    def capabilities(self) -> tuple[str, ...]:
        """Every declared capability, `RESOURCE.ACTION`, sorted."""
        return tuple(
            sorted(
                f"{each.name}.{action.name}" for each in self.resources for action in each.actions
            )
        )

    @cached_property
    def actions_by_resource(self) -> dict[str, tuple[str, ...]]:
        """The capabilities of each resource, by its name."""
        return {
            each.name: tuple(f"{each.name}.{action.name}" for action in each.actions)
            for each in self.resources
        }

    @cached_property
    def actions_called(self) -> dict[str, dict[str, str]]:
        """For each resource its actions, by what a request may call them.

        That is the action's own name, or one that `bind mcp` gives it: the name of the server's tool.
        """
        found = {
            each.name: {action.name: action.name for action in each.actions}
            for each in self.resources
        }
        for binding in self.bindings:
            if binding.target == TOOLS:
                for bound in binding.resources:
                    for action in bound.actions:
                        for name in action.names:
                            found[bound.resource].setdefault(name, action.action)
        return found

    @cached_property
    def tools_called(self) -> tuple[tuple[str, str, str], ...]:
        """Of `actions_called` what is not an action's own name: (resource, tool, action), sorted."""
        return tuple(
            sorted(
                (resource, tool, action)
                for resource, called in self.actions_called.items()
                for tool, action in called.items()
                if tool != action
            )
        )

    def expand(self, capabilities: tuple[str, ...]) -> tuple[str, ...]:
        """Replace `any` and `R.*` by the declared capabilities that they stand for, sorted."""
        found: set[str] = set()
        for name in capabilities:
            if name == "any":
                return self.capabilities
            if name.endswith(".*"):
                found.update(self.actions_by_resource[name.removesuffix(".*")])
            else:
                found.add(name)
        return tuple(sorted(found))

    @cached_property
    def identities(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """The SPIFFE IDs and the SPIFFE patterns of each agent and family, by name."""
        found = {each.name: ((each.id,), ()) for each in self.agents}
        return {**found, **{each.name: (each.ids, each.patterns) for each in self.families}}

    @cached_property
    def family_names(self) -> frozenset[str]:
        """The names of the families."""
        return frozenset(each.name for each in self.families)

    def identify(self, agents: tuple[str, ...] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the SPIFFE IDs and patterns that names stand for; None means all declared."""
        names = self.identities if agents is None else agents
        ids = {id for name in names for id in self.identities[name][0]}
        patterns = {pattern for name in names for pattern in self.identities[name][1]}
        return tuple(sorted(ids)), tuple(sorted(patterns))
