"""Measure everything, print the tables, and write them to benchmarks/results.md.

`python benchmarks/run.py [start_up compile_time checking comparing shapes decisions asking_facts monitoring loading]`; with names, only those, printed.
`rego` needs OPA, and has a file of its own: benchmarks/results-rego.md.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

import asking_facts
import checking
import comparing
import compile_time
import decisions
import generated
import monitoring
import rego
import shapes
import start_up

REPORTS: dict[str, tuple[str, Callable[[], str]]] = {
    "start_up": ("Starting", start_up.report),
    "compile_time": ("Compiling", compile_time.report),
    "checking": ("Checking", checking.report),
    "comparing": ("Comparing two policies", comparing.report),
    "shapes": ("Rules that could all meet", shapes.report),
    "decisions": ("Deciding", decisions.report),
    "asking_facts": ("Deciding with facts", asking_facts.report),
    "monitoring": ("Deciding with a monitor", monitoring.report),
    "loading": ("Loading", generated.report),
}
RESULTS = Path(__file__).parent / "results.md"
RESULTS_REGO = RESULTS.with_name("results-rego.md")


def processor() -> str:
    """What the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(named, platform.processor())} ({platform.machine()})"


def main(names: list[str]) -> None:
    """Run the reports by name, or all of them."""
    if names == ["rego"]:
        RESULTS_REGO.write_text(rego.page(), encoding="utf-8")
        print(RESULTS_REGO.read_text(encoding="utf-8"))
        return
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("agpc", "cedarpy", "regopy", "vakt")
    )
    python = f"{platform.python_implementation()} {platform.python_version()}"
    parts = [
        "# Figures\n",
        "All of one run of `make bench` (`python benchmarks/run.py`), medians where nothing else is said.",
        f"{date.today()}, {processor()}, {os.cpu_count()} cores; {python}; {versions}.\n",
    ]
    for name in names or REPORTS:
        title, report = REPORTS[name]
        parts.append(f"## {title}\n\n{report()}\n")
        print(parts[-1], flush=True)
    if not names:
        RESULTS.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
