"""`agpc check` on the example, as a multiple of what a bare interpreter takes to start."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

from tables import seconds_of, table, time_text

EXAMPLE = Path(__file__).parent.parent / "examples" / "finance"
RUNS = 15


def run(*command: str) -> None:
    subprocess.run([sys.executable, *command], check=True, capture_output=True)


def report() -> str:
    """Measure each command in turn, so that a busy moment meets them all."""
    commands = {
        "python -c pass": ("-c", "pass"),
        "agpc --version": ("-m", "agpc", "--version"),
        "agpc check examples/finance": ("-m", "agpc", "check", str(EXAMPLE)),
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        run(*command)  # the first run writes bytecode and caches
    for _ in range(RUNS):
        for name, command in commands.items():
            times[name].append(seconds_of(lambda command=command: run(*command)))  # type: ignore[misc]
    bare = statistics.median(times["python -c pass"])
    rows = []
    for name, found in times.items():
        median = statistics.median(found)
        rows.append((f"`{name}`", time_text(median), f"{median / bare:.1f}"))
    return table(("command", "median", "times `python -c pass`"), rows)
