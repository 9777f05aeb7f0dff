"""Measure leases and approvals on both stores, print the tables, and write them to benchmarks/results-people.md.

`python benchmarks/service/people.py [leases=100000] [pending=10000] [sqlite] [postgres]`; with anything named, only printed.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "tests")]
import approving
import leasing
from tables import table

from service import postgres

RESULTS = HERE.parent / "results-people.md"
NOTES = """
By `make bench-people` (`python benchmarks/service/people.py`), each table of one run. *CPU* is what the process of the service took, on all
its threads; PostgreSQL's own processes are not in it. It tells more than a time by the clock where others work on the machine, too.
"""
LEASES = f"""
In one process and without HTTP, {leasing.CONNECTIONS} askers at once. *All kept* and *all ended* are from the moment at which another policy is
made active until the last lease was looked at under it, in turns of 256. From that moment on no lease is good that was not looked at yet: they become
good again, or end, one turn after the other. Meanwhile one asker asks for calls, one after the other: how many were decided, and the longest that one waited.
"""
APPROVALS = f"""
Through the routes of HTTP within one process, so that the client's work is in it; {approving.ROUNDS} times each, one after the other, while so many other requests
are pending, {approving.OF_TASK} of a task.
"""


@contextmanager
def stores(names: list[str]) -> Iterator[Iterator[tuple[str, str, Path]]]:
    """Give empty stores that are asked for: what each is called, its address, and a folder."""
    wanted = [each for each in names if each in ("sqlite", "postgres")] or ["sqlite", "postgres"]

    def each(folder: Path) -> Iterator[tuple[str, str, Path]]:
        if "sqlite" in wanted:
            yield "SQLite", f"sqlite:///{folder}/agpc.db", folder
        if "postgres" in wanted and (why := postgres.why_not()) is None:
            with postgres.cluster(fsync=True) as cluster:
                yield "PostgreSQL", cluster.create_database(), folder
        elif "postgres" in wanted:
            print(f"PostgreSQL was not measured: {why}", file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="agpc-bench-") as name:
        yield each(Path(name))


def about() -> str:
    """Say when and where it was measured."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the beginning"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{date.today()}, {machine}; {python}.\n"


def main(names: list[str]) -> None:
    """Run both, or what is named."""
    numbers = dict(each.split("=", 1) for each in names if "=" in each)
    parts = [
        "# Figures of leases and approvals\n" + NOTES,
        about(),
    ]
    if not numbers or "leases" in numbers:
        count = int(numbers.get("leases", 100_000))
        with stores(names) as all_stores:
            rows = [
                (store, *asyncio.run(leasing.measured(url, folder, count)))
                for store, url, folder in all_stores
            ]
        parts.append(f"## Leases\n{LEASES}\n{table(leasing.HEADS, rows)}\n")
    if not numbers or "pending" in numbers:
        count = int(numbers.get("pending", 10_000))
        with stores(names) as all_stores:
            found = [
                (store, *row)
                for store, url, folder in all_stores
                for row in approving.measured(url, folder, count)
            ]
        parts.append(f"## Approvals\n{APPROVALS}\n{table(approving.HEADS, found)}\n")
    print("\n".join(parts))
    if not names:
        RESULTS.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
