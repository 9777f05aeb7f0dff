"""What holds of every target that writes a program: it decides as the policy does, however large that is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from engines.evaluators import EVALUATORS, JAVASCRIPT, PYTHON, Evaluator
from engines.hand_policies import ALLOW, AMOUNT, FORBID, POLICY, TENANT, policy_with, request
from generators import policies
from hypothesis import given, settings

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.source import Span
from agpc.targets.code.package import RULES_IN_A_FILE
from agpc.targets.emission import Options, Target

TARGETS = [PYTHON, JAVASCRIPT]
PROGRAMS = [each for each in EVALUATORS if each.target in TARGETS]
HOSTILE_NAMES = [
    *("\x00", "\n", "\ud800", "\u2028", "\u202e", "\\"),
    *('"""', "# -*- coding: x -*-", "*/", "</script>", "<!--", "`${x}`"),
]
written_by_each = pytest.mark.parametrize("target", TARGETS, ids=lambda each: each.name)


@pytest.fixture(params=PROGRAMS, ids=lambda each: each.name)
def program(request: pytest.FixtureRequest) -> Iterator[Evaluator]:
    if request.param.missing:
        pytest.skip(request.param.missing)
    return request.param


def answers(program: Evaluator, policy: ir.Policy, *asked: Any) -> list[bool]:
    """Whether a program permits each, which it answers as the interpreter does to the last reason."""
    emission = program.emit(policy)
    assert [each.enforcement for each in emission.ledger] == ["exact"] * len(list(policy.rules))
    with program.open(policy, emission) as decide:
        found = decide(asked)
    for each, answer in zip(asked, found, strict=True):
        assert program.agrees(answer, interpreter.decide(policy, each))
    return [program.permits(each) for each in found]


# --- What is written ------------------------------------------------------------------------------


@written_by_each
@settings(max_examples=20)
@given(policies())
def test_the_same_is_written_each_time(target: Target, policy: ir.Policy) -> None:
    assert target.emit(policy, Options()) == target.emit(policy, Options())


@written_by_each
def test_rules_carry_their_source_line(target: Target) -> None:
    rule = replace(ALLOW, span=Span("dir/pay.agp", 41, 5, 41, 9))
    files = target.emit(replace(POLICY, allows=(rule,)), Options()).files
    [text] = [text for path, text in files.items() if "rules/part_1." in path]
    assert re.search(r"(#|//) p\.g\.post \(dir/pay\.agp:41:5\)\n", text)


def test_many_rules_are_split_over_files(program: Evaluator) -> None:
    rules = tuple(replace(ALLOW, id=f"p.g.r{n:05}") for n in range(RULES_IN_A_FILE * 2 + 1))
    policy = replace(POLICY, allows=rules)
    parts = [
        re.sub(r".*/part_|\.\w+$", "", path)
        for path in program.emit(policy).files
        if "/part_" in path
    ]
    assert parts == ["1", "2", "3"]
    assert answers(program, policy, request()) == [True]


@pytest.mark.parametrize("text", HOSTILE_NAMES)
def test_a_rule_may_be_called_anything(program: Evaluator, text: str) -> None:
    condition = ir.Compare("==", TENANT, ir.Constant(ir.STRING, "t1"))
    rule = replace(ALLOW, id=f"p.g.{text}", condition=condition, span=Span(text, 1, 1, 1, 1))
    assert answers(program, replace(POLICY, allows=(rule,)), request()) == [True]


# --- Size -----------------------------------------------------------------------------------------


def equals(number: int) -> ir.Condition:
    return ir.Compare("==", AMOUNT, ir.Constant(ir.NUMBER, number))


@pytest.mark.parametrize("kind", [ir.And, ir.Or])
def test_ten_thousand_terms(program: Evaluator, kind: type[ir.And | ir.Or]) -> None:
    terms = tuple(equals(number) for number in range(10_000))
    wanted = terms if kind is ir.Or else tuple(ir.Not(term) for term in terms)
    asked = [request(amount=amount) for amount in (9_999, 10_000, "9999")]
    found = answers(program, policy_with(kind(wanted)), *asked)
    assert found == [kind is ir.Or, kind is ir.And, False]


def nested(levels: int) -> ir.Condition:
    condition: ir.Condition = equals(levels)
    for level in range(levels):
        kinds = (ir.And, ir.Or)
        condition = kinds[level % 2]((ir.Not(condition), equals(level), ir.Not(equals(-1))))
    return condition


def test_a_hundred_levels_of_nesting(program: Evaluator) -> None:
    policy = policy_with(nested(100))
    for path, text in program.emit(policy).files.items():
        assert "/part_" not in path or max(map(len, text.splitlines())) < 150
    answers(program, policy, *(request(amount=n) for n in (0, 50, 99, 100, 101, None, "x")))


def test_a_hundred_quantified_levels_in_a_forbid(program: Evaluator) -> None:
    condition: ir.Condition = ir.Quantified(
        "every",
        ir.Attribute("args", ("to",), ir.ListType(ir.STRING)),
        ir.Like(ir.Element(ir.STRING), "a*"),
    )
    for _ in range(100):
        condition = ir.Not(ir.Or((condition, equals(1))))
    policy = replace(POLICY, forbids=(replace(FORBID, condition=condition, unless=condition),))
    answers(program, policy, *(request(to=to) for to in ([], ["a"], ["b"], ["a", 1], None)))


def of_tenant(tenant: str) -> dict[str, Any]:
    asked = request()
    asked["subject"]["properties"]["tenant"] = tenant
    return asked


def test_a_megabyte_literal(program: Evaluator) -> None:
    text = "x\n'\"\\" * 200_000 + "é"
    policy = policy_with(ir.Compare("==", TENANT, ir.Constant(ir.STRING, text)))
    assert answers(program, policy, request(), of_tenant(text)) == [False, True]


def test_a_set_of_ten_thousand(program: Evaluator) -> None:
    values = tuple(f"v{n}" for n in range(10_000))
    policy = policy_with(ir.In(TENANT, ir.Constants(ir.STRING, values, "p.many")))
    assert answers(program, policy, request(), of_tenant("v9999")) == [False, True]
