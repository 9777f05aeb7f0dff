"""The whole of `agpc check` but its start: compile, analyse, and again after a change in one file."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import count
from math import comb

from tables import median_of, table, time_text
from workload import workload

from agpc.compiler.analysis.findings.privilege import overlap
from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.project.settings import Settings
from agpc.compiler.check.review.review import ReviewKept, review
from agpc.compiler.report.source import Source

SIZES = (100, 1_000, 10_000)
RUNS = 5


def report() -> str:
    """Measure each size. A change is a number in a file of rules, another each time."""
    rows = []
    for size in SIZES:
        sources = [Source(name, text) for name, text in workload(size).files.items()]
        kept = ReviewKept()
        whole = median_of(
            lambda sources=sources: review(sources, Settings()),  # type: ignore[misc]
            RUNS if size < 5_000 else 1,
        )
        found = review(sources, Settings(), kept=kept)
        gc.freeze()  # as `--watch` does
        changes = edits(sources)
        again = median_of(
            lambda changes=changes, kept=kept: review(next(changes), Settings(), kept=kept),  # type: ignore[misc]
            RUNS,
        )
        rows.append(
            (
                f"{size:,}",
                f"{len(sources)}",
                f"{len(found.diagnostics):,}",
                time_text(whole),
                time_text(whole / size * 1_000),
                time_text(again),
            )
        )
    heads = ("rules", "files", "findings", "check", "per 1,000 rules", "after a change in one file")
    return f"{table(heads, rows)}\n\n{pruning(SIZES[-1])}"


def edits(sources: list[Source]) -> Iterator[list[Source]]:
    """The sources with a number changed in one file of rules, the next one each time."""
    for number in count(1):
        at = 1 + number % (len(sources) - 1)
        text = sources[at].text.replace("args.amount <= ", f"args.amount <= {number}", 1)
        sources[at] = Source(sources[at].name, text)
        yield sources


def pruning(size: int) -> str:
    """How few of the pairs of allows the search for overlaps has to look at."""
    sources = [Source(name, text) for name, text in workload(size).files.items()]
    policy = compile_sources(sources).policy
    assert policy is not None
    searches: list[overlap.Sharing] = []

    class Watched(overlap.Sharing):
        """Leaves itself to be looked at."""

        def __post_init__(self) -> None:
            super().__post_init__()
            searches.append(self)

    original, overlap.Sharing = overlap.Sharing, Watched  # type: ignore[misc]
    try:
        analyze(policy, codes=["AGP3201"])
    finally:
        overlap.Sharing = original  # type: ignore[misc]
    world = searches[0].inquiry.world
    meeting = sum(
        comb(len(world.near.allows_at(at)), 2) for at in range(len(world.universe.capabilities))
    )
    return (
        f"Of the {comb(len(policy.allows), 2):,} pairs of allows at {size:,} rules, {meeting:,} name a "
        f"common capability; {searches[0].asked:,} are of agents or intents of which no pair before has "
        f"told, and all but {searches[0].searched:,} of these are seen to share a call, or not, without a "
        "search."
    )
