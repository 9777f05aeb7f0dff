"""Cedar's artifact: what it says, what it is safe from, and how large its parts may be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import cedarpy
from engines.cedar import Engine
from engines.hand_policies import AGENT, ALLOW, FORBID, request
from generators import hostile_text, policies
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Span
from agpc.runtime.glob import Wildcard
from agpc.targets.cedar.names import (
    pattern,
    string,
)

from .emitting import NOTE, emit, engine, policy_of, statements

LONGEST = 2**63 - 1


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
