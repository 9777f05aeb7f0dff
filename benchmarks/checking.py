"""The whole of `agpc check` but its start: compile, analyse, and again after a change in one file."""

from __future__ import annotations

import gc
from itertools import count

from tables import median_of, table, time_text
from workload import workload

from agpc.compiler.review import Kept, review
from agpc.compiler.settings import Settings
from agpc.compiler.source import Source

SIZES = (100, 1_000, 10_000)
RUNS = 5


def report() -> str:
    """Measure each size. A change is a number in a file of rules, another each time."""
    rows = []
    for size in SIZES:
        sources = [Source(name, text) for name, text in workload(size).files.items()]
        kept = Kept()
        whole = median_of(
            lambda sources=sources: review(sources, Settings()),  # type: ignore[misc]
            RUNS if size < 5_000 else 1,
        )
        found = review(sources, Settings(), kept=kept)
        gc.freeze()  # as `--watch` does
        numbers = count(1)

        def change(sources: list[Source] = sources, kept: Kept = kept) -> None:
            number = next(numbers)
            at = 1 + number % (len(sources) - 1)
            text = sources[at].text.replace("args.amount <= ", f"args.amount <= {number}", 1)
            sources[at] = Source(sources[at].name, text)
            review(sources, Settings(), kept=kept)

        again = median_of(change, RUNS)
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
    return table(heads, rows)
