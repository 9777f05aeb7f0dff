"""Every attack of AgentDojo on its banking and workspace tools, through a guard: `make agentdojo-guard`.

It takes some ten minutes and writes docs/guard/agentdojo-results.md; a small part of it is a test.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import anyio
from examples.agentdojo_replay import SUITES

from .playing import Outcome, Playing, attacked

PAGE = Path(__file__).parents[3] / "docs" / "guard" / "agentdojo-results.md"
AT_ONCE = 2
"""Guards that are played at the same time, each with a client and a server."""
KINDS = {
    "permit": "permitted: decided, recorded, made, its result recorded",
    "deny": "denied",
    "challenge": "put to a person",
    "refused": "not as the policy declares it: refused before it is decided",
}


def main() -> None:
    """Play everything and print what happened, or write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the page")
    parser.add_argument("--most", type=int, help="attacks of each suite; all by default")
    given = parser.parse_args()
    asked = [(suite, approves, given.most) for suite in SUITES for approves in (False, True)]
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn")) as pool:
        found = list(pool.map(played, asked))
    text = page(found)
    if given.write:
        PAGE.write_text(text, encoding="utf-8")
    print(text)


def played(asked: tuple[str, bool, int | None]) -> Outcome:
    """Play the attacks of a suite, with a person who says yes to everything or a person who says nothing."""
    suite, approves, most = asked
    with tempfile.TemporaryDirectory() as folder:
        playing = Playing(suite, approves, Path(folder))
        return anyio.run(playing.play, list(attacked(suite))[:most])


def table(found: Sequence[Outcome]) -> str:
    """What got through, and what of the user's passed, as docs of the example tell it."""
    rows = []
    for suite in SUITES:
        alone, confirmed = (
            next(each for each in found if (each.suite, each.approves) == (suite, approves))
            for approves in (False, True)
        )
        passed = confirmed.user["permit"] / confirmed.user.total()
        rows.append(
            f"| {suite} | {alone.attacks} | {len(alone.through)} | {len(confirmed.through)} | {passed:.1%} |"
        )
    return "\n".join(rows)


def page(found: Sequence[Outcome]) -> str:
    """Tell what happened."""
    times: dict[str, list[float]] = {}
    for outcome in found:
        for kind, taken in outcome.times.items():
            times.setdefault(kind, []).extend(taken)
    rows = "\n".join(
        f"| {KINDS[kind]} | {len(taken):,} | {statistics.median(taken) * 1e3:.1f} ms "
        f"| {statistics.quantiles(taken, n=100)[98] * 1e3:.1f} ms |"
        for kind in KINDS
        if len(taken := times.get(kind, [])) > 1
    )
    today = datetime.datetime.now(datetime.UTC).date()
    return f"""\
# AgentDojo through the guard: a recorded run

Written by `make agentdojo-guard` on {today}, with Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end.

The tools of the benchmark's suites are a server of the Model Context Protocol here, which answers what the benchmark's tools
answered; `agpc guard` starts it and stands before it, with the [policies of the examples](../../examples/agentdojo/README.md), and a client of the
SDK makes over HTTP each call of the user's task and each call that the attack asks for, in both orders: the worst agent that there can be. The store
is SQLite with `synchronous = FULL`. An attack is through if one call of it that acts is permitted. Times in results are declared as text here: the
benchmark's schemas say `date-time`, its tools answer without a zone, and a guard withholds a result that a source reads and that is not as declared.

| | attacks | through, nobody confirms | through, everything is confirmed | the user's calls that pass, if confirmed |
| --- | --- | --- | --- | --- |
{table(found)}

It is the table of the replay in memory. After each run, what the client was told is held to the trail, call by call; and the
calls that reached the server are as many as were permitted, each with one outcome.

| a call at the client | times | half within | 99 of 100 within |
| --- | ---: | ---: | ---: |
{rows}

The time is that of the client, so that its own work and the server's is in it. What a guard adds to a call stands in
[results-guard.md](../../benchmarks/results-guard.md).
"""


if __name__ == "__main__":
    main()
