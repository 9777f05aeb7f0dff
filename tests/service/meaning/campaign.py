"""The campaign of meaning: random policies and lives on real cores, of which every decision is made again by the reference.

`make meaning` runs it at length and writes docs/service/meaning-results.md; a short run is a test. What is drawn is up to a
seed; which of the operations that are asked at once comes first is up to the machine.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random, randrange
from typing import Any, cast

import pytest
from generators.values import Draw
from hypothesis.internal.conjecture.data import ConjectureData

from agpc.service.facts import adopt, cells, tidy

from .. import postgres
from ..crash.campaign import databases, files
from .judge import OPEN, check
from .life import LONGEST, live

PAGE = Path(__file__).parents[3] / "docs" / "service" / "meaning-results.md"


def life(url: str, number: int) -> Counter[str]:
    """Live the life of a number on an empty store; give what was looked at."""
    random = Random(number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adopt, "MOST_EVENTS", random.choice((12, adopt.MOST_EVENTS)))
        patch.setattr(cells, "AHEAD", 2)
        patch.setattr(tidy, "CELLS", 2)
        lived = live(url, drawing(random), patch)
    try:
        found = check(url, lived)
    except AssertionError:
        print(*lived.texts, *lived.told.values(), f"life {number}", sep="\n", file=sys.stderr)
        raise
    found.update(
        lives=1, restarts=lived.restarts, policies=len(lived.texts), problems=lived.problems
    )
    return found


def drawing(random: Random) -> Draw:
    """Draw by one source of chance. Hypothesis would want the same to happen whenever it draws the same; here threads race."""

    def draw(strategy: Any) -> Any:
        return ConjectureData(random=random).draw(strategy)

    return cast("Draw", draw)


def run(urls: Iterator[str], going_on: Callable[[], bool], first: int) -> Counter[str]:
    """Live one life after the other."""
    found: Counter[str] = Counter()
    for number, url in zip(itertools.count(first), urls, strict=False):
        found.update(life(url, number))
        if not going_on():
            break
    return found


def main() -> None:
    """Run it and print what happened, or write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=450, help="for each kind of store")
    parser.add_argument("--seed", type=int, default=randrange(10**6))
    parser.add_argument("--write", action="store_true", help="write the page")
    given_ = parser.parse_args()
    found: dict[str, Counter[str]] = {}

    def for_a_while() -> Callable[[], bool]:
        until = time.monotonic() + given_.seconds
        return lambda: time.monotonic() < until

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        name = f"SQLite {sqlite3.sqlite_version}, a file"
        found[name] = run(files(folder), for_a_while(), given_.seed)
        reason = postgres.why_not()
        if reason is not None:
            print(reason, file=sys.stderr)
        else:
            cluster = stack.enter_context(postgres.cluster(fsync=False))
            found[f"PostgreSQL {cluster.version()}"] = run(
                databases(cluster), for_a_while(), given_.seed
            )
    text = page(found, given_.seconds)
    if given_.write:
        PAGE.write_text(text, encoding="utf-8")
    print(text, end="")
    sys.exit(any(each["failed"] for each in found.values()))


def page(found: dict[str, Counter[str]], seconds: float) -> str:
    """Tell what happened."""
    rows = [
        f"| {name} | {each['lives']:,} | {each['policies']:,} | {each['task']:,} | {each['call permit']:,} "
        f"| {each['call challenge']:,} | {each['call deny']:,} "
        f"| {sum(each[f'evaluation {effect}'] for effect in OPEN):,} | {each['facts']:,} | {each['stricter']:,} |"
        for name, each in found.items()
    ]
    today = datetime.datetime.now(datetime.UTC).date()
    table = "\n".join(rows)
    return f"""\
# Meaning: a recorded run

Written by `make meaning` on {today}, with Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores; {seconds:.0f} seconds for each store.

In each life one to three cores, each with connections and memories of its own, share an empty store. Under a policy that is
drawn (meters of every aggregate and key, sources of every origin, `after`, chains of delegation, starts, windows, validity, evidence)
they are asked for up to {LONGEST} steps: tasks are started, inside one another too, and said something, and end; calls are made, at once,
again by the same key, with arguments that are as they are declared or not, with chains that the store contradicts; results are told;
cores are stopped and made anew; bounds are small; time goes on to where windows end; and other policies become active in the midst of it.

| store | lives | policies | tasks | permits | challenges | denials | evaluations | facts | stricter |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{table}

Of each life the trail was read again. The task, the person and the chain of each request are what the trail says of them. The reference
interpreter gives the effect that was recorded for the request as it was recorded; and for the request with the facts that the reference
function gives for the record before it, an effect that is no less open. Where it is more open (the last column), the policy had changed, or nothing
goes on in a run: facts are unknown there. Each fact of a request is that of the reference. What was asked without a record is held against
the same. Each key gave one answer. The offline verifier finds nothing wrong, and proves what keeps its values.
"""


if __name__ == "__main__":
    main()
