"""Names and text of a policy in Cedar's syntax: none escapes, and no two become one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from engines.hand_policies import ALLOW, FORBID, SPAN, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.runtime.cedar_request import order
from agpc.targets.cedar.names import (
    attribute_name,
    entity_type,
)
from agpc.targets.cedar.values import pair

from .emitting import SINCE, UNTIL, engine, policy_of

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
