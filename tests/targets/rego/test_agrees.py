"""The Rego target decides as the reference interpreter does, down to the last reason."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from engines.hand_policies import AGENT, FORBID
from engines.rego import BATCH, SHORT_LIVED, Opa, RegoCpp, carried
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.runtime.values import read_number
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

from .opa import OPA, needs_opa
from .policies import ALLOW, POLICY, X, request


def decisions(policy: ir.Policy, asked: Sequence[Any]) -> list[Any]:
    return [interpreter.decide(policy, each).to_authzen() for each in asked]


def by_opa(policy: ir.Policy, asked: Sequence[Any]) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        return Opa(OPA, TARGET.emit(policy, Options()).files, Path(folder)).decide(asked)


def by_rego_cpp(policy: ir.Policy, asked: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Answers, and the requests that they are to: those that the engine can run."""
    engine = RegoCpp(policy, TARGET.emit(policy, Options()).files)
    able = [each for each in asked if engine.cannot(each) is None]
    return [engine.decide(each) for each in able], able


# --- Values at the edges of each type -------------------------------------------------------------

NUMBERS = [0, -0.0, 1, 1.0, True, "1", None, [], 400.5, 2**53, 2**53 + 1, 2**60, 2**60 + 1, 1e16]
NUMBERS += [0.1, 0.30000000000000004, 1e300, 10**400, float("inf"), 5e-324, 9007199254740993.0]
TIMES = ["1970-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "1500-01-01T00:00:00Z", 5, None, "", "x"]
TIMES += ["2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+23:59", "2026-01-01t00:00:00z"]
TIMES += ["2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775808Z"]
TIMES += ["1677-09-21T00:12:43.145224192Z", "2026-01-01T00:00:60Z", "2026-11-24T10:00:00Z\n"]
TIMES += ["2026-11-24T10:00:00.123456789Z", "2026-11-24T09:00:00-01:00", "2024-02-29T00:00:00Z"]
DURATIONS = ["1h30m", "90m", "0s", "08m", "36500d", "36500d1s", "999999999d", "", "1.5h", 5, None]
ADDRESSES = ["10.1.2.3", "10.1.2.03", "::ffff:10.1.2.3", "::ffff:a01:203", "::1", "::", "1::"]
ADDRESSES += ["fe80::1%eth0", "1:2:3:4:5:6:7:8", "1::2:3:4:5:6:7:8", ":::", "256.1.1.1", 5, None]
TEXTS = ["", "a", "a\ufffd", "\ud800", "é", "\u202e", "a\0b", "\U0001f600", "A", 5, None, {"a": 1}]
PATHS = ["/", "/a", "/a/", "/a/b", "/ab", "/a/../b", "/a/./b", "//a", "a", "", "/a/...", "/a/..b"]
RECORDS: list[Any] = [{"n": 1}, {"n": 1.5}, {"n": None}, {"n": 1, "s": 2}, {"n": 1, "s": None}]
RECORDS += [{"s": "a"}, [], 5, [{"n": 1}], [{"n": 1}, None], [{}], False, {}]
LISTS = [[], ["a"], ["a", "b"], ["a", "a"], ["a", None], ["a", 1], "a", {"0": "a"}, None, [["a"]]]


def attribute(type_: ir.Type) -> ir.Attribute:
    return ir.Attribute("args", (X,), type_, optional=True)


def compared(type_: ir.Type, *values: ir.Value) -> list[ir.Condition]:
    here = attribute(type_)
    constants = [ir.Constant(type_, value) for value in values]
    return [
        *(ir.Compare(op, here, each) for op in ("==", "<", ">=") for each in constants),
        ir.In(here, ir.Constants(type_, values)),
        ir.Has(here),
    ]


STRING_LIST = attribute(ir.ListType(ir.STRING))
INT_LIST = ir.Attribute("args", (X,), ir.ListType(ir.INT))
ELEMENT = ir.Element(ir.STRING)
RECORD = ir.RecordType((ir.Field("n", ir.INT), ir.Field("s", ir.STRING, optional=True)))
EDGES: list[tuple[list[ir.Condition], list[Any]]] = [
    (compared(ir.NUMBER, 1, 0.1, 2**60, 9007199254740992), NUMBERS),
    (compared(ir.INT, 1, 2**53 - 1), NUMBERS),
    (compared(ir.TIME, "2026-11-24T10:00:00Z"), TIMES),
    ([ir.Compare("<=", ir.Age(attribute(ir.TIME)), ir.Constant(ir.DURATION, 3600))], TIMES),
    (compared(ir.DURATION, 5400, 0, 36_500 * 86_400), DURATIONS),
    (
        [
            ir.Compare("==", attribute(ir.IP), ir.Constant(ir.IP, "10.1.2.3")),
            ir.Within(attribute(ir.IP), ir.Constants(ir.IP, ("10.0.0.0/8", "1::/16"))),
            ir.Within(attribute(ir.IP), ir.Constants(ir.IP, ("::/0",))),
            ir.Has(attribute(ir.IP)),
        ],
        ADDRESSES,
    ),
    (
        [
            ir.Compare("==", attribute(ir.STRING), ir.Constant(ir.STRING, "a")),
            ir.In(attribute(ir.STRING), ir.Constants(ir.STRING, ("", "é", "\u202e"))),
            *(ir.Like(attribute(ir.STRING), each) for each in ("?", "a*", "*b", "\\*", "a.c")),
            ir.Has(attribute(ir.STRING)),
        ],
        TEXTS,
    ),
    (
        [ir.Under(attribute(ir.STRING), each) for each in ("/", "/a", "/a/b", "a", "a/b", "..b")],
        [*PATHS, *(path[1:] for path in PATHS), "a//", "../a", "./a", "..b", ".", "..", "..b/c"],
    ),
    (
        [
            *(
                ir.ListTest(op, STRING_LIST, ir.Constants(ir.STRING, ("a",)))
                for op in ("subset of", "contains all", "contains any")
            ),
            ir.In(ir.Constant(ir.STRING, "a"), STRING_LIST),
            *(
                ir.Quantified(kind, STRING_LIST, test)
                for kind in ("every", "some")
                for leaf in [ir.Compare("==", ELEMENT, ir.Constant(ir.STRING, "a"))]
                for test in (leaf, ir.Not(leaf))
            ),
            ir.Has(STRING_LIST),
        ],
        LISTS,
    ),
    (
        [
            # In Rego a line that begins with a minus goes on with the line before.
            ir.And((ir.Has(INT_LIST), ir.In(ir.Constant(ir.INT, value), INT_LIST)))
            for value in (-1, 1)
        ],
        [[], [-1], [1, -1], [0], ["-1"], None, -1],
    ),
    (
        [
            ir.Compare("==", attribute(ir.BOOL), ir.Constant(ir.BOOL, True)),
            ir.Compare("==", ir.Constant(ir.BOOL, False), attribute(ir.BOOL)),
            ir.Has(attribute(ir.BOOL)),
        ],
        [True, False, 0, 1, "true", None, []],
    ),
    (
        [
            *compared(ir.LevelType("p.grade"), "mid"),
            ir.Compare(
                "==",
                attribute(ir.EnumType("p.currency")),
                ir.Constant(ir.EnumType("p.currency"), "EUR"),
            ),
        ],
        ["low", "mid", "high", "EUR", "Mid", 1, None, [], ["mid"]],
    ),
    (
        [
            ir.Has(attribute(RECORD)),
            ir.Has(attribute(ir.ListType(RECORD))),
            ir.Has(attribute(ir.JSON)),
            ir.Compare("==", ir.Attribute("args", (X, "n"), ir.INT), ir.Constant(ir.INT, 1)),
            ir.Has(ir.Attribute("args", (X, "n"), ir.INT, optional=True)),
        ],
        RECORDS,
    ),
]


def edge_policies() -> list[ir.Policy]:
    """For each condition a policy with it, and with its opposite, in an allow and in a forbid."""
    found = []
    for conditions, _ in EDGES:
        rules = [each for leaf in conditions for each in (leaf, ir.Not(leaf))]
        found.append(
            replace(
                POLICY,
                allows=tuple(
                    replace(ALLOW, id=f"p.g.a{number:02}", condition=each)
                    for number, each in enumerate(rules)
                ),
            )
        )
        found.append(
            replace(
                POLICY,
                forbids=tuple(
                    replace(FORBID, id=f"p.f{number:02}", condition=each)
                    for number, each in enumerate(rules)
                ),
            )
        )
        found.append(
            replace(
                POLICY,
                forbids=tuple(
                    replace(FORBID, id=f"p.u{number:02}", unless=each)
                    for number, each in enumerate(rules)
                ),
            )
        )
    return found


EDGE_REQUESTS = [[request(), *map(request, values)] for _, values in EDGES for _ in range(3)]


@needs_opa
@pytest.mark.parametrize("number", range(len(EDGE_REQUESTS)))
def test_opa_reads_values_as_the_interpreter(number: int) -> None:
    policy, asked = edge_policies()[number], EDGE_REQUESTS[number]
    assert by_opa(policy, asked) == decisions(policy, asked)


@pytest.mark.parametrize("number", range(len(EDGE_REQUESTS)))
def test_rego_cpp_reads_values_as_the_interpreter(number: int) -> None:
    policy, asked = edge_policies()[number], EDGE_REQUESTS[number]
    answers, able = by_rego_cpp(policy, asked)
    assert able
    assert answers == decisions(policy, able)


@needs_opa
def test_strict_errors_of_builtins_answer_alike_or_not_at_all(tmp_path: Path) -> None:
    """Undefined is what a builtin's error means; taking it for an error decides nothing else."""
    for number, (policy, asked) in enumerate(
        zip(edge_policies(), EDGE_REQUESTS, strict=True), start=1
    ):
        opa = Opa(OPA, TARGET.emit(policy, Options()).files, tmp_path / str(number))
        opa.input.write_text(carried(asked), encoding="utf-8")
        strict = [OPA, "eval", "--strict-builtin-errors", "--bundle", opa.folder]
        done = subprocess.run(
            [*strict, "--input", opa.input, BATCH],
            env=SHORT_LIVED,
            capture_output=True,
            text=True,
            check=False,
        )
        answer = json.loads(done.stdout)
        if "errors" in answer:
            assert {each["code"] for each in answer["errors"]} == {"eval_builtin_error"}
        else:
            found = answer["result"][0]["expressions"][0]["value"]
            assert found == decisions(policy, asked)


NUMBER_TEXT = st.from_regex(
    r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
)
NUMBER_TEXTS = ["1.0", "100e-2", "-0", "0.1000000000000000055", "9007199254740993.0", "1E400"]
NUMBER_TEXTS += ["1.79769313486231580793728971405303415e308", "1.7976931348623158e308"]
NUMBER_TEXTS += [
    "1.79769313486231580793728971405303416e308",
    "1.7976931348623159e308",
    "1e-400",
    "4e-324",
]
MORE_NUMBER_TEXTS = [
    "9007199254740993",
    "1152921504606846976",
    "1152921504606846977",
    f"1{'0' * 309}",
]


@needs_opa
@given(st.lists(NUMBER_TEXT, min_size=30))
@settings(max_examples=10)
@example(NUMBER_TEXTS)
@example(MORE_NUMBER_TEXTS)
def test_opa_rounds_numbers_as_a_double_is_read(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        opa = Opa(OPA, TARGET.emit(POLICY, Options()).files, Path(folder))
        opa.input.write_text(f"[{', '.join(texts)}]")
        query = "[[double | double := data.agpc.values.number(each)] | some each in input]"
        done = opa.run("eval", "--bundle", opa.folder, "--input", opa.input, query)
    found = json.loads(done)["result"][0]["expressions"][0]["value"]
    wanted = [read_number(json.loads(each)) for each in texts]
    assert found == [[] if each is None else [each] for each in wanted]


LONG_NUMBERS = ["0.1", "0.10", "1e-1", "0.1000000000000000055", "0.0999999999999999999999"]
LONG_NUMBERS += ["1", "1.00000000000000000001", "0.99999999999999999999", "1e0", "-0", "0e5"]
LONG_NUMBERS += ["4.35", "4.34999999999999999999", "999999999.999999", "999999999.99999900001"]
LONG_NUMBERS += [
    "1e15",
    "1000000000000000.01",
    "999999999999999.99999999999",
    "100000000000000.004",
]


@needs_opa
@pytest.mark.parametrize("type_", [ir.NUMBER, ir.INT])
def test_opa_compares_numbers_as_the_doubles_that_they_are(type_: ir.Type, tmp_path: Path) -> None:
    """However many digits of them a request has: OPA would keep them."""
    here, there = attribute(type_), ir.Attribute("args", ("y",), type_)
    constants = (0, 1, 10**14, 10**15)
    if type_ == ir.NUMBER:
        constants += (0.1, 4.35, 999999999.999999)
    leaves: list[ir.Condition] = [
        ir.In(here, ir.Constants(type_, constants)),
        *(ir.Compare(op, here, there) for op in ("==", "<")),
        *(ir.Compare(op, here, ir.Constant(type_, c)) for op in ("==", "<") for c in constants),
    ]
    rules = [each for leaf in leaves for each in (leaf, ir.Not(leaf))]
    policy = replace(
        POLICY,
        forbids=tuple(
            replace(FORBID, id=f"p.f{number:02}", condition=each)
            for number, each in enumerate(rules)
        ),
    )
    asked = [
        json.dumps(request("x")).replace('"x": "x"', f'"x": {x}, "y": {y}')
        for x in LONG_NUMBERS
        for y in ("0.1", "1.0", "4.35000000000000000001", "1e15")
    ]
    opa = Opa(OPA, TARGET.emit(policy, Options()).files, tmp_path)
    opa.input.write_text(f"[{', '.join(asked)}]")
    done = opa.run("eval", "--bundle", opa.folder, "--input", opa.input, BATCH)
    answers = json.loads(done)["result"][0]["expressions"][0]["value"]
    assert answers == decisions(policy, list(map(json.loads, asked)))


# --- Requests and evidence ------------------------------------------------------------------------


def approval(**changes: Any) -> dict[str, Any]:
    whole = {
        "by": "user:ann",
        "roles": ["role:a"],
        "at": "2026-11-24T09:30:00Z",
        "task": "t",
        "capability": "p.ledger.post",
        "resource": "main",
        "args": {X: 1},
    }
    return {**whole, **changes}


WANTED = ir.Approval(("role:a", "user:ann"), 1, 3600)
DEEP: Any = 1
for _ in range(200):
    DEEP = [DEEP]
EVIDENCE = [
    request(1),
    *(
        request(1, approvals=[each])
        for each in [
            approval(),
            approval(args={X: 1.0}),
            approval(args={X: True}),
            approval(args={X: 1, "y": None}),
            approval(args=None),
            approval(args=[]),
            approval(by=AGENT),
            approval(by=5),
            approval(by="user:zoe", roles=None),
            approval(roles="role:a"),
            approval(roles=["role:a", 5]),
            approval(roles=["role:b"]),
            approval(by="user:zoe", roles=["role:b"]),
            approval(at="2026-11-24T09:00:00Z"),
            approval(at="2026-11-24T08:59:59.999999999Z"),
            approval(at="2026-11-24T10:00:00.000000001Z"),
            approval(at=None),
            approval(task="u"),
            approval(capability="p.ledger.void"),
            approval(resource="other"),
            {},
            5,
        ]
    ),
    request(1, approvals={"0": approval()}),
    request(1, approvals=None),
    request(2**53 + 1, approvals=[approval(args={X: 2**53 + 1})]),
    request(1e400, approvals=[approval(args={X: 1e400})]),
    request("\ud800", approvals=[approval(args={X: "\ud800"})]),
    request({"\ud800": 1}, approvals=[approval(args={X: {"\ud800": 1}})]),
    request(0.1, approvals=[approval(args={X: 0.1})]),
    request({"a": [1, {}], "b": {}}, approvals=[approval(args={X: {"b": {}, "a": [1.0, {}]}})]),
    request({"0": 1}, approvals=[approval(args={X: [1]})]),
    request(DEEP, approvals=[approval(args={X: DEEP})]),
    request(1, user={"id": "user:ann"}, approvals=[approval()]),
    request(1, user={"id": 5}, approvals=[approval()]),
    request(1, user=[], approvals=[approval()]),
    request(1, user={"id": "user:joe"}, approvals=[approval(), approval(by="user:bea")]),
    request(1, approvals=[approval(), approval(by="user:bea"), approval(by="user:cat")]),
    request(1, step_up=[{"method": "mfa", "at": "2026-11-24T09:59:00Z"}]),
    request(1, step_up=[{"method": "mfa", "at": "2026-11-24T09:58:59Z"}]),
    request(1, step_up={"0": {"method": "mfa", "at": "2026-11-24T09:59:00Z"}}),
]
REQUIREMENTS: list[tuple[ir.Requirement, ...]] = [
    (WANTED,),
    (replace(WANTED, count=2),),
    (replace(WANTED, per_task=True, within=None),),
    (ir.StepUp("mfa", 60),),
    (WANTED, ir.StepUp("mfa")),
]
EVIDENCE_POLICIES = [
    replace(each, user=user)
    for wanted in REQUIREMENTS
    for user in (None, ())
    for each in (
        replace(POLICY, allows=(replace(ALLOW, requirements=wanted),)),
        replace(POLICY, forbids=(replace(FORBID, unless_evidence=wanted),)),
    )
]


@needs_opa
@pytest.mark.parametrize("policy", EVIDENCE_POLICIES)
def test_opa_weighs_evidence_as_the_interpreter(policy: ir.Policy) -> None:
    assert by_opa(policy, EVIDENCE) == decisions(policy, EVIDENCE)


@pytest.mark.parametrize("policy", EVIDENCE_POLICIES)
def test_rego_cpp_weighs_evidence_as_the_interpreter(policy: ir.Policy) -> None:
    answers, able = by_rego_cpp(policy, EVIDENCE)
    assert answers == decisions(policy, able)


@needs_opa
@pytest.mark.parametrize("approved", ["9007199254740993.0", "9007199254740993"])
@pytest.mark.parametrize("called", ["9007199254740993.0", "9007199254740993"])
def test_an_approval_is_not_for_a_number_spelled_otherwise(
    approved: str, called: str, tmp_path: Path
) -> None:
    policy = replace(POLICY, allows=(replace(ALLOW, requirements=(WANTED,)),))
    opa = Opa(OPA, TARGET.emit(policy, Options()).files, tmp_path)
    asked = json.dumps(request("called", approvals=[approval(args={X: "approved"})]))
    opa.input.write_text(asked.replace('"approved"', approved).replace('"called"', called))
    query = "data.agp.decision.context.effect"
    done = opa.run("eval", "--bundle", opa.folder, "--input", opa.input, query)
    effect = json.loads(done)["result"][0]["expressions"][0]["value"]
    both_are_doubles = approved == called == "9007199254740993.0"
    assert effect == ("permit" if both_are_doubles else "challenge")


SHAPES: list[Any] = [
    None,
    5,
    "x",
    [],
    {},
    {**request(), "subject": None},
    {**request(), "subject": {"type": "user", "id": AGENT}},
    {**request(), "subject": {"type": "agent", "id": 5}},
    {**request(), "action": {"name": None}},
    {**request(), "action": {"name": "nope"}},
    {**request(), "resource": {"type": "p.ledger"}},
    {**request(), "resource": {"type": "p.ledger", "id": "a\ufffd"}},
    {**request(), "resource": {"type": "p", "id": "main"}},
    {**request(), "context": None},
    {**request(), "context": []},
    request(task=None),
    request(task={"intent": ["p.pay"], "state": "active"}),
    request(task={"intent": "p.pay", "state": "ended"}),
    request(task={"intent": "p.other", "state": "active"}),
    *(
        {**request(), "subject": {"type": "agent", "id": f"spiffe://acme.example/fleet{each}"}}
        for each in ["", "/", "/a", "/a/b", "/..", "/.", "/...", "/a//b", "/é", "/a" * 1100]
    ),
]


@needs_opa
def test_opa_takes_any_shape_of_request() -> None:
    assert by_opa(POLICY, SHAPES) == decisions(POLICY, SHAPES)


def test_rego_cpp_takes_any_shape_of_request() -> None:
    answers, able = by_rego_cpp(POLICY, SHAPES)
    assert answers == decisions(POLICY, able)


# --- Times ----------------------------------------------------------------------------------------

FIRST = datetime(1900, 1, 1)
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]


@needs_opa
@given(
    st.sampled_from(ZONES),
    st.lists(st.integers(0, 6), min_size=1, unique=True).map(sorted).map(tuple),
    st.integers(0, 1439),
    st.integers(0, 1440),
    st.lists(st.datetimes(min_value=FIRST), min_size=20),
)
@settings(max_examples=20)
@example("Europe/Berlin", (6,), 120, 180, [])
def test_opa_knows_windows_as_the_interpreter(
    zone: str, days: tuple[int, ...], start: int, end: int, times: list[Any]
) -> None:
    window = ir.Window(days, start, end, zone)
    policy = replace(POLICY, allows=(replace(ALLOW, window=window),))
    near = ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T00:30:00Z", "x"]
    asked = [
        request(time=each)
        for each in [*near, *(f"{time.isoformat(timespec='microseconds')}Z" for time in times)]
    ]
    assert by_opa(policy, asked) == decisions(policy, asked)
