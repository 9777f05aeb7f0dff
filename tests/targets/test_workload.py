"""The policy that the benchmarks use, from its text to decisions."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from engines.evaluators import EVALUATORS, Evaluator

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source

WHOLE = [
    pytest.param(
        each,
        id=each.name,
        marks=pytest.mark.skipif(each.missing is not None, reason=str(each.missing)),
    )
    for each in EVALUATORS
    if each.whole
]


@pytest.fixture(scope="module")
def workload() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "workload.py"
    spec = importlib.util.spec_from_file_location("workload", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["workload"] = module  # where its dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("size", [2, 10, 400])
@pytest.mark.parametrize("evaluator", WHOLE)
def test_workload_is_decided_as_the_interpreter_decides(
    workload: ModuleType, evaluator: Evaluator, size: int
) -> None:
    load = workload.workload(size, requests=40)
    compilation = compile_sources([Source(name, text) for name, text in load.files.items()])
    assert not compilation.diagnostics
    policy = compilation.policy
    assert policy is not None
    assert len(list(policy.rules)) == size == len(load.rules)
    with evaluator.open(policy, evaluator.emit(policy)) as ask:
        answers = ask(load.requests)
    for request, answer in zip(load.requests, answers, strict=True):
        assert answer is None or evaluator.agrees(answer, decide(policy, request))


def test_workload_is_the_same_for_the_same_seed(workload: ModuleType) -> None:
    assert workload.workload(50) == workload.workload(50)
    assert workload.workload(50) != workload.workload(50, seed=2)
    assert workload.workload(50).files == workload.workload(50).files
