"""A second opinion: whether two conditions can hold together, asked of z3, which we did not write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.cubes.conditions import Ask, Cubes
from agpc.compiler.analysis.procedure.cubes.cube import conjunction
from agpc.compiler.analysis.procedure.solving.solve import solve
from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.ir import nodes as ir

z3 = pytest.importorskip("z3", reason="z3-solver is not installed (test dependency group)")

LEVEL, ENUM = ir.LevelType("p.grade"), ir.EnumType("p.currency")
POLICY = ir.Policy(
    levels=(ir.Enumeration("p.grade", ("low", "mid", "high")),),
    enums=(ir.Enumeration("p.currency", ("EUR", "USD")),),
)
ATTRIBUTES = tuple(
    ir.Attribute("resource", (name,), type_)
    for name, type_ in (
        ("i", ir.INT), ("j", ir.INT), ("k", ir.INT), ("x", ir.NUMBER), ("flag", ir.BOOL),
        ("currency", ENUM), ("grade", LEVEL), ("rank", LEVEL), ("name", ir.STRING),
        ("owner", ir.STRING),
    )
)  # fmt: skip
CONSTANTS: dict[ir.Type, tuple[Any, ...]] = {
    ir.INT: (0, 1, 2, 5),
    ir.NUMBER: (0, 0.5, 1, 2),
    ir.BOOL: (True, False),
    ENUM: ("EUR", "USD"),
    LEVEL: ("low", "mid", "high"),
    ir.STRING: ("", "a", "ab"),
}
ORDERED = (ir.INT, ir.NUMBER, LEVEL)


@st.composite
def leaves(draw: st.DrawFn) -> ir.Condition:
    left = draw(st.sampled_from(ATTRIBUTES))
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return ir.Has(left)
    constants = st.sampled_from(CONSTANTS[left.type])
    if kind == 1:
        return ir.In(left, ir.Constants(left.type, tuple(draw(st.lists(constants, max_size=3)))))
    if kind == 2 and left.type == ir.STRING:
        return ir.Like(left, draw(st.sampled_from(("a*", "*b", "*a*", "ab", "*"))))
    op = draw(st.sampled_from(("==", "<", "<=", ">", ">=") if left.type in ORDERED else ("==",)))
    others = [each for each in ATTRIBUTES if each.type == left.type and each != left]
    if others and draw(st.integers(0, 2)) == 0:
        return ir.Compare(op, left, draw(st.sampled_from(others)))
    return ir.Compare(op, left, ir.Constant(left.type, draw(constants)))


conditions = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        inner.map(ir.Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: ir.And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: ir.Or(tuple(parts))),
    ),
    max_leaves=5,
)


def variable(attribute: ir.Attribute) -> Any:
    name = attribute.path[0]
    match attribute.type:
        case ir.Scalar("number"):
            return z3.Real(name)
        case ir.Scalar("bool"):
            return z3.Bool(name)
        case ir.Scalar("string"):
            return z3.String(name)
    return z3.Int(name)


def value(type_: ir.Type, constant: Any) -> Any:
    if isinstance(type_, ir.LevelType | ir.EnumType):
        return POLICY.members_of[type_.name].index(constant)
    return z3.StringVal(constant) if type_ == ir.STRING else constant


def term(of: ir.Term) -> Any:
    if isinstance(of, ir.Constant):
        return value(of.type, of.value)
    assert isinstance(of, ir.Attribute)
    return variable(of)


def present(*terms: ir.Term) -> Any:
    return z3.And(*(z3.Bool(f"{e.path[0]} present") for e in terms if isinstance(e, ir.Attribute)))


def compared(op: str, left: Any, right: Any) -> Any:
    return {
        "==": lambda: left == right,
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
    }[op]()


def encoded(condition: ir.Condition) -> tuple[Any, Any]:
    """When a condition is true, and when it is false."""
    match condition:
        case ir.Not(part):
            true, false = encoded(part)
            return false, true
        case ir.And(parts):
            both = [encoded(each) for each in parts]
            return z3.And(*(t for t, _ in both)), z3.Or(*(f for _, f in both))
        case ir.Or(parts):
            both = [encoded(each) for each in parts]
            return z3.Or(*(t for t, _ in both)), z3.And(*(f for _, f in both))
        case ir.Has(attribute):
            here = present(attribute)
            return here, z3.And(z3.Not(here), z3.Not(z3.Bool(f"{attribute.path[0]} malformed")))
        case ir.In(item, ir.Constants(type_, values)):
            test = z3.Or(*(term(item) == value(type_, each) for each in values))
            return z3.And(present(item), test), z3.And(present(item), z3.Not(test))
        case ir.Like(item, pattern):
            text = pattern.strip("*")
            if pattern.startswith("*") and pattern.endswith("*"):
                test = z3.Contains(term(item), text)
            elif pattern.startswith("*"):
                test = z3.SuffixOf(text, term(item))
            elif pattern.endswith("*"):
                test = z3.PrefixOf(text, term(item))
            else:
                test = term(item) == text
            return z3.And(present(item), test), z3.And(present(item), z3.Not(test))
        case ir.Compare(op, left, right):
            test = compared(op, term(left), term(right))
            return (
                z3.And(present(left, right), test),
                z3.And(present(left, right), z3.Not(test)),
            )
    raise AssertionError(condition)


def of_their_types() -> list[Any]:
    """What the types say of the variables that stand for members."""
    return [
        z3.And(variable(each) >= 0, variable(each) < len(CONSTANTS[each.type]))
        for each in ATTRIBUTES
        if isinstance(each.type, ir.LevelType | ir.EnumType)
    ]


def z3_says(condition: ir.Condition, other: ir.Condition, ask: Ask) -> bool | None:
    true, false = encoded(other)
    asked = {"true": true, "false": false, "not true": z3.Not(true), "not false": z3.Not(false)}
    solver = z3.Solver()
    solver.set("timeout", 2000)
    solver.add(*of_their_types(), encoded(condition)[0], asked[ask])
    answer = solver.check()
    return None if answer == z3.unknown else bool(answer == z3.sat)


def we_say(condition: ir.Condition, other: ir.Condition, ask: Ask) -> bool | None:
    cubes = Cubes(POLICY)
    doubt = False
    for cube in conjunction([cubes.of(condition, "true"), cubes.of(other, ask)]):
        try:
            if solve(cube, POLICY) is not None:
                return True
        except Undetermined:
            doubt = True
    return None if doubt else False


@given(conditions, conditions)
def test_two_conditions_hold_together_exactly_where_z3_says_so(
    one: ir.Condition, other: ir.Condition
) -> None:
    asks: tuple[Ask, ...] = ("true", "false", "not true", "not false")
    for ask in asks:
        mine, theirs = we_say(one, other, ask), z3_says(one, other, ask)
        assert mine is not None, "conditions of these leaves are always decided"
        assert theirs is None or mine == theirs, (one, other, ask)


def test_z3_does_not_answer_unknown_here() -> None:
    name, owner = ATTRIBUTES[-2:]
    like = ir.And((ir.Like(name, "a*"), ir.Not(ir.Like(name, "*b"))))
    assert z3_says(like, ir.Compare("==", name, owner), "true") is True
    assert z3_says(like, ir.Compare("==", name, ir.Constant(ir.STRING, "ab")), "true") is False
