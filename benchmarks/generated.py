"""The generated package on disk: imported here, or measured in an interpreter of its own."""

from __future__ import annotations

import compileall
import importlib
import pickle
import statistics
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from types import ModuleType

from tables import table, time_text
from workload import workload

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.targets.emission import Options
from agpc.targets.python import TARGET

SIZE = 10_000
_numbers = count(1)

STANDARD = "import bisect, dataclasses, datetime, ipaddress, re, zoneinfo"  # not ours to pay for
TIMED = """
import sys, time
{first}
start = time.perf_counter()
{load}
print(time.perf_counter() - start)
"""
TRACED = """
import sys, tracemalloc
{first}
tracemalloc.start()
{load}
print(*tracemalloc.get_traced_memory())
"""
PACKAGE = "sys.path.insert(0, sys.argv[1]); import agp_policy"
READ_IR = """
import pickle
from agpc.targets.python import evaluator
policy = pickle.load(open(sys.argv[2], "rb"))
"""
MEMORY = "found = evaluator(policy)"
START = "import agpc, agpc.targets.python, agpc.compiler.check.compiling.load"
TEXT = "found = agpc.load(sys.argv[3])"


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
    files = workload(SIZE).files
    policy = compile_sources([Source(name, text) for name, text in files.items()]).policy
    assert policy is not None
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        write(policy, Path(folder), "agp_policy")
        pickled = Path(folder, "policy.pickle")
        pickled.write_bytes(pickle.dumps(policy))
        texts = Path(folder, "texts")
        texts.mkdir()
        for name, text in files.items():
            (texts / name).write_text(text, encoding="utf-8")

        def measure(name: str, first: str, load: str) -> None:
            def run(script: str) -> list[float]:
                code = script.replace("{first}", first).replace("{load}", load)
                command = [sys.executable, "-B", "-c", code, folder, str(pickled), str(texts)]
                run = subprocess.run(command, check=True, capture_output=True, text=True)
                return [float(figure) for figure in run.stdout.split()]

            seconds = statistics.median(run(TIMED)[0] for _ in range(5))
            kept, most = run(TRACED)
            rows.append((name, time_text(seconds), f"{kept / 1e6:.0f} MB", f"{most / 1e6:.0f} MB"))

        measure("generated package, from source", STANDARD, PACKAGE)
        compileall.compile_dir(folder, quiet=1)
        measure("generated package, from bytecode", STANDARD, PACKAGE)
        measure("in memory, from the IR", READ_IR, MEMORY)
        measure("in memory, from source text (`agpc.load`)", START, TEXT)
    return table((f"{SIZE:,} rules", "load", "memory kept", "memory at most"), rows)
