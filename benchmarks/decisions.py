"""The time of a decision, as the policy grows, beside other engines on the same rules."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

from generated import generated_package
from peers import PEERS, Ask
from tables import seconds_of, table, time_text
from workload import Workload, workload

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source

SIZES = (10, 100, 1_000, 10_000, 100_000)
MOST_FOR_PEERS = 10_000  # rules
OURS, FIRST = "agpc", "agpc, first time"
ROUNDS = 7
BUDGET = 1.0  # seconds for one engine's requests in a round; the slow ones get fewer requests
LEAST = 0.05  # seconds of a round; the fast ones get their requests several times


def ours(load: Workload) -> tuple[Ask, list[Any]]:
    """The generated package, which gives whole decisions."""
    sources = [Source(name, text) for name, text in load.files.items()]
    policy = compile_sources(sources).policy
    assert policy is not None
    decide = generated_package(policy).decide

    def ask(requests: list[Any]) -> list[bool]:
        return [decide(each).decision for each in requests]

    return ask, list(load.requests)


def measure(size: int) -> dict[str, list[float]]:
    """Seconds of a decision by engine, a figure of each round; all have given the same answers.

    The first time that a capability, an agent and an intent meet, agpc looks their rules up; that
    has a figure of its own.
    """
    load = workload(size)
    engines: dict[str, Callable[[Workload], tuple[Ask, list[Any]]]] = {OURS: ours}
    if size <= MOST_FOR_PEERS:
        engines |= PEERS
    asks: dict[str, tuple[Ask, list[Any], int]] = {}
    times: dict[str, list[float]] = {name: [] for name in (OURS, FIRST, *engines)}
    expected: list[bool] = []
    for name, make in engines.items():
        ask, requests = make(load)
        if name == OURS:
            cold = seconds_of(lambda ask=ask, requests=requests: ask(requests))  # type: ignore[misc]
            times[FIRST].append(cold / len(requests))
        warm = seconds_of(lambda ask=ask, requests=requests: ask(requests[:2])) / 2  # type: ignore[misc]
        chosen = requests[: max(10, int(BUDGET / warm))]
        answers = ask(chosen)
        if not expected:
            expected = answers
            assert len(set(expected)) == 2, "the requests are all alike"
        wrong = [at for at, answer in enumerate(answers) if answer is not expected[at]]
        assert not wrong, f"{name} does not agree on requests {wrong}"
        asks[name] = (ask, chosen, max(1, int(LEAST / warm / len(chosen))))
    for _ in range(ROUNDS):
        for name, (ask, chosen, repeat) in asks.items():
            taken = seconds_of(lambda: [ask(chosen) for _ in range(repeat)])  # noqa: B023
            times[name].append(taken / repeat / len(chosen))
    return times


def report() -> str:
    """The medians, then the best rounds; a row for each size."""
    found = {size: measure(size) for size in SIZES}
    medians = {size: _each(statistics.median, times) for size, times in found.items()}
    best = {size: _each(min, times) for size, times in found.items()}
    slowest = {size: _each(max, times) for size, times in found.items()}
    heads = ("rules", *found[SIZES[0]])

    def rows(text: Callable[[int, str], str]) -> list[tuple[str, ...]]:
        return [
            (f"{size:,}", *(text(size, name) if name in found[size] else "" for name in heads[1:]))
            for size in SIZES
        ]

    def median_text(size: int, name: str) -> str:
        seconds = medians[size][name]
        times = f" ({seconds / medians[size][OURS]:,.0f}×)"
        return time_text(seconds) + ("" if name in (OURS, FIRST) else times)

    def best_text(size: int, name: str) -> str:
        spread = slowest[size][name] / best[size][name] - 1
        return time_text(best[size][name]) + ("" if name == FIRST else f" (+{spread:.0%})")

    growth = best[SIZES[-1]][OURS] / best[SIZES[0]][OURS]
    return "\n\n".join(
        [
            f"Medians of {ROUNDS} rounds; in brackets how many times as long as agpc's.",
            table(heads, rows(median_text)),
            "The best of these rounds; in brackets how much longer the slowest took.",
            table(heads, rows(best_text)),
            f"From {SIZES[0]} to {SIZES[-1]:,} rules agpc's decision takes {growth:.2f} times as long.",
            NOTES,
        ]
    )


def _each(
    figure: Callable[[list[float]], float], times: dict[str, list[float]]
) -> dict[str, float]:
    return {name: figure(rounds) for name, rounds in times.items()}


NOTES = (
    "The same rules and requests for all, with the same answers. agpc's are whole decisions of the"
    " generated package, the others' yes or no. cedarpy has a parsed policy set and parsed"
    " entities (and, in a batch, one call for all requests). *By action* its host has grouped the"
    " policies by action beforehand and passes those of the call; *by action and agent* it passes only those"
    " that are about the agent or its team as well, and their entities alone. regopy has a bundle compiled once"
    " with a rule for each rule, vakt policies in memory under its rules checker."
)
