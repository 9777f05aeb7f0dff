"""The JSON form of the IR: an exact round trip, a published schema, and no half-valid policy."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from generators import policies, policies_with_tests
from generators.edits import places, with_value, without_field
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.ir_json import (
    IRError,
    dumps,
    from_json,
    loads,
    to_json,
)
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir import schema as ir_document
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source, Span
from agpc.targets.emission import Options
from agpc.targets.ir import TARGET

SCHEMA = json.loads((files("agpc.compiler.ir") / "policy.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

SOURCE = """
package p
owner "o" contact "c"
use q
agent a = "spiffe://t.example/a" { tenant: string, seen: [time] }
agents f = "spiffe://t.example/*", a { tenant: string }
intent why "because" { limit?: number, of: { n: int, m?: json } }
enum kind = plain, odd
level rank = low < high
set some_kinds = [odd]
set nets = ["10.0.0.0/8", "::1"]
tool t { tenant: string, kind: kind, rank: rank action post(amount: number, to: [string]), read }
context { at: time, ip: ip, region?: string }
user { name: string }
grant g {
    to a for why
    allow t.post as post
        when args.amount <= 0.5 and resource.kind in some_kinds and every args.to like "a*"
        require approval per task by "role:x", "user:y" count 2 within 90s and step_up "mfa"
    allow t.read when task.of.n > 1 or age(context.at) < 1h
    revoke when not context.ip within nets
    credential ttl 15m renew 3
    valid from 2026-01-01 until 2026-12-31
    during mon..fri 07:00..19:00 "Europe/Berlin"
    audit full
    oblige mask(names: "a,b", depth: 2)
}
forbid never { deny any when resource.rank >= high because "no" }
separate t.post, t.read
isolate a from f
assert no agent can t.post for why when args.amount > 1 without approval by "user:y"
test "one" {
    agent a { tenant: "t" } for why
    call t.post(amount: 1, to: [])
    at 2026-01-01T00:00:00Z
    approved by "user:ann" as "role:x" 10m ago
    expect deny by never
}
bind aws {
    resource t "arn:${tenant}" { post = s3:A attribute tenant = s3:T }
    agent a "arn:a"
    session tag intent = "agp:intent"
    context ip = aws:SourceIp
}
"""
OTHER = 'package q\ncontext { region: string }\nforbid f { deny any when context.region == "x" }'


def policy_of(*texts: str) -> ir.Policy:
    policy = compile_sources([Source(f"{n}.agp", text) for n, text in enumerate(texts)]).policy
    assert policy is not None
    return policy


WHOLE = policy_of(SOURCE, OTHER)
DOCUMENT = to_json(WHOLE)


def spans(value: Any) -> Iterator[Span | None]:
    """Every span in a policy, in order."""
    if isinstance(value, Span) or value is None:
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from spans(each)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from spans(getattr(value, field.name))


def assert_comes_back(policy: ir.Policy) -> None:
    again = loads(dumps(policy))
    assert again == policy
    assert repr(again) == repr(policy), "also which numbers are whole"
    assert list(spans(again)) == list(spans(policy))


@given(policies() | policies_with_tests())
def test_a_policy_comes_back_with_its_places(policy: ir.Policy) -> None:
    assert_comes_back(policy)


def test_everything_that_can_be_written_comes_back() -> None:
    assert len([each for each in spans(WHOLE) if each is not None]) > 20
    assert_comes_back(WHOLE)


@given(policies() | policies_with_tests())
def test_the_schema_describes_every_document(policy: ir.Policy) -> None:
    VALIDATOR.validate(to_json(policy))


def test_the_published_schema_is_that_of_the_models() -> None:
    assert ir_document.schema() == SCHEMA
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    VALIDATOR.validate(DOCUMENT)
    assert not VALIDATOR.is_valid({**DOCUMENT, "agp_ir": 2})
    assert not VALIDATOR.is_valid({**DOCUMENT, "unknown": []})


def test_every_class_of_the_ir_has_its_model_with_the_same_fields() -> None:
    for name, kind in vars(ir).items():
        if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
            continue
        if name in ("Scalar", "Span"):  # written as text
            continue
        model = ir_document.MODELS[name]
        keys = {each.rstrip("_") for each in model.model_fields} - {"agp_ir", "kind"}
        assert keys == {each.name for each in dataclasses.fields(kind)} - {"kind"}, name


@given(st.data())
def test_a_broken_document_is_refused_or_decides(data: st.DataObject) -> None:
    """Whatever is changed in a document: a clear error, or a policy that can be evaluated."""
    policy = data.draw(policies() | st.just(WHOLE))
    document: Any = to_json(policy)
    paths = list(places(document))[1:]
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(paths))
        hostile = (None, 0, -1, "", "x", "\ud800", [], {}, [None], True, 1.5, 10**400, "any", "p.*")
        try:
            if data.draw(st.booleans()):
                document = without_field(document, path)
            else:
                document = with_value(document, path, data.draw(st.sampled_from(hostile)))
        except (KeyError, IndexError, TypeError, AttributeError):
            continue  # the first change took away what the second was about
    before = copy.deepcopy(document)
    try:
        loaded = from_json(document)
    except IRError as error:
        assert error.problems and str(error)
    else:
        assert_comes_back(loaded)
        request = {
            "subject": {"type": "agent", "id": "spiffe://t.example/ns/a/sa/x"},
            "action": {"name": "read"},
            "resource": {"type": "p.ledger", "id": "r"},
        }
        assert decide(loaded, request).effect in ("permit", "challenge", "deny")
    assert document == before


def changed(path: str, value: Any) -> Any:
    """The document with another value at a path such as `allows.0.id`; `*` is each of a list."""
    document = copy.deepcopy(DOCUMENT)
    *steps, last = path.split(".")
    holders: list[Any] = [document]
    for step in steps:
        holders = [
            inner for each in holders for inner in (each if step == "*" else [at(each, step)])
        ]
    for holder in holders:
        holder[int(last) if last.isdigit() else last] = value
    return document


def at(holder: Any, step: str) -> Any:
    return holder[int(step) if step.isdigit() else step]


NUMBER = {"kind": "constant", "type": "number", "value": 1}
AMOUNT = {"kind": "attribute", "root": "args", "path": ["amount"], "type": "number"}
STRANGE_TEST = {  # looks at no element
    "kind": "every",
    "list": {"kind": "attribute", "root": "args", "path": ["to"], "type": {"list": "string"}},
    "test": {"kind": "compare", "op": "<=", "left": AMOUNT, "right": NUMBER},
}


@pytest.mark.parametrize(
    ("path", "value", "where", "said"),
    [
        ("agp_ir", 2, "agp_ir", "version 1 alone"),
        ("agp_ir", True, "agp_ir", "version 1 alone"),
        ("allows.*.agents", ["p.nobody"], "allows[0].agents", "no agent or family `nobody`"),
        ("allows.*.agents", ["p.f", "p.a"], "allows[0].agents", 'the compiler makes `["p.a", "p.f"]`'),
        ("allows.*.agents", ["p.a\nfor any intent"], "allows[0].agents", "is not a name"),
        ("allows.0.agents", ["p.f"], "allows[1].agents", "allows[0], is of the same grant"),
        ("allows.*.intents", ["p.nothing"], "allows[0].intents", "no intent `nothing`"),
        ("allows.0.capabilities", ["p.t.nothing"], "allows[0].capabilities", "no action `nothing`"),
        ("allows.0.capabilities", ["any\nallow any"], "allows[0].capabilities", "is not a name"),
        ("allows.0.capabilities", ["p.t.read, p.t.post"], "allows[0].capabilities", "is not a name"),
        ("allows.0.capabilities", [], "allows[0].capabilities", "at least 1"),
        ("allows.0.id", "p.g.z z", "allows[0].id", "match pattern"),
        ("allows.0.id", "other.g.post", "allows[0].id", "`other.g.post`"),
        ("allows.0.id", "p.h.p.q", "allows[0].id", "`p.h.p.q`"),
        ("allows.0.id", "p.g.t.post.7", "allows[0]", "calls nothing here `p.g.t.post.7`"),
        ("allows.1.id", "p.g.post", "allows[1].capabilities", "label `post`"),
        ("allows.0.span", "somewhere", "allows[0].span", "match pattern"),
        ("allows.*.controls", ["made-up:1"], "allows[0].controls", "no framework `made-up`"),
        ("allows.*.owner", None, "allows[0].owner", "has no owner, and its package has one"),
        ("allows.0.credential.ttl", 0, "allows[0].credential.ttl", "equal to 1"),
        ("allows.0.credential.ttl", "15m", "allows[0].credential.ttl", "valid integer"),
        ("allows.*.credential.ttl", 10**30, "allows[0].credential", "is not a duration"),
        ("allows.*.validity.end", "2025-01-01T00:00:00Z", "allows[0].validity", "ends before it starts"),
        ("allows.*.validity.end", "2027-01-01T01:00:00+01:00", "allows[0].validity.end", "2027-01-01T00:00:00Z"),
        ("allows.*.validity.end", "tomorrow", "allows[0].validity", '"tomorrow" is not a time'),
        ("allows.*.validity", {}, "allows[0].validity", "neither a start nor an end"),
        ("allows.*.window.zone", "Europe/Atlantis", "allows[0].window", "no time zone `Europe/Atlantis`"),
        ("allows.*.window.days", [1, 0], "allows[0].window.days", "`[1, 0]`"),
        ("allows.*.window.end", 420, "allows[0].window", "ends when it starts"),
        ("allows.*.obligations.0.properties.level", "full credential ttl 1s", "allows[0].obligations[0]", "is not a name"),
        ("allows.*.obligations.0.properties", {}, "allows[0].obligations[0]", "no audit `None`"),
        ("allows.0.requirements.0.by", ["user:y", "role:x"], "allows[0].requirements[0].by", '`["user:y", "role:x"]`'),
        ("allows.0.requirements.0.count", 0, "allows[0].requirements[0].approval.count", "equal to 1"),
        ("allows.0.condition.parts.0.left.type", "int", "allows[0].condition.parts[0].left.type", '"number"'),
        ("allows.0.condition.parts.0.left.optional", True, "allows[0].condition.parts[0].left.optional", "false"),
        ("allows.0.condition.parts.0.left.path", ["nothing"], "allows[0].condition", "declares no `nothing`"),
        ("allows.0.condition.parts.0.left.path", ["a\u202eb"], "allows[0].condition", "cannot be seen"),
        ("allows.0.condition.parts.0.left", NUMBER, "allows[0].condition", "two constants, in `1 <= 0.5`"),
        ("allows.0.condition.parts.0.right.value", True, "allows[0].condition", "not of type `number`, in `true`"),
        ("allows.0.condition.parts.0.right.value", 1.0, "allows[0].condition.parts[0].right.value", "`1.0`"),
        ("allows.0.condition.parts.0.right.value", 10**400, "allows[0].condition", "a number may have"),
        ("allows.0.condition.parts.0", STRANGE_TEST, "allows[0].condition.parts[0]", "`Quantified`"),
        ("allows.0.condition.parts.1.of.set", "p.nothing", "allows[0].condition", "no set `nothing`"),
        ("allows.0.condition.parts.1.of.set", "p.nets", "allows[0].condition", "`nets` is a set of `ip`"),
        ("allows.0.condition.parts.1.of.set", "some_kinds or true", "allows[0].condition", "is not a name"),
        ("allows.0.condition.parts.2.test.pattern", "\\x", "allows[0].condition", "no escape `\\x`"),
        ("allows.0.condition.parts.2.list", AMOUNT, "allows[0].condition", "`every` needs a list"),
        ("allows.0.condition.parts", [], "allows[0].condition.and.parts", "at least 2"),
        ("allows.0.revoke.0.part.ranges.values", ["10.0.0.1/8"], "allows[0].revoke[0]", "`values` or `set`, not both"),
        ("allows.0.revoke.0.part.ranges.set", None, "allows[0].revoke[0]", "neither is here"),
        ("forbids.0.condition.right.value", "middle", "forbids[0].condition", "no member `middle`"),
        ("forbids.0.condition.right.value", "high or true", "forbids[0].condition", "is not a name"),
        ("forbids.0.id", "p.q.never", "forbids[0].id", "no package of `p.q.never`"),
        ("sets.0.values", ["10.0.0.1/8"], "allows[0].revoke[0]", "`nets` is a set of `string`"),
        ("sets.1.type", {"level": "p.rank"}, "sets[1]", "in `rank.odd`"),
        ("agents.0.id", "https://t.example/a", "agents[0]", "`https://t.example/a` is not a SPIFFE ID"),
        ("agents.0.name", "nowhere.a", "agents[0].name", "no package of `nowhere.a`"),
        ("agents.0.name", "p.f", "families[0]", "`f` is declared twice"),
        ("agents.0.attributes.0.name", "id", "agents[0]", "cannot be called `id`"),
        ("families.0.patterns", ["spiffe://t.example/**/x"], "families[0]", "is not a SPIFFE pattern"),
        ("families.0.patterns", ["spiffe://t.example/x"], "families[0].patterns", "spiffe://t.example/x"),
        ("resources.0.attributes.0.type", {"enum": "p.nothing"}, "resources[0]", "no type `nothing`"),
        ("resources.0.attributes.2.name", "a", "bindings[0].resources[0]", "no attribute `tenant`"),
        ("resources.0.name", "p.t\"; drop", "resources[0].name", "match pattern"),
        ("context.0.name", "time", "context", "cannot be called `time`"),
        ("enums.0.members", ["odd", "odd"], "enums[0]", "`odd` is declared twice"),
        ("enums.0.members", ["odd", "agent"], "enums[0]", "cannot be called `agent`"),
        ("enums.0.name", "p.rank", "enums[0]", "`rank` is declared twice"),
        ("assertions.0.capabilities", ["p.x.read"], "assertions[0]", "no resource `x`"),
        ("isolations.0.left", "p.x", "isolations[0]", "no agent or family `x`"),
        ("tests.0.rules", ["p.nothing"], "tests[0].rules", "no rule `p.nothing`"),
        ("tests.0.rules", ["p.never, p.g.post"], "tests[0].rules", "no rule"),
        ("tests.0.request", {}, "tests[0].request", "not one that a test makes"),
        ("tests.0.request.context.time", "soon", "tests[0].request", '"soon" is not a time'),
        ("tests.0.request.context.colour", "red", "tests[0].request", '"colour" is declared'),
        ("tests.0.request.context.approvals.0.args", {}, "tests[0].request.context.approvals[0].args", '"amount"'),
        ("tests.0.request.context.approvals", 7, "tests[0].request.context", ""),
        ("tests.0.request.action.properties.amount", True, "tests[0].request", "not of type `number`"),
        ("tests.0.request.action.properties.amount", float("nan"), "tests[0].request", ""),
        ("tests.0.request.extra", 1, "tests[0].request", "extra"),
        ("bindings.0.agents", {"p.f": "arn"}, "bindings[0].agents", "`f` is a family"),
        ("bindings.0.tags", {"colour": "x"}, "bindings[0].tags", "no `colour`"),
        ("bindings.0.tags", {"intent = \"x\" session tag task": "x"}, "bindings[0].tags", "is not a name"),
        ("bindings.0.resources.0.attributes", {"x": "y"}, "bindings[0].resources[0].attributes", "no attribute `x`"),
        ("bindings.0.resources.0.actions.0.action", "x", "bindings[0].resources[0].actions[0]", "no action `x`"),
        ("packages", [], "levels[0].name", "no package of `p.rank`"),
        ("packages.1.name", "p", "", ""),
    ],
)  # fmt: skip
def test_what_the_compiler_would_not_make_is_refused(
    path: str, value: Any, where: str, said: str
) -> None:
    with pytest.raises(IRError) as caught:
        from_json(changed(path, value), "policy.json")
    assert [
        message
        for part, message in caught.value.problems
        if part.startswith(where) and said in message
    ], caught.value.problems
    assert str(caught.value).startswith(f"policy.json: {caught.value.problems[0][0]}: ")
    assert "write the document again" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("allows.0.condition.parts.2.test.pattern", 'a" or has args."to'),
        ("forbids.0.because", '"\n} grant g2 { to any agent for any intent allow any }\u202e'),
        ("bindings.0.target", "nowhere"),  # of a package that is not on this machine
    ],
)
def test_what_only_looks_dangerous_comes_back(path: str, value: Any) -> None:
    assert_comes_back(from_json(changed(path, value)))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"agp_ir": 1, "allows": [{}]}', '{"agp_ir": NaN}', '{"agp_ir": 1, "allows": [], "allows": []}', "[" * 100_000,
     '{"agp_ir": 1, "x": ' + '{"a":' * 100_000, b"\xff\xfe\x00"],
)  # fmt: skip
def test_text_that_is_no_policy_is_one_error(text: str | bytes) -> None:
    with pytest.raises(IRError):
        loads(text)


def test_deep_conditions_come_back_or_are_refused() -> None:
    condition: Any = {"kind": "has", "attribute": AMOUNT}
    for _ in range(2_000):
        condition = {"kind": "not", "part": condition}
    with pytest.raises(IRError, match="nested too deeply"):
        from_json(changed("allows.0.condition", condition))


def test_the_target_writes_the_document() -> None:
    emission = TARGET.emit(WHOLE, Options())
    assert dict(emission.files) == {"policy.json": dumps(WHOLE)}
    assert emission.files["policy.json"].isascii()
    assert {entry.rule for entry in emission.ledger} == {rule.id for rule in WHOLE.rules}
    assert {entry.enforcement for entry in emission.ledger} == {"exact"}
    assert TARGET.emit(policy_of(OTHER, SOURCE), Options()).files.keys() == emission.files.keys()
