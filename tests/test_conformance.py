"""Every evaluator runs the cases of tests/conformance, whose README says what is in them."""

from __future__ import annotations

import copy
import importlib
import json
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from engines.javascript import NO_NODE, node
from engines.rego import Opa, RegoCpp, find_opa

from agpc.compiler.check.compile import compile_sources
from agpc.compiler.check.ir_json import dumps, loads
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.print_policy import policy_sources
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.source import Source
from agpc.targets.emission import Options
from agpc.targets.javascript import TARGET as JAVASCRIPT
from agpc.targets.python import TARGET as PYTHON
from agpc.targets.python import evaluator
from agpc.targets.rego import TARGET as REGO

FILES = sorted((Path(__file__).parent / "conformance").glob("*.json"))
KEYS = ("reasons", "requirements", "obligations", "credential", "owner")

Answers: TypeAlias = Sequence[dict[str, Any] | None]
"""AuthZEN answers to requests, in order; None to one that the engine is known not to read."""


def load(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def compiled(sources: Sequence[Source]) -> ir.Policy:
    """The policy of sources without errors."""
    result = compile_sources(sources)
    errors = [each for each in result.diagnostics if each.severity == "error"]
    assert not errors, errors
    assert result.policy is not None
    return result.policy


@cache
def policy_of(path: Path) -> ir.Policy:
    """The policy of a file of cases."""
    text = "\n".join(load(path)["policy"])
    parts = re.split(r"^# --- file: (.*)$", f"# --- file: policy.agp\n{text}", flags=re.MULTILINE)
    return compiled([Source(*each) for each in zip(parts[1::2], parts[2::2], strict=True)])


def requests_of(data: dict[str, Any]) -> list[Any]:
    """The request of each case: that of the file, with what the case sets and removes."""
    return [
        case["request"] if "request" in case else changed(data["request"], case)
        for case in data["cases"]
    ]


def changed(base: Any, case: dict[str, Any]) -> Any:
    request = copy.deepcopy(base)
    for pointer, value in case.get("set", {}).items():
        holder, key = holder_of(request, pointer)
        holder[key] = value
    for pointer in case.get("remove", []):
        holder, key = holder_of(request, pointer)
        del holder[key]
    return request


def holder_of(data: Any, pointer: str) -> tuple[Any, Any]:
    """What holds the value that a JSON Pointer names, and under which key."""
    *steps, last = pointer[1:].split("/")
    for step in steps:
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data, int(last) if isinstance(data, list) else last


# --- Evaluators -----------------------------------------------------------------------------------


def by_interpreter(policy: ir.Policy, requests: Sequence[Any], folder: Path) -> Answers:
    return [interpreter.decide(policy, each).to_authzen() for each in requests]


def by_interpreter_of_json(policy: ir.Policy, requests: Sequence[Any], folder: Path) -> Answers:
    return by_interpreter(loads(dumps(policy)), requests, folder)


def by_interpreter_of_print(policy: ir.Policy, requests: Sequence[Any], folder: Path) -> Answers:
    return by_interpreter(compiled(policy_sources(policy)), requests, folder)


def by_python_in_memory(policy: ir.Policy, requests: Sequence[Any], folder: Path) -> Answers:
    decide = evaluator(policy).decide
    return [decide(each).to_authzen() for each in requests]


def by_python_package(policy: ir.Policy, requests: Sequence[Any], folder: Path) -> Answers:
    package = f"agp_{folder.name.replace('-', '_')}"
    for name, text in PYTHON.emit(policy, Options({"package": package})).files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    sys.path.insert(0, str(folder))
    try:
        decide = importlib.import_module(package).decide
    finally:
        sys.path.remove(str(folder))
    return [decide(each).to_authzen() for each in requests]


def by_rego_cpp(policy: ir.Policy, requests: Sequence[Any], folder: Path) -> Answers:
    engine = RegoCpp(policy, REGO.emit(policy, Options()).files)
    return [engine.decide(each) if engine.cannot(each) is None else None for each in requests]


def by_opa(policy: ir.Policy, requests: Sequence[Any], folder: Path) -> Answers:
    opa = find_opa()
    if opa is None:
        pytest.skip("no opa")
    answers: Answers = Opa(opa, REGO.emit(policy, Options()).files, folder).decide(requests)
    return answers


def by_javascript(policy: ir.Policy, requests: Sequence[Any], folder: Path) -> Answers:
    running = node()
    if running is None:
        pytest.skip(NO_NODE)
    return running.load(JAVASCRIPT.emit(policy, Options()).files).decide(requests)


EVALUATORS: tuple[Callable[[ir.Policy, Sequence[Any], Path], Answers], ...] = (
    by_interpreter,
    by_interpreter_of_json,
    by_interpreter_of_print,
    by_python_in_memory,
    by_python_package,
    by_rego_cpp,
    by_opa,
    by_javascript,
)


@pytest.mark.parametrize("evaluate", EVALUATORS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_evaluator_conforms(
    path: Path,
    evaluate: Callable[[ir.Policy, Sequence[Any], Path], Answers],
    tmp_path: Path,
) -> None:
    data = load(path)
    cases = data["cases"]
    answers = evaluate(policy_of(path), requests_of(data), tmp_path)
    if not any(answers):
        pytest.skip("the engine reads none of these requests")
    wrong = []
    for case, answer in zip(cases, answers, strict=True):
        if answer is None:
            continue
        context = answer["context"]
        found = {key: context[key] for key in ("effect", "rules", *KEYS) if key in case["expect"]}
        assert answer["decision"] is (context["effect"] == "permit")
        if found != case["expect"]:
            wrong.append(f"{case['name']}\n  expected {case['expect']}\n  found    {found}")
    assert not wrong, "\n".join(wrong)


def test_cases_are_whole() -> None:
    assert len(FILES) > 30
    for path in FILES:
        data = load(path)
        assert data.keys() == {"about", "policy", "request", "cases"}, path.name
        names = [case["name"] for case in data["cases"]]
        assert len(set(names)) == len(names), path.name
        for case in data["cases"]:
            assert case["expect"].keys() >= {"effect", "rules"}, (path.name, case["name"])
            assert case["expect"].keys() <= {"effect", "rules", *KEYS}, (path.name, case["name"])
            assert case.keys() <= {"name", "tags", "request", "set", "remove", "expect"}
