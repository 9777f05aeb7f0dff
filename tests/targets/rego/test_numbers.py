"""Numbers in OPA: rounded and compared as the doubles that they are."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from engines.hand_policies import FORBID
from engines.rego import BATCH, Opa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.runtime.values import read_number
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

from .deciding import attribute, decisions
from .opa import OPA, needs_opa
from .policies import POLICY, request

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
