"""The JavaScript target decides as the reference interpreter does, down to the last reason."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from engines.javascript import NO_NODE, Module, node
from engines.rego import carried
from generators import policies, requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.check.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.source import Source
from agpc.targets.emission import Options
from agpc.targets.javascript import TARGET

pytestmark = pytest.mark.skipif(node() is None, reason=NO_NODE)


def module_of(policy: ir.Policy) -> Module:
    running = node()
    assert running is not None
    return running.load(TARGET.emit(policy, Options()).files)


def exact(digits: str) -> int | float:
    """A number, or an integer that no double equals where JSON.parse may have rounded one."""
    value = float(digits)
    if math.isfinite(value) and value.is_integer() and abs(value) >= 2**53:
        return 10**400
    return value


def expected(policy: ir.Policy, request: Any) -> Any:
    return json.loads(json.dumps(interpreter.decide(policy, request).to_authzen()))


def assert_agrees(policy: ir.Policy, asked: Sequence[Any]) -> None:
    module = module_of(policy)
    texts = [carried(each) for each in asked]
    by_text = module.run("return module.decideText(text)", texts)
    by_data = module.run("return module.decide(JSON.parse(text))", texts)
    for text, strict, lenient in zip(texts, by_text, by_data, strict=True):
        assert strict == expected(policy, json.loads(text)), text
        assert lenient == expected(policy, json.loads(text, parse_int=exact, parse_float=exact)), (
            text
        )


@given(st.data())
@settings(suppress_health_check=list(HealthCheck))
def test_module_decides_as_the_interpreter(data: st.DataObject) -> None:
    policy = data.draw(policies())
    asked = [data.draw(requests(policy, surrogates=True)) for _ in range(6)]
    assert_agrees(policy, asked)


@pytest.mark.parametrize("size", [10, 400])
def test_workload_is_decided_as_the_interpreter_decides(size: int) -> None:
    load = workload().workload(size, requests=40)
    compilation = compile_sources([Source(name, text) for name, text in load.files.items()])
    assert compilation.policy is not None
    assert_agrees(compilation.policy, load.requests)


def workload() -> ModuleType:
    """The policy that the benchmarks use."""
    path = Path(__file__).parents[2] / "benchmarks" / "workload.py"
    spec = importlib.util.spec_from_file_location("workload", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["workload"] = module  # where its dataclasses look their module up
    spec.loader.exec_module(module)
    return module
