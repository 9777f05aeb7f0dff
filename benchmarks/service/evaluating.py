"""Evaluations over HTTP, beside an OPA server with the same policy, asked by the same client in alternating rounds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from measured import Rounds, about, rounds
from servers import Server, opa, rego_of, service
from tables import table
from workloads import evaluations, write_rules

RULES = 100
CONNECTIONS = (2, 16, 64)
SIZES = (10, 100, 1_000, 10_000)
HEADS = ("connections", "who", "requests/s", "p50", "p99", "CPU per request")


@dataclass
class Beside:
    """OPA, and the service with one process and with two, on the same rules."""

    servers: dict[str, tuple[Server, str, Path]]
    expected: float


@contextmanager
def beside(rules: int, workers: Sequence[int]) -> Iterator[Beside]:
    with tempfile.TemporaryDirectory(prefix="agpc-bench-") as name:
        folder = Path(name)
        policies = write_rules(rules, folder)
        store = f"sqlite:///{folder}/agpc.db"
        with ExitStack() as stack:
            theirs = stack.enter_context(opa(rego_of(policies, folder), folder))
            own = {
                named(each): stack.enter_context(service(policies, store, folder, workers=each))
                for each in workers
            }
            ours, for_opa, expected = evaluations(rules, own[named(1)], theirs, folder)
            servers = {"OPA": (theirs, "/v1/data/agp/decision", for_opa)}
            servers |= {who: (each, "/access/v1/evaluation", ours) for who, each in own.items()}
            yield Beside(servers, expected)


def named(workers: int) -> str:
    return "agpc" if workers == 1 else f"agpc, {workers} workers"


def measured(made: Beside, connections: int) -> Rounds:
    """Ask all of them by turns."""
    return rounds(made.servers, connections)


def report() -> str:
    """Compare at each number of connections."""
    rows: list[tuple[str, ...]] = []
    ratios = []
    with beside(RULES, (1, 2)) as made:
        for connections in CONNECTIONS:
            found = measured(made, connections)
            rows += [(f"{connections}", *cells) for cells in about(found)]
            ratios.append(ratio(found, connections))
    return "\n\n".join([f"{RULES} rules; {made_of(made)}", table(HEADS, rows), "\n".join(ratios)])


def growing() -> str:
    """Compare with few rules and with many."""
    rows: list[tuple[str, ...]] = []
    for rules in SIZES:
        with beside(rules, (1,)) as made:
            rows += [(f"{rules:,}", *cells) for cells in about(measured(made, 16))]
    return table(("rules", *HEADS[1:]), rows)


def made_of(made: Beside) -> str:
    return (
        "both ask for a token, and write a decision log; asked one by one they gave the same decisions, of which "
        f"{made.expected:.0%} are permits."
    )


def ratio(found: Rounds, connections: int) -> str:
    """How many times the requests of OPA, round by round."""
    said = []
    for who in (named(1), named(2)):
        pairs = zip(found[who], found["OPA"], strict=True)
        times = sorted(ours.rate / theirs.rate for ours, theirs in pairs)
        tails = sorted(
            ours.p99 / theirs.p99 for ours, theirs in zip(found[who], found["OPA"], strict=True)
        )
        said.append(
            f"{who}: {times[len(times) // 2]:.1f} times OPA's requests ({times[0]:.1f} to {times[-1]:.1f}), "
            f"p99 {tails[len(tails) // 2]:.2f} of OPA's"
        )
    return f"- {connections} connections: {'; '.join(said)}."
