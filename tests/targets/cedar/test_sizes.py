"""Policies and schemas that are too large for Cedar: split or refused, and never widened."""

from __future__ import annotations

import json
from bisect import bisect
from dataclasses import replace

import pytest
from engines.hand_policies import ALLOW, AMOUNT, FORBID, SPAN, request

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.targets.cedar.statements import MAX_SCHEMA, MAX_STATEMENT
from agpc.targets.emission import Emission

from .emitting import NOTE, PARAMETERS, POLICY, emit, engine, policy_of, statements


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
    def sized(fields: int, last: int) -> Emission:
        many = tuple(ir.Field(f"{n:03}" + "x" * 200, ir.STRING) for n in range(fields))
        return emit(replace(policy_of(ALLOW), context=(*many, ir.Field("z" * last, ir.STRING))))

    fields = bisect(range(1_000), 0, key=lambda many: not sized(many, 1).files) - 1
    exact = bisect(range(1_000), 0, key=lambda long: not sized(fields, long).files) - 1
    kept = sized(fields, exact).files["schema.json"]
    assert MAX_SCHEMA - 3 <= len(kept) <= MAX_SCHEMA
    assert "\n" not in kept
    (problem,) = sized(fields, exact + 1).diagnostics
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
