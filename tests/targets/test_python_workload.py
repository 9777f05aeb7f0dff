"""The policy that the benchmarks use, from its text to decisions."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import pytest

from agpc.compiler.check.compile import compile_sources
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.source import Source
from agpc.targets.emission import Options
from agpc.targets.python import TARGET, evaluator

from .generated import imported


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
def test_workload_is_decided_as_the_interpreter_decides(workload: ModuleType, size: int) -> None:
    load = workload.workload(size, requests=40)
    compilation = compile_sources([Source(name, text) for name, text in load.files.items()])
    assert not compilation.diagnostics
    policy = compilation.policy
    assert policy is not None
    assert len(list(policy.rules)) == size == len(load.rules)
    compiled = evaluator(policy)
    with imported(TARGET.emit(policy, Options()).files) as package:
        for request in load.requests:
            expected = interpreter.decide(policy, request)
            assert compiled.decide(request) == expected
            assert asdict(package.decide(request)) == asdict(expected)


def test_workload_is_the_same_for_the_same_seed(workload: ModuleType) -> None:
    assert workload.workload(50) == workload.workload(50)
    assert workload.workload(50) != workload.workload(50, seed=2)
    assert workload.workload(50).files == workload.workload(50).files
