"""Each kind of condition, tried with every value that could tell it from another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from engines.cedar import Engine

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.walk import attributes
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Span
from agpc.targets.cedar import TARGET
from agpc.targets.emission import Options

SPAN = Span("p.agp", 1, 1, 1, 2)
BOT = "spiffe://acme.example/bot"
GRADE = ir.LevelType("p.grade")
RECORD = ir.RecordType((ir.Field("a", ir.INT), ir.Field("b", ir.STRING, True)))
FIELDS: dict[str, ir.Type] = {
    "address": ir.IP,
    "amount": ir.NUMBER,
    "flag": ir.BOOL,
    "grade": GRADE,
    "grades": ir.ListType(GRADE),
    "limit": ir.NUMBER,
    "meta": ir.JSON,
    "names": ir.ListType(ir.STRING),
    "note": ir.STRING,
    "numbers": ir.ListType(ir.NUMBER),
    "odd": ir.ListType(RECORD),
    "rec": RECORD,
    "since": ir.TIME,
    "tags": ir.ListType(ir.STRING),
    "until": ir.TIME,
    "wait": ir.DURATION,
    "waits": ir.ListType(ir.DURATION),
    "whole": ir.INT,
}
NOW = "2026-11-24T10:00:00Z"
VALUES: dict[str, list[Any]] = {
    "address": ["10.0.0.1", "::ffff:10.0.0.1", "11.0.0.1", "::1", "fe80::1%eth0"],
    "amount": [-0.5, 0.0, -0.0, 5e-324, 0.8, 0.8000000000000002, 1, 1e300, 2**53 + 1],
    "flag": [True, False, 1],
    "grade": ["low", "mid", "high", "none"],
    "grades": [[], ["low"], ["mid", "high"], ["low", "high"], ["none"], "low"],
    "limit": [0.8, 1, "1"],
    "meta": [0, False, {"a": 1}],
    "names": [[], ["a"], ["a", "b"], ["c", "c"], [None], ["\ufffd"], "a"],
    "note": ["a", "", "b", "a*", "aXb", "/p", "/p/", "/p/q", "/pq", "/p/../q", "/q/.", "p", 1,
             "/p//q", "/p/q/..", "/p/./q", "/", "/..", "/x", "\ufffd",
             "p/q", "pq", "p/", "./p", "../p", ".", "..", "..p", "p/../q", "p//q", "p/.", "p/..", ".p/q", "p\\q"],
    "numbers": [[], [0], [-0.0, 0.8], [0.8000000000000002], ["1"]],
    "odd": [[], [{"a": 1}], [{"b": ""}], [1]],
    "rec": [{}, {"a": 1}, {"a": 1.5}, {"a": 1, "b": "x"}, {"b": "x"}, {"a": 1, "b": 1}, 1],
    "since": [NOW, "2026-11-24T09:59:59.999999999Z", "2026-11-24T09:00:00Z", "1678-01-01T00:00:00Z",
              "2026-11-24T10:00:00.000000001Z", "2026-11-24"],
    "tags": [[], ["a"], ["a", "b", "c"], [1]],
    "until": [NOW, "2026-11-24T09:00:00Z", 0],
    "wait": ["1h", "59m59s", "60m", "2d", "1.5h"],
    "waits": [[], ["1h"], ["0s", "3600s"], [3600]],
    "whole": [-1, 0, 1, 2, 2.0, 2.5, True],
}  # fmt: skip


def arg(name: str) -> ir.Attribute:
    return ir.Attribute("args", (name,), FIELDS[name])


def const(type_: ir.Type, value: ir.Value) -> ir.Constant:
    return ir.Constant(type_, value)


def strings(*values: str) -> ir.Constants:
    return ir.Constants(ir.STRING, values)


def each(name: str) -> ir.Element:
    type_ = FIELDS[name]
    assert isinstance(type_, ir.ListType)
    return ir.Element(type_.of)


def comparisons() -> Iterator[ir.Condition]:
    ordered: list[tuple[ir.Term, ir.Term]] = [
        (arg("amount"), const(ir.NUMBER, 0.8)),
        (arg("amount"), const(ir.NUMBER, 0)),
        (const(ir.NUMBER, 0), arg("amount")),
        (const(ir.TIME, NOW), arg("since")),
        (arg("wait"), ir.Age(arg("since"))),
        (arg("since"), const(ir.TIME, "2026-11-24T09:59:59.999999999Z")),
        (const(ir.NUMBER, -0.5), arg("amount")),
        (arg("amount"), arg("limit")),
        (arg("whole"), const(ir.INT, 1)),
        (arg("grade"), const(GRADE, "mid")),
        (arg("since"), const(ir.TIME, NOW)),
        (arg("since"), arg("until")),
        (arg("wait"), const(ir.DURATION, 3600)),
        (ir.Age(arg("since")), const(ir.DURATION, 3600)),
        (ir.Age(arg("since")), arg("wait")),
        (ir.Age(arg("since")), ir.Age(arg("until"))),
        (ir.Attribute("now", (), ir.TIME), arg("since")),
    ]
    for left, right in ordered:
        for op in ("==", "<", "<=", ">", ">="):
            yield ir.Compare(op, left, right)  # type: ignore[arg-type]
    yield ir.Compare("==", arg("note"), const(ir.STRING, "a*"))
    yield ir.Compare("==", arg("flag"), const(ir.BOOL, False))
    yield ir.Compare("==", arg("address"), const(ir.IP, "10.0.0.1"))
    yield ir.Compare("==", ir.Attribute("args", ("rec", "a"), ir.INT), const(ir.INT, 1))
    yield ir.Compare("==", ir.Attribute("args", ("rec", "b"), ir.STRING), const(ir.STRING, "x"))


def memberships() -> Iterator[ir.Condition]:
    for of in (strings("a", "b"), strings(), strings("a"), arg("tags")):
        yield ir.In(arg("note"), of)
        for name in ("names", "tags"):
            for op in ("subset of", "contains all", "contains any"):
                yield ir.ListTest(op, arg(name), of)  # type: ignore[arg-type]
            for kind in ("every", "some"):
                for test in (ir.In(each(name), of), ir.Not(ir.In(each(name), of))):
                    yield ir.Quantified(kind, arg(name), test)  # type: ignore[arg-type]
    yield ir.In(const(ir.STRING, "a"), arg("names"))
    yield ir.In(ir.Age(arg("since")), ir.Constants(ir.DURATION, (0, 3600)))
    yield ir.In(ir.Age(arg("since")), ir.Constants(ir.DURATION, ()))
    yield ir.In(ir.Age(arg("since")), arg("waits"))
    yield ir.In(arg("amount"), ir.Constants(ir.NUMBER, (0, 0.8)))
    yield ir.In(arg("amount"), arg("numbers"))
    yield ir.In(arg("since"), ir.Constants(ir.TIME, (NOW,)))
    yield ir.In(arg("wait"), ir.Constants(ir.DURATION, (3600,)))
    some = ir.In(each("numbers"), ir.Constants(ir.NUMBER, (0, 0.8)))
    yield ir.Quantified("every", arg("numbers"), some)
    yield ir.Quantified("some", arg("numbers"), ir.Compare("==", each("numbers"), arg("amount")))
    yield ir.Quantified("some", arg("waits"), ir.Compare("==", each("waits"), ir.Age(arg("since"))))
    for kind in ("every", "some"):
        same = ir.Compare("==", each("names"), arg("note"))
        tests: list[tuple[str, ir.Condition]] = [
            ("names", same),
            ("names", ir.Not(same)),
            ("names", ir.Compare("==", const(ir.STRING, "a"), each("names"))),
            ("names", ir.Like(each("names"), "a")),
            ("names", ir.Like(each("names"), "a*")),
            ("names", ir.Under(each("names"), "/p")),
        ]
        for op in ("==", "<", "<=", ">", ">="):
            tests.append(("grades", ir.Compare(op, each("grades"), const(GRADE, "mid"))))  # type: ignore[arg-type]
            tests.append(("grades", ir.Compare(op, const(GRADE, "low"), each("grades"))))  # type: ignore[arg-type]
        for name, test in tests:
            yield ir.Quantified(kind, arg(name), test)  # type: ignore[arg-type]


def texts() -> Iterator[ir.Condition]:
    for glob in ("a", "a*", "*", "a\\*", "a?b", "?", "", "*a*"):
        yield ir.Like(arg("note"), glob)
    for path in ("/", "/p", "/p/q", "p", "p/q"):
        yield ir.Under(arg("note"), path)
    for ranges in (("10.0.0.0/8",), ("::/0",), ("::1", "11.0.0.1"), ()):
        yield ir.Within(arg("address"), ir.Constants(ir.IP, ranges))


def presences() -> Iterator[ir.Condition]:
    for name in FIELDS:
        yield ir.Has(arg(name))
    yield ir.Has(ir.Attribute("args", ("rec", "a"), ir.INT))
    yield ir.Has(ir.Attribute("args", ("rec", "b"), ir.STRING))
    for root in ("agent", "resource"):
        yield ir.Has(ir.Attribute(root, ("id",), ir.STRING))  # type: ignore[arg-type]


def joined() -> Iterator[ir.Condition]:
    one, other = ir.Has(arg("note")), ir.Compare("==", arg("flag"), const(ir.BOOL, True))
    for kind in (ir.And, ir.Or):
        yield kind((one, other))
        yield ir.Not(kind((one, ir.Not(other))))
        yield kind((other, ir.Quantified("some", arg("names"), ir.Like(each("names"), "a*"))))


CONDITIONS = [*comparisons(), *memberships(), *texts(), *presences(), *joined()]


def rules(condition: ir.Condition) -> dict[str, tuple[ir.Rule, ...]]:
    """The places where a condition can stand."""
    allow = ir.Allow(
        "p.g.a",
        ir.DECLARED,
        ir.DECLARED,
        ("any",),
        None,
        (),
        (),
        None,
        None,
        None,
        (),
        None,
        (),
        SPAN,
    )
    forbid = ir.Forbid("p.f", ir.ANYONE, ir.ANYONE, ("any",), None, None, (), None, None, (), SPAN)
    return {
        "when": (replace(allow, condition=condition),),
        "revoke when": (replace(allow, revoke=(condition,)),),
        "forbid when": (allow, replace(forbid, condition=condition)),
        "forbid unless": (allow, replace(forbid, unless=condition)),
    }


def policy_of(found: tuple[ir.Rule, ...]) -> ir.Policy:
    parameters = tuple(ir.Field(name, type_) for name, type_ in FIELDS.items())
    return ir.Policy(
        packages=(ir.Package("p", None, ()),),
        agents=(ir.Agent("p.bot", BOT, (), SPAN),),
        intents=(ir.Intent("p.pay", "", (), SPAN),),
        resources=(
            ir.Resource("p.ledger", "tool", (), (ir.Action("post", parameters, SPAN),), SPAN),
        ),
        levels=(ir.Enumeration("p.grade", ("low", "mid", "high")),),
        allows=tuple(rule for rule in found if isinstance(rule, ir.Allow)),
        forbids=tuple(rule for rule in found if isinstance(rule, ir.Forbid)),
    )


def requests(condition: ir.Condition) -> Iterator[dict[str, Any]]:
    """Requests with every value, none and null for each attribute that the condition reads."""
    names = sorted({read.path[0] for read, _ in attributes(condition) if read.root == "args"})
    for values in product(*([..., None, *VALUES[name]] for name in names)):
        args = {name: value for name, value in zip(names, values, strict=True) if value is not ...}
        for time in (NOW, None) if "since" in names else (NOW,):
            yield {
                "subject": {"type": "agent", "id": BOT},
                "action": {"name": "post", "properties": args},
                "resource": {"type": "p.ledger", "id": "main"},
                "context": {"time": time, "task": {"intent": "p.pay", "state": "active"}},
            }


@pytest.mark.parametrize("place", list(rules(CONDITIONS[0])))
def test_every_condition_decides_as_the_policy_does_where_it_says_so(place: str) -> None:
    for condition in CONDITIONS:
        policy = policy_of(rules(condition)[place])
        emission = TARGET.emit(policy, Options())
        is_exact = all(entry.enforcement == "exact" for entry in emission.ledger)
        engine = Engine(emission.files)
        assert engine.validation.validation_passed, (condition, engine.validation.errors)
        for request in requests(condition):
            permits, policy_permits = (
                engine.decide(request),
                decide(policy, request).effect == "permit",
            )
            assert policy_permits or not permits, (condition, request)
            assert permits or not policy_permits or not is_exact, (condition, request)


def test_most_conditions_are_said_exactly() -> None:
    lost = [
        condition
        for condition in CONDITIONS
        if any(
            entry.enforcement != "exact"
            for entry in TARGET.emit(policy_of(rules(condition)["when"]), Options()).ledger
        )
    ]
    unsayable = ("Like", "Under", "Quantified", "And", "Or", "Not")
    assert {type(condition).__name__ for condition in lost} <= set(unsayable)
    assert len(lost) <= 12


@pytest.mark.parametrize("name", ["time", "context", "task", "user"])
@pytest.mark.parametrize("value", [..., None, 1, [], {}, "x"])
def test_a_request_that_is_broken_higher_up_is_read_alike(name: str, value: Any) -> None:
    reads = [
        ir.Attribute("now", (), ir.TIME),
        ir.Attribute("context", ("region",), ir.STRING),
        ir.Attribute("task", ("id",), ir.STRING),
        ir.Attribute("task", ("state",), ir.EnumType(ir.TASK_STATE)),
        ir.Attribute("user", ("id",), ir.STRING),
    ]
    for read in reads:
        for place in ("forbid when", "forbid unless", "revoke when"):
            for condition in (ir.Has(read), ir.Not(ir.Has(read))):
                policy = replace(
                    policy_of(rules(condition)[place]), context=(ir.Field("region", ir.STRING),)
                )
                engine = Engine(TARGET.emit(policy, Options()).files)
                (request,) = requests(ir.Has(read))
                holder = request if name == "context" else request["context"]
                holder[name] = value
                if value is ...:
                    del holder[name]
                assert engine.decide(request) is (decide(policy, request).effect == "permit")
