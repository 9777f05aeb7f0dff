"""The policies of `findings/`: each is about one finding, whose code stands beside a line that gives it, `### CODE`."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.compiler.report.source import Source

FIXTURES = {
    f"AGP{path.stem[:4]}": path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent / "findings").glob("*.agp"))
}
_MARK = re.compile(r"### ((?:AGP\d{4} ?)+)")
_WITNESS = "witness: "


def expected(text: str) -> Counter[tuple[int, str]]:
    """How often each code is expected, by line."""
    return Counter(
        (number, code)
        for number, line in enumerate(text.split("\n"), start=1)
        for match in _MARK.finditer(line)
        for code in match[1].split()
    )


def policy_of(*texts: str) -> ir.Policy:
    """The policy of some files."""
    compilation = compile_sources([Source(f"{n}.agp", text) for n, text in enumerate(texts)])
    assert compilation.policy is not None, compilation.diagnostics
    return compilation.policy


def witnesses(finding: Diagnostic) -> list[dict[str, Any]]:
    """The requests that a finding shows."""
    return [
        json.loads(each.removeprefix(_WITNESS))
        for each in finding.notes
        if each.startswith(_WITNESS)
    ]
