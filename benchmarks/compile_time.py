"""From text to policy: parse, check and lower, per 1,000 rules."""

from __future__ import annotations

from tables import median_of, table, time_text
from workload import workload

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source

SIZES = (100, 1_000, 10_000)


def report() -> str:
    """Measure each size; the time per 1,000 rules has to stay about the same."""
    rows = []
    for size in SIZES:
        sources = [Source(name, text) for name, text in workload(size).files.items()]
        assert compile_sources(sources).policy is not None
        median = median_of(
            lambda sources=sources: compile_sources(sources), 7 if size < 5_000 else 3
        )  # type: ignore[misc]
        megabytes = sum(len(source.text) for source in sources) / 1e6
        rows.append(
            (
                f"{size:,}",
                f"{megabytes:.2f} MB",
                time_text(median),
                time_text(median / size * 1_000),
            )
        )
    return table(("rules", "text", "parse + check + lower", "per 1,000 rules"), rows)
