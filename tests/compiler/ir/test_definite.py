"""What is asked of leaves comes to what the interpreter says of the whole condition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from generators import cases
from hypothesis import given

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir import walk
from agpc.compiler.ir.definite import (
    HOLDS,
    MIRRORED,
    OPPOSITE,
    All,
    Asked,
    Question,
    Sign,
    Some,
    answer,
    comparison,
    definitely,
    elements,
    fitting,
)
from agpc.compiler.meaning.conditions import truth
from agpc.compiler.meaning.request import ABSENT, Call

SIGNS: tuple[Sign, ...] = get_args(Sign)
A, B = (ir.Has(ir.Attribute("context", (name,), ir.BOOL)) for name in "ab")


def conditions(policy: ir.Policy) -> Iterator[ir.Condition]:
    for allow in policy.allows:
        yield from (each for each in (allow.condition, *allow.revoke) if each is not None)
    for forbid in policy.forbids:
        yield from (each for each in (forbid.condition, forbid.unless) if each is not None)


def read(case: tuple[ir.Policy, Any]) -> Iterator[tuple[ir.Condition, Call]]:
    policy, request = case
    call = Call.read(policy, request)
    if call is not None:
        yield from ((condition, call) for condition in conditions(policy))


def is_so(question: Question, call: Call, element: object = ABSENT) -> bool:
    return answer(question, lambda leaf, wanted: truth(leaf, call, element) is wanted, all, any)


def may_be_so(question: Question, call: Call) -> bool:
    return answer(question, lambda leaf, wanted: truth(leaf, call) is not (not wanted), all, any)


@given(cases())
def test_a_condition_is_definitely_so_exactly_where_its_leaves_are(
    case: tuple[ir.Policy, Any],
) -> None:
    for condition, call in read(case):
        for wanted in (True, False):
            found = truth(condition, call)
            assert is_so(definitely(condition, wanted), call) == (found is wanted)
            assert may_be_so(definitely(condition, wanted), call) == (found is not (not wanted))


@given(cases())
def test_a_quantifier_is_definitely_so_exactly_where_its_elements_are(
    case: tuple[ir.Policy, Any],
) -> None:
    for condition, call in read(case):
        for leaf in walk.leaves(condition):
            if isinstance(leaf, ir.Quantified):
                for wanted in (True, False):
                    asked = elements(leaf, wanted)
                    values = call.read_attribute(asked.list)
                    found = isinstance(values, list) and (all if asked.every else any)(
                        is_so(asked.asked, call, each) for each in values
                    )
                    assert found == (truth(leaf, call) is wanted)


@given(cases())
def test_a_comparison_is_definitely_so_exactly_where_it_is_written_so(
    case: tuple[ir.Policy, Any],
) -> None:
    for condition, call in read(case):
        for leaf in walk.leaves(condition):
            if isinstance(leaf, ir.Compare):
                for wanted in (True, False):
                    left, sign, right = comparison(leaf, wanted)
                    assert not isinstance(left, ir.Constant)
                    values = [call.term(each, ABSENT) for each in (left, right)]
                    known = truth(leaf, call) is not None
                    found = known and HOLDS[sign](*values)
                    assert found == (truth(leaf, call) is wanted)


def test_negations_end_in_what_is_wanted_of_the_leaves() -> None:
    condition = ir.Not(ir.And((A, ir.Or((ir.Not(B), A)))))
    assert definitely(condition, True) == Some(
        (Asked(A, False), All((Asked(B, True), Asked(A, False))))
    )
    assert definitely(condition, False) == All(
        (Asked(A, True), Some((Asked(B, False), Asked(A, True))))
    )


@pytest.mark.parametrize("sign", SIGNS)
def test_the_table_of_signs_says_what_comparing_does(sign: Sign) -> None:
    for left in range(3):
        for right in range(3):
            assert HOLDS[OPPOSITE[sign]](left, right) != HOLDS[sign](left, right)
            assert HOLDS[MIRRORED[sign]](right, left) == HOLDS[sign](left, right)


def test_members_that_compare_so_keep_their_order() -> None:
    members = ("low", "middle", "high")
    assert {sign: fitting(members, sign, "middle") for sign in SIGNS} == {
        "==": ("middle",),
        "!=": ("low", "high"),
        "<": ("low",),
        "<=": ("low", "middle"),
        ">": ("high",),
        ">=": ("middle", "high"),
    }
