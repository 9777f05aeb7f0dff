"""Measure the service, print the tables, and write them to benchmarks/results-service.md.

`python benchmarks/service/run.py [evaluating rules calling growing]`; with names, only those, printed. `growing=10000000` grows
the store to so many events, which takes hours.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import calling
import evaluating
import measured
import servers

EVENTS = 300_000
RESULTS = Path(__file__).parents[1] / "results-service.md"
REPORTS: dict[str, tuple[str, Callable[[int], str]]] = {
    "evaluating": ("Evaluations, beside OPA", lambda _: evaluating.report()),
    "rules": (
        "Evaluations with few rules and with many, 16 connections",
        lambda _: evaluating.growing(),
    ),
    "calling": ("Calls that are recorded", lambda _: calling.report()),
    "growing": ("More tasks and more records, 16 connections, SQLite", calling.growing),
}
NOTES = f"""
By `make bench-service` (`python benchmarks/service/run.py`), each table of one run: medians of {measured.ROUNDS} rounds of
{measured.SECONDS:.0f} seconds, with the least and the most of requests a second. Rounds of those who are compared alternate, by the
same client (`benchmarks/service/load`), which shares the machine, as does whatever else runs on it. *CPU per request* is what
the processes of a server took together; it tells more than a rate where others work on the machine, too.
What is measured, and what follows from it, stands in [speed.md](../docs/service/speed.md).
"""


def main(names: list[str]) -> None:
    """Run the reports by name, or all of them."""
    if why := servers.why_not():
        sys.exit(f"nothing was measured: {why}")
    versions = ", ".join(f"{name} {version(name)}" for name in ("agpc", "uvicorn", "uvloop"))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    parts = [
        "# Figures of the service\n" + NOTES,
        f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores; {python}; {versions}, {servers.opa_version()}.\n",
    ]
    for name in names or REPORTS:
        name, _, number = name.partition("=")
        title, report = REPORTS[name]
        parts.append(f"## {title}\n\n{report(int(number or EVENTS))}\n")
        print(parts[-1], flush=True)
    if not names:
        RESULTS.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
