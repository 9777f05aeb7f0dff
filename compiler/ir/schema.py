"""The JSON form of a policy, version 1: what `ir_json` writes and reads, and the schema tells.

Every class stands for the class of its name in `compiler.ir`, whose docstrings say what the fields
mean. What is left out is None, empty, False or the default of that class. `kind` tells alternatives
apart; `set` in constants names the declared set whose values they are. A place is written
`file:line:column-line:column`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, StringConstraints, Tag, model_validator
from pydantic import Field as Key
from pydantic_core import PydanticCustomError

VERSION = 1

Count: TypeAlias = Annotated[int, Key(ge=0)]
SpanText: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[\s\S]*:[0-9]{1,9}:[0-9]{1,9}-[0-9]{1,9}:[0-9]{1,9}$")
]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
DottedName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")
]
FieldName: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
"""A name, or what stands in quotes: compiling it shows whether it can be one."""
RuleId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.+*]*$")]
Value: TypeAlias = str | bool | int | float
Pairs: TypeAlias = dict[str, str]


class Model(BaseModel):
    """A part of the document; a field that it does not know is an error."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


# --- Types ----------------------------------------------------------------------------------------


class LevelType(Model):
    """A declared level."""

    name: DottedName = Key(alias="level")


class EnumType(Model):
    """A declared enum, or `task_state`."""

    name: DottedName = Key(alias="enum")


class ListType(Model):
    """A list."""

    of: Type = Key(alias="list")


class RecordType(Model):
    """An object with these fields."""

    fields_: list[Field] = Key(alias="record")


class OrNothing(Model):
    """A value of a type, or nothing, which is below all of them."""

    of: Type = Key(alias="or_nothing")


class PartOf(Model):
    """A part of a value, which is read where the whole stands."""

    of: Literal["email", "url"]
    part: Literal["domain", "scheme", "host", "port", "path", "query"]

    @model_validator(mode="after")
    def _has_part(self) -> PartOf:
        """An email address has a domain alone, and a URL the other parts."""
        if (self.of == "email") is not (self.part == "domain"):
            raise PydanticCustomError("part", "a value of this type has no such part")
        return self


def _shape(value: Any) -> str | None:
    """Which alternative of `Type` a value is."""
    if isinstance(value, str):
        return "scalar"
    if isinstance(value, dict) and len(value) == 1:
        return str(next(iter(value)))
    if isinstance(value, dict) and value.keys() == {"of", "part"}:
        return "part"
    return None


Type: TypeAlias = Annotated[
    Annotated[
        Literal[
            "string",
            "bool",
            "int",
            "number",
            "time",
            "date",
            "duration",
            "ip",
            "domain",
            "email",
            "url",
            "host",
            "json",
        ],
        Tag("scalar"),
    ]
    | Annotated[LevelType, Tag("level")]
    | Annotated[EnumType, Tag("enum")]
    | Annotated[ListType, Tag("list")]
    | Annotated[RecordType, Tag("record")]
    | Annotated[OrNothing, Tag("or_nothing")]
    | Annotated[PartOf, Tag("part")],
    Discriminator(
        _shape,
        custom_error_type="type",
        custom_error_message='no type: "string", {"level": name}, {"list": type} and so on',
    ),
]


class Field(Model):
    """A declared attribute, parameter or record field."""

    name: FieldName
    type: Type
    optional: bool = False


# --- Conditions -----------------------------------------------------------------------------------


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

# --- Vocabulary -----------------------------------------------------------------------------------


class Owner(Model):
    """Who answers."""

    name: str
    contact: str


class Package(Model):
    """A namespace."""

    name: DottedName
    owner: Owner | None = None
    controls: list[str] = []


class Agent(Model):
    """A workload identity."""

    name: DottedName
    id: str
    attributes: list[Field] = []
    span: SpanText


class Family(Model):
    """Agents by pattern and by identity."""

    name: DottedName
    patterns: list[str] = []
    ids: list[str] = []
    attributes: list[Field] = []
    span: SpanText


class Intent(Model):
    """A purpose."""

    name: DottedName
    purpose: str
    fields_: list[Field] = Key([], alias="fields")
    span: SpanText


class Action(Model):
    """What can be done to a resource; parameters in the order of the call, and what it gives back.

    Where it is open, others may be there, too.
    """

    name: Name
    parameters: list[Field] = []
    is_open: bool = False
    span: SpanText
    result: Type | None = None
    kinds: list[Literal["read", "write", "send", "destroy"]] = []


class Resource(Model):
    """A kind of resource."""

    name: DottedName
    kind: Literal["tool", "api", "dataset", "intent"]
    attributes: list[Field] = []
    actions: list[Action] = []
    span: SpanText


class Enumeration(Model):
    """A level or an enum; the members of a level are words."""

    name: DottedName
    members: list[FieldName] = Key(min_length=1)


class ConstantSet(Model):
    """A named set."""

    name: DottedName
    type: Type
    values: list[Value] = Key(min_length=1)


# --- Facts ----------------------------------------------------------------------------------------

FactName: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Digest: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class MeterKey(Model):
    """What a record and the call at hand have to share."""

    recorded: Attribute
    called: Attribute


class Meter(Model):
    """An aggregate over recorded calls; `within` in seconds."""

    name: FactName
    aggregate: Literal["count", "sum", "sum size", "max", "distinct", "last"]
    attribute: Attribute | None = None
    counted: Literal["permitted", "done", "denied", "asked"]
    capabilities: list[str]
    condition: Condition | None = None
    scopes: list[Literal["agent", "resource", "task", "user"]] = []
    keys: list[MeterKey] = []
    within: Annotated[int, Key(ge=1)] | None = None
    digest: Digest
    span: SpanText


class Origin(Model):
    """Where a value may have stood."""

    kind: Literal["said", "task", "result", "quoted", "set", "user"]
    capability: str | None = None
    path: list[FieldName] = []
    condition: Condition | None = None
    values: Constants | None = None
    attribute: Attribute | None = None


class Source(Model):
    """Where values may come from."""

    name: FactName
    origins: list[Origin]
    digest: Digest
    span: SpanText


# --- Rules ----------------------------------------------------------------------------------------


class Approval(Model):
    """Evidence that people approved; `within` in seconds."""

    kind: Literal["approval"]
    by: list[str] = Key(min_length=1)
    count: int = Key(1, ge=1, le=1000)
    within: Annotated[int, Key(ge=1)] | None = None
    per_task: bool = False
    span: SpanText | None = None


class StepUp(Model):
    """Evidence of a stronger authentication; `within` in seconds."""

    kind: Literal["step_up"]
    method: str
    within: Annotated[int, Key(ge=1)] | None = None
    span: SpanText | None = None


class Confirmation(Model):
    """Evidence that the person on whose behalf the agent acts said yes; `within` in seconds."""

    kind: Literal["confirmation"]
    within: Annotated[int, Key(ge=1)] | None = None
    span: SpanText | None = None


Requirement: TypeAlias = Annotated[Approval | StepUp | Confirmation, Key(discriminator="kind")]


class Credential(Model):
    """What a lease may be; `ttl` in seconds."""

    ttl: int = Key(ge=1)
    renew: Count = 0


class Validity(Model):
    """From an instant, included, to another, excluded."""

    start: str | None = None
    end: str | None = None


class Window(Model):
    """A recurring stretch of local time, in minutes of the day; day 0 is Monday."""

    days: list[Annotated[int, Key(ge=0, le=6)]] = Key(min_length=1)
    start: int = Key(ge=0, lt=1440)
    end: int = Key(ge=0, le=1440)
    zone: str


class Obligation(Model):
    """What the enforcement point must do."""

    name: DottedName
    properties: dict[Name, Value] = {}


class Allow(Model):
    """A rule that opens. Without `agents` or `intents` it is about all that are declared."""

    id: RuleId
    agents: list[str] | None = None
    intents: list[str] | None = None
    capabilities: list[str] = Key(min_length=1)
    condition: Condition | None = None
    requirements: list[Requirement] = []
    revoke: list[Condition] = []
    credential: Credential | None = None
    validity: Validity | None = None
    window: Window | None = None
    obligations: list[Obligation] = []
    owner: Owner | None = None
    controls: list[str] = []
    span: SpanText


class Forbid(Model):
    """A rule that closes. Without `agents` or `intents` it is about all, declared or not."""

    id: RuleId
    agents: list[str] | None = None
    intents: list[str] | None = None
    capabilities: list[str] = Key(min_length=1)
    condition: Condition | None = None
    unless: Condition | None = None
    unless_evidence: list[Requirement] = []
    because: str | None = None
    owner: Owner | None = None
    controls: list[str] = []
    span: SpanText
    window: Window | None = None


# --- Constraints, tests, bindings -----------------------------------------------------------------


class Separation(Model):
    """`separate`."""

    capabilities: list[str] = Key(min_length=1)
    per_task: bool = False
    span: SpanText


class Isolation(Model):
    """`isolate`."""

    left: str
    right: str
    excepted: list[str] = []
    span: SpanText


class Delegation(Model):
    """`delegate`: whose tasks may start whose."""

    delegator: str
    intent: str
    delegate: str
    delegate_intent: str
    span: SpanText


class Containment(Model):
    """`assert … within`: what one may do another may do; both intents, or none for each its own."""

    inner: str
    outer: str
    inner_intent: str | None = None
    outer_intent: str | None = None
    span: SpanText


class Assertion(Model):
    """`assert` and `assert no`."""

    possible: bool
    agents: list[str] | None = None
    capabilities: list[str] = Key(min_length=1)
    intents: list[str] | None = None
    condition: Condition | None = None
    without: list[Requirement] = []
    span: SpanText


class Duty(Model):
    """An obligation that is expected; without `properties` any will do."""

    name: DottedName
    properties: dict[Name, Value] | None = None


class Terms(Model):
    """What is expected of a decision beside its effect and its rules."""

    credential: Credential | Literal["none"] | None = None
    obligations: list[Duty] | None = None
    asking: (
        Annotated[list[Annotated[list[Requirement], Key(min_length=1)]], Key(min_length=1)] | None
    ) = None
    reasons: Annotated[list[str], Key(min_length=1)] | None = None
    owner: Owner | Literal["none"] | None = None


class Cell(Model):
    """Where a test stands in the table that its block makes."""

    block: str
    agent: str
    call: str


class Test(Model):
    """A request and what is expected of it."""

    name: str
    request: dict[str, Any]
    effect: Literal["permit", "challenge", "deny"]
    rules: list[str] | None = None
    span: SpanText
    terms: Terms | None = None
    cell: Cell | None = None
    record: list[dict[str, Any]] = []


class ActionBinding(Model):
    """The platform's names for an action."""

    action: Name
    names: list[str] = Key(min_length=1)
    on: str | None = None


class ResourceBinding(Model):
    """Where a resource lives."""

    resource: str
    location: str | None = None
    actions: list[ActionBinding] = []
    attributes: Pairs = {}
    span: SpanText


class Binding(Model):
    """What is said about one platform."""

    target: Name
    resources: list[ResourceBinding] = []
    agents: Pairs = {}
    tags: Pairs = {}
    context: Pairs = {}
    span: SpanText


class Policy(Model):
    """A policy set, as a document of version 1."""

    agp_ir: Literal[1]
    packages: list[Package] = []
    agents: list[Agent] = []
    families: list[Family] = []
    intents: list[Intent] = []
    resources: list[Resource] = []
    levels: list[Enumeration] = []
    enums: list[Enumeration] = []
    sets: list[ConstantSet] = []
    context: list[Field] = []
    user: list[Field] | None = None
    meters: list[Meter] = []
    sources: list[Source] = []
    delegations: list[Delegation] = []
    allows: list[Allow] = []
    forbids: list[Forbid] = []
    separations: list[Separation] = []
    isolations: list[Isolation] = []
    containments: list[Containment] = []
    assertions: list[Assertion] = []
    tests: list[Test] = []
    bindings: list[Binding] = []


def schema() -> dict[str, Any]:
    """Give the JSON Schema of the document (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "AGP policy IR, version 1",
        **{key: value for key, value in Policy.model_json_schema().items() if key != "title"},
    }
