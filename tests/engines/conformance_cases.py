"""The cases of tests/conformance: the policy of a file, and the request of each case."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.facts import facts
from agpc.compiler.report.source import Source


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


def requests_of(path: Path) -> list[Any]:
    """The request of each case: that of the file, with what the case sets and removes, and with its facts."""
    return copy.deepcopy(_requests_of(path))


@cache
def _requests_of(path: Path) -> list[Any]:
    data = load(path)
    return [request_of(path, data, case) for case in data["cases"]]


def request_of(path: Path, data: dict[str, Any], case: dict[str, Any]) -> Any:
    """The request of one case."""
    request = case["request"] if "request" in case else changed(data["request"], case)
    if "given" in case:
        return with_facts(policy_of(path), request, case["given"])
    if "record" in data:
        return facts(policy_of(path), record_of(data, case), request)
    return request


def record_of(data: dict[str, Any], case: dict[str, Any]) -> list[Any]:
    """The lines of the record of a case."""
    return [*data["record"], *case.get("record", [])]


def with_facts(policy: ir.Policy, request: Any, given: dict[str, Any]) -> Any:
    """The request with facts as they stand; names without `#` get the digests of their definitions."""
    keys = {each.name: each.key for each in policy.meters}
    keys |= {each.name: each.key for each in policy.sources}
    known = {
        kind: {keys.get(name, name): value for name, value in held.items()}
        if isinstance(held, dict)
        else held
        for kind, held in given.items()
    }
    return {**request, "context": {**request["context"], **known}}


def files_with_records() -> list[Path]:
    """The files whose cases have a record of what happened."""
    folder = Path(__file__).parents[1] / "conformance"
    return [each for each in sorted(folder.glob("*.json")) if "record" in load(each)]


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
