"""The time of a decision in OPA (`opa bench`), beside the same policy in Rego by hand.

All are asked for a plain yes or no, and for a whole decision; and whether they permit what the policy
denies when a field of a request is missing or of another type.
"""

from __future__ import annotations

import json
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

from rego_by_hand import by_hand
from tables import table, time_text
from workload import Workload, workload

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.source import Source
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from engines.rego import bundle_of, find_opa, write
from engines.variants import variants

SIZES = (10, 100, 1_000, 10_000)
REQUESTS = 4  # of each size: permitted and denied, by turns
ROUNDS = 1  # of `opa bench` for each request, each of a second or more
BROKEN_OF, BROKEN_FROM = 100, 40  # rules, and requests that are broken in every way
WAYS = ("agpc", "careful", "trusting")
QUERIES = {
    ("agpc", "allow"): "data.agp.allow",
    ("careful", "allow"): "data.plain.allow",
    ("trusting", "allow"): "data.plain.allow",
    ("agpc", "decision"): "data.agp.decision",
    ("careful", "decision"): "data.whole.decision",
    ("trusting", "decision"): "data.whole.decision",
}
NOTES = """
All gave the same answers to 200 requests, to the last field. Both by hand are one rule for each rule, equalities
first, for OPA's rule index, with a module for the yes or no and another for the whole decision. *Trusting* takes
every request for well-formed, so a deny about a field that is missing does not hold. *Careful* looks at the fields
that its rules depend on. agpc also tells broken text from whole, rounds numbers to doubles, reads addresses in all
their spellings and holds SPIFFE IDs to their grammar, as its documentation of the language says.
"""


def opa(*arguments: object) -> Any:
    """Run OPA and read its answer."""
    program = find_opa()
    assert program is not None, "no opa: set OPA, put it on the path, or at .cache/bin/opa"
    done = subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def answers(bundle: Path, query: str, requests: Sequence[Any], folder: Path) -> list[Any]:
    """What a bundle says to requests, in order."""
    asked = folder / "all.json"
    asked.write_text(json.dumps(requests))
    each = f"[answer | some each in input; answer := {query} with input as each]"
    done = json.loads(opa("eval", "--bundle", bundle, "--input", asked, each))
    found = list(done["result"][0]["expressions"][0]["value"])
    assert len(found) == len(requests)
    return found


def check(made: Case) -> None:
    """Make sure that all say what the interpreter says, to the last field, of all requests."""
    requests = made.load.requests
    decided = [interpreter.decide(made.policy, each).to_authzen() for each in requests]
    for (way, what), query in QUERIES.items():
        found = answers(made.bundles[way], query, requests, made.folder)
        wanted = decided if what == "decision" else [answer["decision"] for answer in decided]
        assert found == wanted, f"{what}, {way}, is wrong"


def opened() -> str:
    """Say how many broken requests each permits although the policy denies them."""
    with case(BROKEN_OF) as made:
        requests = made.load.requests[:BROKEN_FROM]
        broken = [each for request in requests for each in variants(made.policy, request)]
        denied = [each for each in broken if not interpreter.decide(made.policy, each).decision]
        counts = [
            f"{way} {sum(answers(made.bundles[way], QUERIES[way, 'allow'], denied, made.folder)):,}"
            for way in WAYS
        ]
    return (
        f"{len(denied):,} requests that the policy denies, with a field missing, exchanged or of"
        f" another type, at {BROKEN_OF:,} rules; permitted of them: {', '.join(counts)}."
    )


def chosen(made: Case) -> list[Any]:
    """Some requests that are permitted and some that are not, by turns."""
    sides: dict[bool, list[Any]] = {True: [], False: []}
    for each in made.load.requests:
        sides[interpreter.decide(made.policy, each).decision].append(each)
    return [sides[at % 2 == 0][at // 2] for at in range(REQUESTS)]


def seconds_of(bundle: Path, request: Path, query: str) -> list[float]:
    """Seconds of one evaluation, in each round."""
    printed = opa(
        *("bench", "--bundle", bundle, "--input", request, "--format", "gobench"),
        *("--count", ROUNDS, "--metrics=false", "--benchmem=false", query),
    )
    return [float(each) / 1e9 for each in re.findall(r"([0-9.]+) ns/op", printed)]


@dataclass(frozen=True)
class Case:
    """A workload of one size, compiled and written down."""

    load: Workload
    policy: ir.Policy
    folder: Path
    bundles: dict[str, Path]


@contextmanager
def case(size: int) -> Iterator[Case]:
    """Write the bundles of a workload into a folder that goes away, once they are found right."""
    load = workload(size)
    policy = compile_sources([Source(name, text) for name, text in load.files.items()]).policy
    assert policy is not None
    files = {
        "agpc": bundle_of(TARGET.emit(policy, Options()).files),
        "careful": by_hand(load, careful=True),
        "trusting": by_hand(load, careful=False),
    }
    with tempfile.TemporaryDirectory() as name:
        made = Case(load, policy, Path(name), {way: Path(name) / way for way in WAYS})
        for way in WAYS:
            write(files[way], made.bundles[way])
        check(made)
        yield made


def measure(size: int) -> dict[tuple[str, str], float]:
    """The median seconds of a decision, by who wrote the policy and what is asked."""
    times: dict[tuple[str, str], list[float]] = {each: [] for each in QUERIES}
    with case(size) as made:
        for request in chosen(made):
            asked = made.folder / "request.json"
            asked.write_text(json.dumps(request))
            for (way, what), query in QUERIES.items():
                times[way, what].extend(seconds_of(made.bundles[way], asked, query))
    return {each: statistics.median(found) for each, found in times.items()}


def report(sizes: Sequence[int] = SIZES) -> str:
    """A row for each size; in brackets how many times as long as agpc's."""
    found = {size: measure(size) for size in sizes}
    rows = [
        (
            f"{size:,}",
            *(
                time_text(seconds)
                + ("" if way == "agpc" else f" ({seconds / times['agpc', what]:.1f}×)")
                for (way, what), seconds in times.items()
            ),
        )
        for size, times in found.items()
    ]
    growth = {each: found[sizes[-1]][each] / found[sizes[0]][each] for each in QUERIES}
    flat = "; ".join(f"`{what}`, {way}: {times:.2f}" for (way, what), times in growth.items())
    shown = table(("rules", *(f"`{what}`, {way}" for way, what in QUERIES)), rows)
    closing = f"From {sizes[0]:,} to {sizes[-1]:,} rules a decision takes this many times as long"
    return f"{shown}\n\n{closing}: {flat}.\n\n{opened()}"


def page() -> str:
    """The table with what it was measured with, as Markdown."""
    version = re.search(r"Version: (\S+)", opa("version"))
    assert version is not None
    return "\n".join(
        [
            "# Rego on OPA\n",
            (
                f"Medians, all of one run of `make bench-rego` on {date.today()}. In brackets: times as"
                " long as agpc's."
            ),
            (
                f"OPA {version[1]}, {platform.machine()}, `opa bench`, {REQUESTS} requests of each size,"
                f" half of them permitted; agpc {package_version('agpc')}.\n"
            ),
            report(),
            NOTES,
        ]
    )
