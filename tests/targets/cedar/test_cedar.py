"""Cedar's artifact: what it says, what it is safe from, and how large its parts may be."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cedarpy
import pytest
from engines import hand_policies
from engines.cedar import Engine
from engines.hand_policies import AGENT, ALLOW, AMOUNT, FORBID, SPAN, request
from generators import hostile_text, policies
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Span
from agpc.runtime.cedar_request import order
from agpc.runtime.glob import Wildcard
from agpc.targets.cedar import TARGET
from agpc.targets.cedar.names import (
    attribute_name,
    entity_type,
    pattern,
    string,
)
from agpc.targets.cedar.statements import MAX_SCHEMA, MAX_STATEMENT
from agpc.targets.cedar.values import pair
from agpc.targets.emission import Emission, Options

EXAMPLES = Path(__file__).parents[3] / "examples"
LONGEST = 2**63 - 1
TO = ir.Attribute("args", ("to",), ir.ListType(ir.STRING))
NOTE = ir.Attribute("args", ("note",), ir.STRING)
SINCE = ir.Attribute("args", ("since",), ir.TIME)
UNTIL = ir.Attribute("args", ("until",), ir.TIME)
PARAMETERS = tuple(ir.Field(each.path[0], each.type) for each in (TO, NOTE, AMOUNT, SINCE, UNTIL))
POLICY = replace(
    hand_policies.POLICY,
    resources=(
        ir.Resource(
            "p.ledger",
            "tool",
            (),
            tuple(ir.Action(name, PARAMETERS, SPAN) for name in ("post", "read")),
            SPAN,
        ),
    ),
    allows=(),
)


def policy_of(*rules: ir.Rule) -> ir.Policy:
    return hand_policies.policy_of(*rules, policy=POLICY)


def emit(policy: ir.Policy, **options: str) -> Emission:
    return TARGET.emit(policy, Options(options))


def engine(policy: ir.Policy, **options: str) -> Engine:
    made = Engine(emit(policy, **options).files)
    assert made.validation.validation_passed, made.validation.errors
    return made


def statements(emission: Emission) -> list[dict[str, Any]]:
    found = json.loads(cedarpy.policies_to_json_str(emission.files["policies.cedar"]))
    return list(found["staticPolicies"].values())


def ledger(emission: Emission) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {each.rule: (each.enforcement, each.reasons) for each in emission.ledger}


# --- Nothing raises -------------------------------------------------------------------------------


@st.composite
def values_of(draw: st.DrawFn, type_: dict[str, Any], common: dict[str, Any]) -> Any:
    """A JSON value of a type of a schema, without regard to what the translation would give."""
    if type_["type"] in common:
        return draw(values_of(common[type_["type"]], common))
    match type_["type"]:
        case "Long":
            return draw(st.sampled_from((0, 1, -1, LONGEST, -LONGEST - 1)) | st.integers(-9, 9))
        case "Boolean":
            return draw(st.booleans())
        case "String":
            return draw(hostile_text())
        case "Set":
            return draw(st.lists(values_of(type_["element"], common), max_size=3))
        case "Extension":
            address = draw(st.sampled_from(("10.0.0.1", "::1", "10.0.0.0/8", "::/0")))
            return {"__extn": {"fn": "ip", "arg": address}}
    return {
        name: draw(values_of(each, common))
        for name, each in type_["attributes"].items()
        if each["required"] or draw(st.booleans())
    }


@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_policy_raises_for_any_request_that_the_schema_admits(data: st.DataObject) -> None:
    emission = emit(data.draw(policies()))
    policies_ = cedarpy.PolicySet.from_str(emission.files["policies.cedar"])
    schema = cedarpy.Schema.from_json_str(emission.files["schema.json"])
    (space,) = json.loads(emission.files["schema.json"]).values()
    common = space["commonTypes"]
    for _ in range(6):
        capability = data.draw(st.sampled_from(sorted(space["actions"])))
        about = space["actions"][capability]["appliesTo"]
        (resource,) = about["resourceTypes"]
        families = json.loads(emission.files["request.json"])["families"]
        uids = [{"type": "AGP::Agent", "id": AGENT}, {"type": resource, "id": "r"}]
        shapes = [space["entityTypes"][each["type"].rpartition("::")[2]]["shape"] for each in uids]
        parents: list[list[Any]] = [
            [{"type": "AGP::Family", "id": name} for name in families if data.draw(st.booleans())],
            [],
        ]
        asked = {
            "principal": uids[0],
            "action": {"type": "AGP::Action", "id": capability},
            "resource": uids[1],
            "context": data.draw(values_of(about["context"], common)),
        }
        entities = [
            {"uid": uid, "attrs": data.draw(values_of(shape, common)), "parents": above}
            for uid, shape, above in zip(uids, shapes, parents, strict=True)
        ]
        result = cedarpy.is_authorized(asked, policies_, entities, schema=schema)
        event(str(result.decision))
        assert result.decision != cedarpy.Decision.NoDecision, result.diagnostics.errors
        assert result.diagnostics.errors == []


def test_a_condition_as_deep_as_a_statement_can_hold_does_not_raise() -> None:
    condition: ir.Condition = ir.Like(NOTE, "x*")
    for number in range(70):
        leaf = ir.Compare("==", NOTE, ir.Constant(ir.STRING, f"n{number}"))
        condition = ir.Or((leaf, ir.And((ir.Not(ir.Like(NOTE, f"{number}*")), condition))))
    for rules in (
        (replace(ALLOW, condition=condition),),
        (ALLOW, replace(FORBID, condition=condition)),
    ):
        policy = policy_of(*rules)
        made = engine(policy)
        for note in ("n0", "n69", "x1", "5x", "y", None):
            asked = request(note=note)
            assert made.decide(asked) is (decide(policy, asked).effect == "permit")


# --- Text ------------------------------------------------------------------------------------------


@given(hostile_text())
def test_text_comes_back_from_cedar_as_it_was(text: str) -> None:
    source = f"permit (principal, action, resource) when {{ {string(text)} == {string(text)} }};"
    (found,) = json.loads(cedarpy.policies_to_json_str(source))["staticPolicies"].values()
    assert found["conditions"][0]["body"]["=="]["left"] == {"Value": text}


@given(st.lists(hostile_text() | st.just(Wildcard.ANY), max_size=4))
def test_patterns_mean_their_text_and_their_stars(parts: list[str | Wildcard]) -> None:
    source = f'permit (principal, action, resource) when {{ "" like {pattern(tuple(parts))} }};'
    (found,) = json.loads(cedarpy.policies_to_json_str(source))["staticPolicies"].values()
    read = [
        "Wildcard" if each == "Wildcard" else each["Literal"]
        for each in found["conditions"][0]["body"]["like"]["pattern"]
    ]
    wanted: list[str] = []
    for part in parts:
        wanted += part if isinstance(part, str) else ["Wildcard"]
    assert [each for each in read if each] == wanted


@given(hostile_text(), hostile_text(), hostile_text(), hostile_text())
def test_no_text_of_a_policy_escapes_from_its_place(
    id: str, file: str, value: str, glob: str
) -> None:
    quoted = glob.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
    condition = ir.And(
        (ir.Compare("==", NOTE, ir.Constant(ir.STRING, value)), ir.Not(ir.Like(NOTE, quoted + "*")))
    )
    rule = replace(ALLOW, id=id, condition=condition, span=Span(file, 1, 1, 1, 2))
    emission = emit(policy_of(rule))
    (statement,) = statements(emission)
    assert statement["annotations"] == {"id": id, "agp_rule": id, "agp_source": f"{file}:1:1"}
    assert Engine(emission.files).decide(request(note=value)) is not value.startswith(glob)


WORDS = (
    "true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar", "principal", "action",
    "resource", "context", "permit", "forbid", "when", "unless", "ip", "decimal", "Set", "String", "Long",
    "Bool", "Entity", "Record", "Extension", "AGP", "Agent", "Family", "Action", "any", "now", "ages",
    "malformed", "__proto__", "constructor", "toString", "__entity", "__extn", "type", "uid", "attrs",
    "parents", "intent", "state", "u_", "u_u_", "_", "", "x" * 2_000, "état", "日本", "a b", 'q"', "a\nb",
    "\u202e", "a\\", "*",
)  # fmt: skip


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(WORDS), min_size=4, max_size=4, unique=True),
    st.sampled_from(WORDS),
    st.sampled_from(("args", "resource", "context")),
    st.sampled_from(("p.true", "p.__cedar", "p.Agent", "p.Action", "p.String", "p.in", "p._x_")),
    st.booleans(),
)
def test_whatever_names_are_the_policies_validate_and_decide_alike(
    names: list[str], value: str, root: ir.Root, kind: str, forbids: bool
) -> None:
    fields = tuple(ir.Field(each, ir.STRING) for each in sorted(names))
    name, action = names[:2]
    condition = ir.Compare(
        "==", ir.Attribute(root, (name,), ir.STRING), ir.Constant(ir.STRING, value)
    )
    allow = replace(ALLOW, capabilities=(f"{kind}.{action}",), intents=(value,))
    rules: tuple[ir.Rule, ...] = (replace(allow, condition=condition),)
    if forbids:
        rules = (allow, replace(FORBID, condition=condition))
    policy = replace(
        policy_of(*rules),
        resources=(ir.Resource(kind, "tool", fields, (ir.Action(action, fields, SPAN),), SPAN),),
        context=fields,
        intents=(ir.Intent(value, "", (), SPAN),),
    )
    made = engine(policy)
    for given_ in (value, "other", 5, None):
        asked = request(**{name: given_} if root == "args" else {})
        asked["action"]["name"] = action
        asked["resource"] |= {"type": kind, "properties": {name: given_}}
        asked["context"] |= {name: given_}
        asked["context"]["task"] = {"id": "t", "intent": value, "state": "active"}
        assert made.decide(asked) is (decide(policy, asked).effect == "permit")


def test_names_that_mean_something_to_cedar_are_ordinary_names() -> None:
    names = ("__entity", "__extn", "in", "has", "u_x", "u___entity", "if", "malformed")
    fields = tuple(ir.Field(name, ir.STRING) for name in sorted(names))
    inner = ir.Field("rec", ir.RecordType(fields))
    resource = ir.Resource(
        "p.Set", "tool", (*fields, inner), (ir.Action("in", fields, SPAN),), SPAN
    )
    context = tuple(sorted((*fields, ir.Field("args", ir.STRING)), key=lambda each: each.name))
    roots: tuple[ir.Root, ...] = ("args", "resource", "context")
    tests = [
        ir.Compare(
            "==", ir.Attribute(root, path, ir.STRING), ir.Constant(ir.STRING, ".".join(path))
        )
        for name in names
        for root in roots
        for path in ((name,), ("rec", name))
        if root == "resource" or len(path) == 1
    ]
    rule = replace(ALLOW, capabilities=("p.Set.in",), condition=ir.And(tuple(tests)))
    policy = replace(policy_of(rule), resources=(resource,), context=context)
    flat = {name: name for name in names}
    asked = request(**flat)
    asked["action"]["name"] = "in"
    asked["resource"] = {
        "type": "p.Set",
        "id": "main",
        "properties": {**flat, "rec": {name: f"rec.{name}" for name in names}},
    }
    asked["context"] |= flat
    assert decide(policy, asked).effect == "permit"
    assert engine(policy).decide(asked)
    asked["resource"]["properties"]["rec"]["__extn"] = "x"
    assert not engine(policy).decide(asked)


NAME = st.lists(st.sampled_from(("a", "_", "u", "u_", "__", "in", "2")), min_size=1).map("".join)


@given(NAME, NAME, st.lists(NAME, min_size=1), st.lists(NAME, min_size=1))
def test_no_two_names_become_one(one: str, other: str, left: list[str], right: list[str]) -> None:
    assert (attribute_name(one) == attribute_name(other)) is (one == other)
    types = entity_type(".".join(left)), entity_type(".".join(right))
    assert (types[0] == types[1]) is (left == right)


# --- Values ----------------------------------------------------------------------------------------


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False))
def test_numbers_keep_their_order(one: float, other: float) -> None:
    mine, others = pair(ir.NUMBER, one), pair(ir.NUMBER, other)
    assert (mine < others) is (one < other)
    assert (mine == others) is (one == other)
    assert tuple(order(one).values()) == mine
    assert all(0 <= low < 2**32 and -(2**31) <= high < 2**31 for high, low in (mine, others))


@pytest.mark.parametrize("op", ["==", "<", "<=", ">", ">="])
def test_ages_of_centuries_compare(op: Any) -> None:
    day = ir.Constant(ir.DURATION, 86_400)
    for right in (day, ir.Age(UNTIL)):
        policy = policy_of(replace(ALLOW, condition=ir.Compare(op, ir.Age(SINCE), right)))
        made = engine(policy)
        for since in ("1678-01-01T00:00:00Z", "1679-01-01T00:00:00Z", "2261-12-31T00:00:00Z"):
            asked = request(since=since, until="1678-01-01T00:00:00Z")
            asked["context"]["time"] = "2262-01-01T00:00:00Z"
            assert made.decide(asked) is (decide(policy, asked).effect == "permit")


# --- Size ------------------------------------------------------------------------------------------


def among(count: int) -> ir.Condition:
    values = tuple(f"value number {number}" for number in range(count))
    return ir.In(NOTE, ir.Constants(ir.STRING, values))


@pytest.mark.parametrize(
    "condition",
    [
        among(2_000),
        ir.Not(among(300)),
        ir.And((among(2_000), ir.Compare("==", AMOUNT, ir.Constant(ir.NUMBER, 1)))),
        ir.And((among(300), ir.Not(ir.Compare("==", NOTE, ir.Constant(ir.STRING, "x" * 5_000))))),
    ],
)
def test_what_is_too_large_is_split_and_means_the_same(condition: ir.Condition) -> None:
    allow = replace(ALLOW, condition=condition)
    everything = replace(FORBID, condition=condition, capabilities=("p.ledger.*",))
    lifted = replace(FORBID, unless=condition)
    for policy in (policy_of(allow), policy_of(ALLOW, everything), policy_of(ALLOW, lifted)):
        emission = emit(policy)
        if not emission.files:  # a conjunction that is too large itself
            assert [each.code for each in emission.diagnostics] == ["AGP5002"]
            continue
        assert emission.diagnostics == ()
        for text in emission.files["policies.cedar"].split("\n\n"):
            assert len(text.encode()) <= MAX_STATEMENT  # with the comment above it
        ids = [each["annotations"]["id"] for each in statements(emission)]
        assert len(ids) == len(set(ids))
        made = engine(policy)
        for note in ("value number 0", "value number 1999", "value number 2000", "x", None, 1):
            for amount in (1, 2):
                asked = request(note=note, amount=amount)
                assert made.decide(asked) is (decide(policy, asked).effect == "permit")
    assert emit(policy_of(allow)).files


def test_a_policy_of_exactly_the_limit_is_kept_whole() -> None:
    def sized(size: int) -> ir.Policy:
        text = ir.Constant(ir.STRING, "x" * size)
        return policy_of(replace(ALLOW, condition=ir.Compare("==", NOTE, text)))

    made = emit(sized(1)).files["policies.cedar"]
    full = 1 + MAX_STATEMENT - len(made[made.index("@id") :].encode())
    for size in (full - 1, full):
        made = emit(sized(size)).files["policies.cedar"]
        assert len(made.encode()) == MAX_STATEMENT - full + size
        assert made.startswith("@id")  # there was no room for the comment
        assert engine(sized(size)).decide(request(note="x" * size))
    (problem,) = emit(sized(full + 1)).diagnostics
    assert problem.code == "AGP5002"
    assert ALLOW.id in problem.message


def test_a_schema_of_exactly_the_limit_is_kept() -> None:
    def sized(size: int) -> Emission:
        fields = tuple(ir.Field(f"{n:03}" + "x" * 200, ir.STRING) for n in range(size // 300))
        last = ir.Field("z" * (size % 300 + 1), ir.STRING)
        return emit(replace(policy_of(ALLOW), context=(*fields, last)))

    size = next(size for size in range(1, 10**6, 300) if not sized(size).files)
    exact = next(each for each in range(size - 300, size + 300) if not sized(each).files) - 1
    kept = sized(exact).files["schema.json"]
    assert MAX_SCHEMA - 3 <= len(kept) <= MAX_SCHEMA
    assert "\n" not in kept
    (problem,) = sized(exact + 1).diagnostics
    assert problem.code == "AGP5002"


def test_what_cannot_be_split_is_refused_and_never_widened() -> None:
    long = ir.Compare("==", NOTE, ir.Constant(ir.STRING, "x" * 10_000))
    for rule in (replace(ALLOW, condition=long), replace(FORBID, condition=long)):
        emission = emit(policy_of(rule))
        assert emission.files == {}
        (problem,) = emission.diagnostics
        assert (problem.code, problem.message) == (
            "AGP5002",
            f"`{rule.id}` does not fit into Cedar policies of 10,000 bytes",
        )
        assert emit(policy_of(rule), limits="none").files


def with_actions(*parameters: tuple[ir.Field, ...]) -> ir.Policy:
    """A policy with more actions, of these parameters."""
    more = tuple(ir.Action(f"action_{at}", each, SPAN) for at, each in enumerate(parameters))
    wide = replace(POLICY.resources[0], actions=(*POLICY.resources[0].actions, *more))
    return replace(policy_of(ALLOW), resources=(wide,))


def test_what_several_actions_have_in_common_stands_once_in_a_schema() -> None:
    policy = with_actions(*[PARAMETERS] * 300)
    (space,) = json.loads(emit(policy).files["schema.json"]).values()
    of_posts = [
        each["appliesTo"]["context"]
        for name, each in space["actions"].items()
        if name == "p.ledger.post" or "action_" in name
    ]
    assert of_posts == [{"type": "Context"}] * 301
    assert engine(policy).decide(request())
    alone = with_actions((ir.Field("only", ir.STRING),))
    (space,) = json.loads(emit(alone).files["schema.json"]).values()
    assert space["actions"]["p.ledger.action_0"]["appliesTo"]["context"]["type"] == "Record"
    assert engine(alone).decide(request())


def test_a_schema_that_is_too_large_is_refused() -> None:
    policy = with_actions(*[(ir.Field(f"only_{at}", ir.STRING),) for at in range(300)])
    assert [each.code for each in emit(policy).diagnostics] == ["AGP5002"]
    assert engine(policy, limits="none").decide(request())


def test_other_settings_are_refused() -> None:
    for options in ({"limit": "aws"}, {"limits": "all"}):
        emission = emit(POLICY, **options)
        assert emission.files == {}
        assert [each.code for each in emission.diagnostics] == ["AGP5006"]


# --- The ledger ------------------------------------------------------------------------------------

APPROVAL = ir.Approval(("role:x",))
WINDOW = ir.Window((0,), 0, 60, "UTC")
REDACT = ir.Obligation("redact", ())
EACH = ir.Quantified("every", TO, ir.Like(ir.Element(ir.STRING), "a*"))


@pytest.mark.parametrize(
    ("change", "enforcement", "reason"),
    [
        ({}, "exact", None),
        ({"credential": ir.Credential(900)}, "exact", None),
        ({"requirements": (APPROVAL,)}, "elsewhere", "Cedar cannot tell whether the approval"),
        (
            {"requirements": (ir.StepUp("mfa"),)},
            "elsewhere",
            "Cedar cannot tell whether the step-up",
        ),
        ({"window": WINDOW}, "elsewhere", "Cedar knows no time zones"),
        ({"obligations": (REDACT,)}, "elsewhere", "cannot carry what `redact` obliges to"),
        ({"condition": EACH}, "elsewhere", "elements of a list one by one"),
        ({"revoke": (EACH,)}, "elsewhere", "elements of a list one by one"),
        ({"condition": ir.Like(NOTE, "a?")}, "elsewhere", "no wildcard for one character"),
        ({"condition": ir.Or((EACH, ir.Has(NOTE)))}, "stricter", "elements of a list one by one"),
    ],
)
def test_the_ledger_says_what_becomes_of_an_allow(
    change: dict[str, Any], enforcement: str, reason: str | None
) -> None:
    emission = emit(policy_of(replace(ALLOW, **change)))
    found, reasons = ledger(emission)[ALLOW.id]
    assert found == enforcement
    assert len(statements(emission)) == (enforcement != "elsewhere")
    assert reasons == () if reason is None else reason in reasons[0]
    codes = {"exact": [], "stricter": ["AGP5003"], "elsewhere": ["AGP5004"]}
    assert [each.code for each in emission.diagnostics] == codes[enforcement]


@pytest.mark.parametrize(
    ("change", "enforcement"),
    [
        ({"condition": ir.Has(NOTE)}, "exact"),
        ({"condition": EACH}, "stricter"),
        ({"unless": EACH}, "stricter"),
        ({"unless_evidence": (APPROVAL,)}, "stricter"),
        ({"condition": ir.Like(NOTE, "a?")}, "stricter"),
    ],
)
def test_a_forbid_is_widened_and_never_left_out(change: dict[str, Any], enforcement: str) -> None:
    emission = emit(policy_of(replace(FORBID, **change, capabilities=("p.ledger.post",))))
    assert ledger(emission)[FORBID.id][0] == enforcement
    assert [each["effect"] for each in statements(emission)] == ["forbid"]


def test_a_glob_of_one_character_keeps_what_a_star_can_say_of_a_forbid() -> None:
    forbid = replace(FORBID, condition=ir.Like(NOTE, "a?"), capabilities=("p.ledger.post",))
    made = engine(policy_of(ALLOW, forbid))
    assert [made.decide(request(note=note)) for note in ("b", "ab", "abc")] == [True, False, False]


def test_what_another_allow_obliges_to_takes_this_one_along() -> None:
    other = replace(ALLOW, id="p.g.other", obligations=(REDACT,))
    apart = replace(ALLOW, id="p.g.apart", capabilities=("p.ledger.read",))
    found = ledger(emit(policy_of(ALLOW, other, apart)))
    assert {id: how for id, (how, _) in found.items()} == {
        "p.g.post": "elsewhere",
        "p.g.other": "elsewhere",
        "p.g.apart": "exact",
    }


def test_audit_is_left_to_the_log_with_a_warning() -> None:
    audited = replace(ALLOW, obligations=(ir.Obligation("audit", (("level", "full"),)),))
    emission = emit(policy_of(audited))
    assert ledger(emission)[ALLOW.id] == ("exact", ())
    assert [each.code for each in emission.diagnostics] == ["AGP5008"]


def test_of_an_allow_that_is_left_to_others_no_log_is_asked_for() -> None:
    audit = ir.Obligation("audit", (("level", "full"),))
    left = replace(ALLOW, obligations=(audit,), requirements=(APPROVAL,))
    assert [each.code for each in emit(policy_of(left)).diagnostics] == ["AGP5004"]


def test_an_empty_policy_is_valid() -> None:
    emission = emit(policy_of())
    assert statements(emission) == []
    assert not engine(policy_of()).decide(request())


# --- The examples ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["finance", "agentdojo/banking", "agentdojo/workspace"])
def test_the_tests_of_the_examples_hold_on_cedar(name: str) -> None:
    policy = load_policy([EXAMPLES / name])
    emission = emit(policy)
    assert emit(policy) == emission
    made = engine(policy)
    how = ledger(emission)
    for test in policy.tests:
        decision = decide(policy, test.request)
        if made.decide(test.request):
            assert decision.effect == "permit", test.name
        elif decision.effect == "permit":
            assert all(how[rule][0] != "exact" for rule in decision.rules), test.name
    assert {"exact", "elsewhere"} <= {enforcement for enforcement, _ in how.values()}


@pytest.mark.parametrize(("clauses", "fits"), [(70, False), (300, False), (3, True)])
def test_and_ed_alternatives_are_split_within_bounds_or_refused(clauses: int, fits: bool) -> None:
    def alternative(number: int) -> ir.Condition:
        read = (ir.Attribute("context", (f"b{number}_{each}",), ir.BOOL) for each in "xyz")
        return ir.Or(tuple(ir.Compare("==", each, ir.Constant(ir.BOOL, True)) for each in read))

    condition = ir.And(tuple(map(alternative, range(clauses))))
    emission = emit(policy_of(replace(ALLOW, condition=condition)))
    assert [each.code for each in emission.diagnostics] == ([] if fits else ["AGP5002"])
