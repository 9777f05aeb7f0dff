"""What `agpc diff` takes beyond compiling one side: the other side, of which most is known, and the comparison."""

from __future__ import annotations

import re
from time import perf_counter

from tables import table, time_text
from workload import workload

from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.analysis.diff.difference import Difference
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.memory import Memory
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source

CASES = ((10_000, 0), (10_000, 10), (1_000, 1_000))
"""Rules, and how many bounds of amounts move at most."""
BOUND = re.compile(r"(?<=args\.amount <= )\d+")


def report() -> str:
    """Compare rules of which none, ten, and all that have a bound are changed."""
    rows = []
    for rules, most in CASES:
        before = [Source(name, text) for name, text in workload(rules).files.items()]
        after, moved = edited(before, most)
        memory = Memory()
        base = compiled(before, memory)
        begun = perf_counter()
        found = compare(base, compiled(after, memory))
        taken = perf_counter() - begun
        rows.append((f"{rules:,}", f"{len(before)}", f"{moved:,}", told(found), time_text(taken)))
    heads = ("rules", "files", "bounds moved", "changes", "beyond compiling one side")
    return table(heads, rows)


def edited(sources: list[Source], most: int) -> tuple[list[Source], int]:
    """The sources with bounds moved, in as many files as there are, one after the other; and how many were."""
    places = [
        (n, match.start()) for n, each in enumerate(sources) for match in BOUND.finditer(each.text)
    ]
    chosen = set(places[:: max(1, len(places) // most)][:most] if most else ())
    found = [
        Source(
            each.name,
            BOUND.sub(
                lambda match, n=n: str(int(match[0]) + ((n, match.start()) in chosen)),  # type: ignore[misc]
                each.text,
            ),
        )
        for n, each in enumerate(sources)
    ]
    return found, len(chosen)


def compiled(sources: list[Source], memory: Memory) -> ir.Policy:
    """The policy of some sources."""
    policy = compile_sources(sources, memory).policy
    assert policy is not None
    return policy


def told(found: Difference) -> str:
    """What was found, in a few words."""
    return f"{len(found.changes):,} and {len(found.undetermined):,} undetermined"
