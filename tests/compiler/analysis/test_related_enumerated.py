"""Conditions that relate times, ages, windows, numbers and lists, against every one of some calls.

What is said to be possible comes with values, which the interpreter judges. What is said to be
impossible must not happen in any of the calls that are tried. And nothing is left open.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.cubes.conditions import Ask, Cubes, key_of
from agpc.compiler.analysis.procedure.solving.solve import Assigned, solve
from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.check.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.walk import attributes
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.request import ABSENT, Call, location
from agpc.compiler.report.source import Source

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
MOMENTS = (
    "2026-12-01T11:00:00Z",
    "2026-12-01T11:30:00.000000001Z",
    "2026-12-01T12:00:00Z",
    "2026-12-01T12:59:59.999999999Z",
    "2026-12-01T13:00:00Z",
    "2026-12-01T14:30:00Z",
)
LISTS = tuple(
    [e for e, there in zip("abc", bits, strict=True) if there] for bits in product((0, 1), repeat=3)
)
BAD = (None, {})
DOMAINS: dict[str, tuple[Any, ...]] = {
    "time": (*BAD, *MOMENTS),
    **dict.fromkeys(("s", "u"), (*BAD, *MOMENTS)),
    **dict.fromkeys("abc", (*BAD, 0, 1, 2, 3)),
    **dict.fromkeys("gh", (*BAD, "low", "mid", "high")),
    **dict.fromkeys("nm", (*BAD, 0, 0.5, 1, -1)),
    "d": (*BAD, "0s", "1h", "2h"),
    **dict.fromkeys(("who", "one"), (*BAD, "a", "b", "c", "d")),
    **dict.fromkeys("pqr", (None, 1, *LISTS)),
    "k": (None, 1, [], [0], [1], [0, 2], [1, 3]),
    "times": (None, 1, [], *([each] for each in MOMENTS), [MOMENTS[0], MOMENTS[5]]),
}
AGED = "2020-01-01T00:00:00Z"  # stands for the age of an hour, which only the IR asks of elements
TOPICS = {
    "clock": (
        "age(resource.s) < 1h", "age(resource.s) >= 1h", "age(resource.u) > 30m", "age(resource.u) == 2h",
        "age(resource.s) in [1h, 2h]", "resource.s > now", "resource.s <= now", "now == resource.u",
        "resource.s < resource.u", "resource.s == resource.u", "age(resource.s) < age(resource.u)",
        "age(resource.s) == age(resource.u)", "now < 2026-12-01T12:00:00Z", "now >= 2026-12-01T13:00:00Z",
        "resource.s >= 2026-12-01T12:00:00Z", "resource.u < 2026-12-01T13:00:00Z", "age(now) > 1h",
        "age(now) == 0s", "resource.u == 2026-12-01T12:00:00Z", "now > 2026-12-01T12:00:00Z",
    ),
    "element": (
        f"every resource.times < {AGED}", f"some resource.times > {AGED}", f"some resource.times == {AGED}",
        "every resource.times < now", "some resource.times > now", "resource.s in resource.times",
        "age(resource.s) >= 1h", "now < 2026-12-01T12:00:00Z", "some resource.times <= resource.s",
        f"every resource.times >= {AGED}", "resource.s <= now",
    ),
    "order": (
        "resource.a < resource.b", "resource.b < resource.c", "resource.c <= resource.a", "resource.a >= 2",
        "resource.c <= 3", "resource.a == resource.c", "resource.b == 1", "resource.a in [0, 3]",
        "resource.b != resource.c",
    ),
    "rank": (
        "resource.g < resource.h", "resource.h <= resource.g", "resource.g == resource.h",
        "resource.g >= mid", "resource.h < high", "resource.n < resource.m", "resource.n >= 0.5",
        "resource.m <= 0.5", "resource.m == resource.n", "resource.n > 0",
    ),
    "lists": (
        "every resource.p in resource.q", "some resource.p not in resource.q", "resource.p subset of resource.q",
        "resource.q subset of resource.r", "resource.q contains all resource.r",
        "resource.p contains any resource.r", 'resource.q subset of ["a", "b"]', 'resource.p contains "c"',
        'every resource.r == "a"', 'resource.p subset of ["a", "b"]', 'resource.r contains any ["a"]',
    ),
    "members": (
        "resource.who in resource.p", "resource.one in resource.p", "resource.who == resource.one",
        "some resource.p == resource.who", "every resource.p == resource.who", "some resource.p != resource.who",
        "every resource.p == resource.one", 'resource.who == "a"', 'resource.one in ["a", "b"]',
        'resource.p subset of ["a", "b"]', "every resource.p in resource.q", "resource.one in resource.q",
        'resource.q contains "b"',
    ),
    "numbers": (
        "every resource.k < resource.a", "some resource.k >= resource.b", "resource.a in resource.k",
        "resource.b in resource.k", "resource.a < resource.b", "every resource.k == resource.a",
        "resource.k contains 1", "every resource.k >= 1", "resource.a <= 2",
    ),
}  # fmt: skip


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
        found.add(interpreter.truth(condition, Call(policy, request)))
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
                truth = interpreter.truth(condition, Assigned(policy, model))
                assert is_as_asked(truth, ask), (text, ask, model)
        assert said or not tried, f"said to be impossible: {text}, {ask}"
