"""Conditions that relate times, ages, windows, numbers and lists, against every one of some calls.

What is said to be possible comes with values, which the interpreter judges. What is said to be
impossible must not happen in any of the calls that are tried. And nothing is left open.
"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.cubes.conditions import Ask, Cubes
from agpc.compiler.analysis.procedure.cubes.cube import key_of
from agpc.compiler.analysis.procedure.solving.solve import Assigned, solve
from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.roots import location
from agpc.compiler.ir.walk import attributes
from agpc.compiler.meaning.conditions import truth
from agpc.compiler.meaning.request import ABSENT, Call
from agpc.compiler.report.source import Source

from ..related_topics import AGED, DOMAINS, TOPICS

VOCABULARY = """package p
agent bot = "spiffe://t.example/bot"
intent i "I"
level grade = low < mid < high
tool t {
    s: time u: time a: int b: int c: int g: grade h: grade n: number m: number d: duration
    who: string one: string p: [string] q: [string] r: [string] k: [int] times: [time]
    action x
}
"""


@st.composite
def conditions(draw: st.DrawFn, topic: str) -> str:
    def literal() -> str:
        leaf = draw(st.sampled_from(TOPICS[topic]))
        return f"not ({leaf})" if draw(st.booleans()) else f"({leaf})"

    parts = [literal() for _ in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        parts.append(f"({literal()} or {literal()})")
    return " and ".join(parts)


def compiled(text: str) -> tuple[ir.Policy, ir.Condition]:
    source = f"{VOCABULARY}grant g {{ to bot for i allow t.x when {text} }}\n"
    compilation = compile_sources([Source("small.agp", source)])
    assert compilation.policy is not None, (text, compilation.diagnostics)
    (allow,) = compilation.policy.allows
    assert allow.condition is not None
    return compilation.policy, with_ages(allow.condition)


def with_ages(condition: ir.Condition) -> ir.Condition:
    """Ask the age of elements where they are compared with `AGED`."""
    match condition:
        case ir.And(parts):
            return ir.And(tuple(map(with_ages, parts)))
        case ir.Or(parts):
            return ir.Or(tuple(map(with_ages, parts)))
        case ir.Not(part):
            return ir.Not(with_ages(part))
        case ir.Quantified(kind, of, ir.Compare(op, ir.Element() as each, ir.Constant(_, value))):
            if value == AGED:
                hour = ir.Constant(ir.DURATION, 3600)
                return ir.Quantified(kind, of, ir.Compare(op, ir.Age(each), hour))
    return condition


def is_as_asked(truth: bool | None, ask: Ask) -> bool:
    wanted = ask.endswith("true")
    return (truth is not wanted) if ask.startswith("not") else (truth is wanted)


def happens(policy: ir.Policy, condition: ir.Condition) -> set[bool | None]:
    """The truths that a condition has in the calls that are tried."""
    read = sorted({location(each)[-1] for each, _ in attributes(condition)})
    found = set()
    for values in product(*(DOMAINS[name] for name in read)):
        given = dict(zip(read, values, strict=True))
        request = {
            "subject": {"type": "agent", "id": "spiffe://t.example/bot"},
            "action": {"name": "x"},
            "resource": {"type": "p.t", "id": "r", "properties": given},
            "context": {"time": given.get("time")},
        }
        found.add(truth(condition, Call(policy, request)))
        if len(found) == 3:
            break
    return found


ASKS: tuple[Ask, ...] = ("true", "false", "not true", "not false")


@pytest.mark.parametrize("topic", TOPICS)
@given(data=st.data())
def test_what_relates_attributes_is_decided_as_the_interpreter_has_it(
    topic: str, data: st.DataObject
) -> None:
    text = data.draw(conditions(topic))
    policy, condition = compiled(text)
    truths = happens(policy, condition)
    for ask in ASKS:
        tried = any(is_as_asked(truth, ask) for truth in truths)
        said = False
        for cube in Cubes(policy).of(condition, ask):
            try:
                model = solve(cube, policy)
            except Undetermined as undetermined:
                raise AssertionError(f"left open: {text}, {ask}") from undetermined
            if model is not None:
                said = True
                for each, _ in attributes(condition):
                    model.setdefault(key_of(each), ABSENT)
                come = truth(condition, Assigned(policy, model))
                assert is_as_asked(come, ask), (text, ask, model)
        assert said or not tried, f"said to be impossible: {text}, {ask}"
