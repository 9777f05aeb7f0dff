"""The Rego target decides as the reference interpreter does, down to the last reason."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines.hand_policies import FORBID
from engines.rego import BATCH, SHORT_LIVED, Opa, carried

from agpc.compiler.ir import nodes as ir
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

from .deciding import attribute, by_opa, by_rego_cpp, decisions
from .opa import OPA, needs_opa
from .policies import ALLOW, POLICY, X, request

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
