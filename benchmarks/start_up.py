"""`agpc check` on the example, as a multiple of what a bare interpreter takes to start: processor time."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from pathlib import Path

from tables import table, time_text

EXAMPLE = Path(__file__).parent.parent / "examples" / "finance"
ROUNDS = 25


def run(*command: str) -> float:
    """The processor time of a command, that of the system for it included, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def report() -> str:
    """Measure each command in turn, so that a busy moment meets them all."""
    agpc = ("-c", "from agpc.cli import command; command()")  # what the script of that name does
    check = (*agpc, "check")
    policies = [str(EXAMPLE / name) for name in ("finance.agp", "platform.agp")]
    commands = {
        "python -c pass": ("-c", "pass"),
        "agpc --version": (*agpc, "--version"),
        "agpc check examples/finance --no-analysis": (*check, str(EXAMPLE), "--no-analysis"),
        "agpc check finance.agp platform.agp": (*check, *policies),  # without their tests
        "agpc check examples/finance": (*check, str(EXAMPLE)),
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        run(*command)  # the first run writes bytecode and caches
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(run(*command))
    bare = times["python -c pass"]
    rows = [
        (
            *(f"`{name}`", time_text(min(found)), time_text(statistics.median(found))),
            f"{min(found) / min(bare):.1f}",
            f"{statistics.median(found) / statistics.median(bare):.1f}",
        )
        for name, found in times.items()
    ]
    heads = ("command", "best", "median", "best, times `python -c pass`", "median, times that")
    return table(heads, rows)
