"""The time of a decision, as the policy grows, beside other engines on the same rules."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

from generated import generated_package
from peers import PEERS, Ask
from tables import seconds_of, table, time_text
from workload import Workload, workload

from agpc.compiler.check.compile import compile_sources
from agpc.compiler.report.source import Source

SIZES = (10, 100, 1_000, 10_000)
OURS = "agpc"
ROUNDS = 7
BUDGET = 1.0  # seconds for one engine's requests in a round; the slow ones get fewer requests


def ours(load: Workload) -> tuple[Ask, list[Any]]:
    """The generated package, which gives whole decisions."""
    sources = [Source(name, text) for name, text in load.files.items()]
    policy = compile_sources(sources).policy
    assert policy is not None
    decide = generated_package(policy).decide

    def ask(requests: list[Any]) -> list[bool]:
        return [decide(each).decision for each in requests]

    return ask, list(load.requests)


FIRST = "agpc, first time"


def measure(size: int) -> dict[str, float]:
    """Seconds of a decision by engine; all have given the same answers.

    The first time that a capability, an agent and an intent meet, agpc looks their rules up; that
    has a figure of its own.
    """
    load = workload(size)
    engines: dict[str, Callable[[Workload], tuple[Ask, list[Any]]]] = {OURS: ours, **PEERS}
    asks: dict[str, tuple[Ask, list[Any]]] = {}
    cold = 0.0
    expected: list[bool] = []
    for name, make in engines.items():
        ask, requests = make(load)
        if name == OURS:
            cold = seconds_of(lambda ask=ask, requests=requests: ask(requests)) / len(requests)  # type: ignore[misc]
        first = seconds_of(lambda ask=ask, requests=requests: ask(requests[:2])) / 2  # type: ignore[misc]
        chosen = requests[: max(10, int(BUDGET / first))]
        answers = ask(chosen)
        if not expected:
            expected = answers
            assert len(set(expected)) == 2, "the requests are all alike"
        wrong = [at for at, answer in enumerate(answers) if answer is not expected[at]]
        assert not wrong, f"{name} does not agree on requests {wrong}"
        asks[name] = (ask, chosen)
    times: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(ROUNDS if size < 5_000 else 3):
        for name, (ask, chosen) in asks.items():
            repeat = 20 if name == OURS else 1
            taken = seconds_of(lambda: [ask(chosen) for _ in range(repeat)])  # noqa: B023
            times[name].append(taken / repeat / len(chosen))
    medians = {name: statistics.median(found) for name, found in times.items()}
    return {OURS: medians.pop(OURS), FIRST: cold, **medians}


def report() -> str:
    """A row for each size; in brackets how many times as long as agpc's."""
    found = {size: measure(size) for size in SIZES}
    rows = [
        (
            f"{size:,}",
            *(
                time_text(seconds)
                + ("" if name in (OURS, FIRST) else f" ({seconds / times[OURS]:,.0f}×)")
                for name, seconds in times.items()
            ),
        )
        for size, times in found.items()
    ]
    growth = found[SIZES[-1]][OURS] / found[SIZES[0]][OURS]
    notes = (
        "The same rules and requests for all, with the same answers. agpc's are whole decisions of the"
        " generated package, the others' yes or no. cedarpy has a parsed policy set and parsed"
        " entities (and, in a batch, one call for all requests), regopy a bundle compiled once with a"
        " rule for each rule, vakt policies in memory under its rules checker."
    )
    closing = (
        f"From {SIZES[0]} to {SIZES[-1]:,} rules agpc's decision takes {growth:.2f} times as long."
    )
    return table(("rules", *found[SIZES[0]]), rows) + f"\n\n{closing}\n\n{notes}"
