"""Bound policies and calls for the tests of the aws-iam target: by hand, and by Hypothesis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from generators import hostile_text
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Span

from .bound_calls import PLACEHOLDER, BoundCall, location_of

SPAN = Span("docs.agp", 1, 1, 1, 2)
LEVEL, KIND = ir.LevelType("docs.secrecy"), ir.EnumType("docs.kind")
LEVELS, KINDS = ("public", "internal", "secret"), ("plan", "bill")
BOT, AIDE = "docs.bot", "docs.aide"
AUDIT, REPORT = "docs.audit", "docs.report"
TAGS = (("agent", "agp:agent"), ("intent", "agp:intent"), ("task", "agp:task"))

FIELDS = {
    "flag": ir.BOOL,
    "hidden": ir.STRING,
    "kind": KIND,
    "labels": ir.ListType(ir.STRING),
    "path": ir.STRING,
    "secrecy": LEVEL,
    "size": ir.NUMBER,
    "tenant": ir.STRING,
}
KEYS = (
    ("flag", "s3:ExistingObjectTag/flag"),
    ("secrecy", "s3:ExistingObjectTag/secrecy"),
    ("size", "s3:max-keys"),
    ("tenant", "s3:ExistingObjectTag/tenant"),
)
CONTEXT = {
    "mfa": ir.BOOL,
    "region": ir.STRING,
    "risk": ir.NUMBER,
    "since": ir.TIME,
    "source_ip": ir.IP,
}
CONTEXT_KEYS = (
    ("mfa", "aws:MultiFactorAuthPresent"),
    ("region", "aws:RequestedRegion"),
    ("since", "aws:TokenIssueTime"),
    ("source_ip", "aws:SourceIp"),
)
BUCKET = "arn:aws:s3:::acme"
LOCATIONS = (
    BUCKET + "${path}",
    BUCKET + "/${path}",
    "arn:aws:dynamodb:eu-west-1:111122223333:table/${kind}/index/${path}",
    "arn:aws:dynamodb:eu-west-1:111122223333:table/${tenant}",
    "arn:aws:s3:::acme-${kind}/data/${id}",
    "arn:aws:ssm:eu-west-1:111122223333:parameter/p${kind}:${tenant}",
)


def attribute(root: ir.Root, name: str) -> ir.Attribute:
    """An attribute of the vocabulary below."""
    types: dict[str, ir.Type] = {"id": ir.STRING, **FIELDS, **CONTEXT, "amount": ir.INT}
    return ir.Attribute(root, (name,), types[name])


def text(value: ir.Value, type_: ir.Type = ir.STRING) -> ir.Constant:
    """A constant."""
    return ir.Constant(type_, value)


def allow(
    name: str, *capabilities: str, when: ir.Condition | None = None, **fields: Any
) -> ir.Allow:
    """An allow of `docs.bot` for `docs.audit`, unless `fields` say otherwise."""
    given: dict[str, Any] = {
        "agents": (BOT,),
        "intents": (AUDIT,),
        "requirements": (),
        "revoke": (),
        "credential": None,
        "validity": None,
        "window": None,
        "obligations": (),
        "owner": None,
        "controls": (),
        "span": SPAN,
    }
    given.update(fields)
    _say_whom(given, ir.DECLARED)
    return ir.Allow(f"docs.{name}", capabilities=capabilities, condition=when, **given)


def _say_whom(given: dict[str, Any], unnamed: ir.Unnamed) -> None:
    """Put what the kind of rule has for it where the agents or the intents are None."""
    for each in ("agents", "intents"):
        if given[each] is None:
            given[each] = unnamed


def forbid(
    name: str,
    *capabilities: str,
    when: ir.Condition | None = None,
    unless: ir.Condition | None = None,
    **fields: Any,
) -> ir.Forbid:
    """A forbid of every agent and intent, unless `fields` say otherwise."""
    given: dict[str, Any] = {
        "agents": None,
        "intents": None,
        "unless_evidence": (),
        "because": None,
        "owner": None,
        "controls": (),
        "span": SPAN,
    }
    given.update(fields)
    _say_whom(given, ir.ANYONE)
    return ir.Forbid(
        f"docs.{name}", capabilities=capabilities, condition=when, unless=unless, **given
    )


def policy(
    *rules: ir.Rule,
    location: str = BUCKET + "${path}",
    tags: tuple[tuple[str, str], ...] = TAGS,
    keys: tuple[tuple[str, str], ...] = KEYS,
    context: tuple[tuple[str, str], ...] = CONTEXT_KEYS,
    agents: tuple[tuple[str, str], ...] | None = None,
    actions: tuple[ir.ActionBinding, ...] | None = None,
) -> ir.Policy:
    """Two agents, two intents, one dataset with three actions of which `void` is not bound."""
    if actions is None:
        actions = (
            ir.ActionBinding("list", ("s3:ListBucket",), BUCKET),
            ir.ActionBinding("read", ("s3:GetObject", "s3:GetObjectVersion")),
        )
    if agents is None:
        agents = tuple(
            (name, f"arn:aws:iam::111122223333:role/{name.partition('.')[2]}")
            for name in (AIDE, BOT)
        )
    parameter = (ir.Field("amount", ir.INT),)
    return ir.Policy(
        packages=(ir.Package("docs", None, ()),),
        agents=tuple(
            ir.Agent(name, f"spiffe://acme.example/{name.partition('.')[2]}", (), SPAN)
            for name in (AIDE, BOT)
        ),
        families=(ir.Family("docs.all", ("spiffe://acme.example/*",), (), (), SPAN),),
        intents=tuple(ir.Intent(name, "", (), SPAN) for name in (AUDIT, REPORT)),
        resources=(
            ir.Resource(
                "docs.file",
                "dataset",
                tuple(ir.Field(name, type_) for name, type_ in FIELDS.items()),
                tuple(ir.Action(name, parameter, SPAN) for name in ("list", "read", "void")),
                SPAN,
            ),
        ),
        levels=(ir.Enumeration("docs.secrecy", LEVELS),),
        enums=(ir.Enumeration("docs.kind", KINDS),),
        context=tuple(ir.Field(name, type_) for name, type_ in CONTEXT.items()),
        allows=tuple(each for each in rules if isinstance(each, ir.Allow)),
        forbids=tuple(each for each in rules if isinstance(each, ir.Forbid)),
        bindings=(
            ir.Binding(
                "aws",
                (ir.ResourceBinding("docs.file", location, actions, keys, SPAN),),
                agents,
                tags,
                context,
                SPAN,
            ),
        ),
    )


# --- Generated ------------------------------------------------------------------------------------

TEXTS = (
    "a", "b", "a/b", "/a", "/a/b", "/b/c", "/ab", "", "*", "?", "$", "${aws:username}", "${*}", "/a/*",
    'q"}', "é", "日本", "plan", "a\nb", "/a/${path}", "a:b",
)  # fmt: skip
ODD_TEXTS = (
    "/a/", "/a//b", "/a/../b", "/a/./b", "/a/.", "/a/..", "/", "/.", "//a", "/a/x:y/../z", "/a:b/c",
    "/a/b:", "x/a", "A", "/A/b", "secret", "true", "/a/.h", "/a/b/c", "/🙂",
)  # fmt: skip
PATTERNS = ("*", "a*", "*b", "/a/*", "\\*", "a?", "*a*b*", "\\?", "${*}*", "日*", "/*", "a", "*:*")
PATHS = ("/", "/a", "a", "/a/b", "a/b", "/${x}", "/*", "*")
NUMBERS = (0, 1, 5, 10.5, -3, 2**53 - 1)
TIMES = ("2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z", "2026-06-01T12:00:00.5Z")
ADDRESSES = ("10.0.0.1", "10.0.0.0", "192.0.2.7", "2001:db8::1", "::ffff:10.0.0.1", "::1")
RANGES = ("10.0.0.0/8", "10.0.0.1/32", "2001:db8::/32", "::/0", "0.0.0.0/0", "192.0.2.7")
CONSTANTS: dict[ir.Type, tuple[ir.Value, ...]] = {
    ir.STRING: TEXTS,
    ir.BOOL: (True, False),
    ir.INT: (0, 5),
    ir.NUMBER: NUMBERS,
    ir.TIME: TIMES,
    ir.IP: ADDRESSES,
    LEVEL: LEVELS,
    KIND: KINDS,
}
SEEN: tuple[tuple[ir.Root, str], ...] = (
    *(("resource", name) for name in ("flag", "path", "path", "path", "secrecy", "size", "tenant")),
    *(("context", name) for name, _ in CONTEXT_KEYS),
)
UNSEEN: tuple[tuple[ir.Root, str], ...] = (
    ("args", "amount"),
    ("context", "risk"),
    ("resource", "hidden"),
    ("resource", "id"),
    ("resource", "labels"),
)


@st.composite
def leaves(draw: st.DrawFn, about: tuple[ir.Root, str] | None = None) -> ir.Condition:
    """One comparison, of an attribute or of anything that a rule here may read."""
    special = 4 if about else draw(st.integers(0, 19))
    if special == 0:
        agent_id = ir.Attribute("agent", ("id",), ir.STRING)
        return ir.Compare("==", agent_id, ir.Constant(ir.STRING, "spiffe://acme.example/bot"))
    if special == 1:
        now = ir.Attribute("now", (), ir.TIME)
        return ir.Compare("<", now, ir.Constant(ir.TIME, draw(st.sampled_from(TIMES))))
    if special == 2:
        task = ir.Attribute("task", ("id",), ir.STRING)
        return ir.Compare("==", task, ir.Constant(ir.STRING, draw(st.sampled_from(("t-1", "t-2")))))
    root, name = about or draw(st.sampled_from(UNSEEN if special == 3 else SEEN))
    read = attribute(root, name)
    if draw(st.integers(0, 11)) == 0:
        return ir.Has(read)
    if isinstance(read.type, ir.ListType):
        return ir.In(ir.Constant(ir.STRING, "a"), read)
    choices = ["==", "in"]
    if read.type == ir.STRING:
        choices += ["like", "under"] if name != "path" else ["like", "under", "under", "under"]
    if read.type == ir.IP:
        choices += ["within", "within"]
    if read.type in (ir.INT, ir.NUMBER, ir.TIME, LEVEL):
        choices += ["<", "<=", ">", ">="]
    constant = st.sampled_from(CONSTANTS[read.type])
    if read.type == ir.STRING and draw(st.integers(0, 7)) == 0:
        constant = hostile_text()
    match draw(st.sampled_from(choices)):
        case "in":
            values = tuple(draw(st.lists(constant, max_size=3, unique=True)))
            return ir.In(read, ir.Constants(read.type, values))
        case "like":
            return ir.Like(read, draw(st.sampled_from(PATTERNS)))
        case "under":
            return ir.Under(read, draw(st.sampled_from(PATHS)))
        case "within":
            values = tuple(draw(st.lists(st.sampled_from(RANGES), min_size=1, max_size=2)))
            return ir.Within(read, ir.Constants(ir.IP, values))
        case operator:
            sides: list[ir.Term] = [read, ir.Constant(read.type, draw(constant))]
            if draw(st.integers(0, 4)) == 0:
                sides.reverse()
            return ir.Compare(operator, *sides)  # type: ignore[arg-type]


def conditions() -> st.SearchStrategy[ir.Condition]:
    """Comparisons joined by `and`, `or` and `not`."""
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            inner.map(ir.Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: ir.And(tuple(parts))),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: ir.Or(tuple(parts))),
        ),
        max_leaves=4,
    )


CAPABILITIES = (("docs.file.read",), ("docs.file.list",), ("docs.file.*",), ("any",))
AGENTS = ((BOT,), (BOT, AIDE), ("docs.all",), None, (AIDE,))
INTENTS = ((AUDIT,), (AUDIT, REPORT), (REPORT,), None)


@st.composite
def rules(draw: st.DrawFn, number: int) -> ir.Rule:
    """An allow, or less often a forbid."""
    who = {"agents": draw(st.sampled_from(AGENTS)), "intents": draw(st.sampled_from(INTENTS))}
    capabilities = draw(st.sampled_from(CAPABILITIES))
    if draw(st.integers(0, 3)) == 0:
        when = draw(conditions())
        lifted = draw(st.sampled_from(("never", "never", "never", "unless", "evidence")))
        return forbid(
            f"f{number}",
            *capabilities,
            when=when,
            unless=draw(conditions()) if lifted == "unless" else None,
            unless_evidence=(ir.Approval(("role:x",)),) if lifted == "evidence" else (),
            **who,
        )
    when = draw(st.none() | conditions())
    return allow(f"a{number}", *capabilities, when=when, **who, **draw(further_clauses()))


def further_clauses() -> st.SearchStrategy[dict[str, Any]]:
    """Mostly nothing, else one of the clauses that narrow an allow."""
    one = st.one_of(
        conditions().map(lambda revoke: {"revoke": (revoke,)}),
        st.just({"requirements": (ir.StepUp("mfa"),)}),
        st.just({"validity": ir.Validity(TIMES[0], TIMES[1])}),
        st.just({"obligations": (ir.Obligation("redact", ()),)}),
        st.just({"window": ir.Window((0,), 60, 120, "UTC")}),
    )
    return st.integers(0, 4).flatmap(lambda n: one if n == 0 else st.just({}))


@st.composite
def small_policies(draw: st.DrawFn) -> ir.Policy:
    """One allow for everybody, narrowed or forbidden by no more than two comparisons."""
    first = leaves(draw(st.sampled_from(SEEN)))
    second = draw(st.sampled_from((first, leaves())))
    few = st.one_of(
        first,
        first.map(ir.Not),
        st.tuples(first, second).map(ir.And),
        st.tuples(first, second).map(ir.Or),
        st.tuples(first, second.map(ir.Not)).map(ir.And),
    )
    condition = draw(few)
    everybody = {"agents": None, "intents": None}
    rules: list[ir.Rule]
    match draw(st.integers(0, 3)):
        case 0:
            rules = [allow("a", "any", when=condition, **everybody)]
        case 1:
            rules = [allow("a", "any", revoke=(condition,), **everybody)]
        case 2:
            rules = [allow("a", "any", **everybody), forbid("f", "any", unless=condition)]
        case _:
            rules = [allow("a", "any", **everybody), forbid("f", "any", when=condition)]
    return policy(*rules, location=draw(st.sampled_from(LOCATIONS[:2])))


def bound_policies() -> st.SearchStrategy[ir.Policy]:
    """A policy of few rules, with few conditions or with any."""
    return st.one_of(small_policies(), large_policies())


@st.composite
def large_policies(draw: st.DrawFn) -> ir.Policy:
    """A policy with up to three rules, bound in one of several ways."""
    count = draw(st.integers(1, 3))
    return policy(
        *(draw(rules(number)) for number in range(count)),
        location=draw(st.sampled_from((*LOCATIONS[:2], *LOCATIONS[:2], *LOCATIONS))),
        tags=draw(st.sampled_from((TAGS, TAGS, TAGS[1:], TAGS[:2]))),
    )


def named_texts(bound: ir.Policy) -> set[str]:
    """The strings, patterns and paths in a policy's conditions, and some that are near them."""
    conditions = [
        condition
        for rule in bound.rules
        for condition in (rule.condition, rule.unless if isinstance(rule, ir.Forbid) else None)
        if condition is not None
    ]
    found: set[str] = set()
    for leaf in (leaf for condition in conditions for leaf in every_leaf(condition)):
        match leaf:
            case ir.Compare(_, _, ir.Constant(ir.STRING, value)):
                found.add(str(value))
            case ir.In(_, ir.Constants(ir.STRING, values)):
                found |= set(map(str, values))
            case ir.Like(_, pattern):
                found |= {pattern.replace("*", "x").replace("?", "y").replace("\\", "")}
                found |= {pattern.replace("*", ":/").replace("\\", "")}
            case ir.Under(_, str(path)):
                inside = path.rstrip("/")
                found |= {path, inside + "/b", inside + "/x:y", inside + "/b//c", inside + "/b/"}
                found |= {inside + "x", inside + "/b:/..", inside + "/../b", inside + "/./b"}
                found |= {"./" + inside, "../" + inside, "/" + inside, inside.lstrip("/"), "..", ""}
    return found


def every_leaf(condition: ir.Condition) -> list[ir.Condition]:
    """The comparisons of a condition."""
    match condition:
        case ir.And(parts) | ir.Or(parts):
            return [leaf for part in parts for leaf in every_leaf(part)]
        case ir.Not(part):
            return every_leaf(part)
        case _:
            return [condition]


def key_text(name: str, named: Sequence[str], rng: Random) -> str | None:
    """What a condition key may carry: a value of its type, for text anything, or nothing."""
    type_ = {**FIELDS, **CONTEXT}[name]
    if rng.random() < 0.15:
        return None
    if type_ == ir.BOOL:
        return rng.choice(
            ("true", "false") if name == "mfa" else ("true", "false", "TRUE", "yes", "")
        )
    if type_ == ir.NUMBER:
        return rng.choice(("0", "1", "5", "10", "-3"))
    if type_ == ir.TIME:
        return rng.choice(TIMES[:2])
    if type_ == ir.IP:
        return rng.choice(ADDRESSES)
    if type_ == LEVEL:
        return rng.choice((*LEVELS, *LEVELS, "top", "", "PUBLIC"))
    return any_text(named, rng)


def any_text(named: Sequence[str], rng: Random) -> str:
    """A text, more often than not one that the policy itself names or is near."""
    pool = named if named and rng.random() < 0.6 else (*TEXTS, *ODD_TEXTS, *KINDS)
    return rng.choice(pool)


def calls(bound: ir.Policy, rng: Random, count: int) -> Iterator[BoundCall]:
    """Calls of bound agents on places that their capability is bound to.

    Drawn by a plain generator: by Hypothesis they would cost more than all that is tested.
    """
    named = sorted(named_texts(bound))
    for _ in range(count):
        capability = rng.choice(("docs.file.read", "docs.file.read", "docs.file.list"))
        location = location_of(bound, capability) or ""
        values: dict[str, str] = {}
        for match in PLACEHOLDER.finditer(location):
            text = any_text(named, rng)
            if match.end() < len(location):  # one segment
                text = text.replace("/", "").replace(":", "") or "plan"
            elif location[match.start() - 1].isalnum() and not text.startswith("/"):
                text = "/" + text
            values[match[1]] = text
        keys = {"aws:CurrentTime": rng.choice((*TIMES[:2], "2025-01-01T00:00:00Z"))}
        for name, key in (*KEYS, *CONTEXT_KEYS):
            value = key_text(name, named, rng)
            if value is not None:
                keys[key] = value
        unseen = {
            "resource": {name: rng.choice((None, *TEXTS)) for name in ("hidden", "kind", "path")},
            "args": {"amount": rng.choice((None, 0, 5, "5"))},
            "context": {"risk": rng.choice((None, 0, 1, 5))},
        }
        yield BoundCall(
            agent=rng.choice((BOT, BOT, BOT, AIDE)),
            intent=rng.choice((AUDIT, AUDIT, AUDIT, REPORT, REPORT, "docs.other")),
            capability=capability,
            action={"docs.file.read": "s3:GetObject", "docs.file.list": "s3:ListBucket"}[
                capability
            ],
            values=values,
            keys=keys,
            task=rng.choice(("t-1", "t-2")),
            unseen=unseen,
        )
