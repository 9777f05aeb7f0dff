"""The cases of tests/conformance: the policy of a file, and the request of each case."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from agpc.compiler.check.compile import compile_sources
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
    data = load(path)
    found = [
        case["request"] if "request" in case else changed(data["request"], case)
        for case in data["cases"]
    ]
    if "record" not in data:
        return found
    return [
        facts(policy_of(path), [*data["record"], *case.get("record", [])], request)
        for case, request in zip(data["cases"], found, strict=True)
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
