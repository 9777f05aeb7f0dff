"""The generated package on disk: imported here, or measured in an interpreter of its own."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from types import ModuleType

from tables import table, time_text
from workload import workload

from agpc.compiler import ir
from agpc.compiler.compile import compile_sources
from agpc.compiler.source import Source
from agpc.targets.emission import Options
from agpc.targets.python import TARGET

SIZE = 10_000
_numbers = count(1)

LOADING = """
import sys, time, json
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
import dataclasses, zoneinfo, ipaddress, re, bisect  # what the package needs of the standard library
before, start = resident(), time.perf_counter()
{load}
taken = time.perf_counter() - start
peak = [line for line in open("/proc/self/status") if line.startswith("VmHWM")][0].split()[1]
print(json.dumps([taken, resident() - before, int(peak) / 1024 - before]))
"""
PACKAGE = "sys.path.insert(0, sys.argv[1]); import agp_policy"
MEMORY = """
import pickle, agpc.targets.python
policy = pickle.load(open(sys.argv[2], "rb"))
before, start = resident(), time.perf_counter()
found = agpc.targets.python.evaluator(policy)
"""


def write(policy: ir.Policy, folder: Path, package: str) -> None:
    """Put the package into a folder."""
    for path, text in TARGET.emit(policy, Options({"package": package})).files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def generated_package(policy: ir.Policy) -> ModuleType:
    """Generate a package and import it."""
    name = f"generated_{next(_numbers)}"
    with tempfile.TemporaryDirectory() as folder:
        write(policy, Path(folder), name)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module(name)
        finally:
            sys.path.remove(folder)


def report() -> str:
    """Load 10,000 rules from source, from bytecode, and in memory."""
    import json
    import pickle

    files = workload(SIZE).files
    policy = compile_sources([Source(name, text) for name, text in files.items()]).policy
    assert policy is not None
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        write(policy, Path(folder), "agp_policy")
        pickled = Path(folder, "policy.pickle")
        pickled.write_bytes(pickle.dumps(policy))
        for name, load in (
            ("generated package, from source", PACKAGE),
            ("generated package, from bytecode", PACKAGE),
            ("in memory, from the IR", MEMORY),
        ):
            run = subprocess.run(
                [sys.executable, "-c", LOADING.replace("{load}", load), folder, str(pickled)],
                check=True,
                capture_output=True,
                text=True,
            )
            taken, kept, peak = json.loads(run.stdout)
            rows.append((name, time_text(taken), f"{kept:.0f} MB", f"{peak:.0f} MB"))
    return table((f"{SIZE:,} rules", "load", "memory kept", "memory at most"), rows)
