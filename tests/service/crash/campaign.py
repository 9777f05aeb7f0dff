"""The crash campaign: several processes on one store are killed at random moments, and so is the database; one, at each statement.

`make crash` runs it at length and writes docs/service/crash-results.md; a short run is a test. What is killed when is up
to the machine, so that no two runs are alike.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from .. import postgres
from . import invariants
from .boundaries import go_through
from .forked import Client
from .worker import Script, read_all

PAGE = Path(__file__).parents[3] / "docs" / "service" / "crash-results.md"
CLIENTS, SCRIPTS = 4, 3
LONGEST = 0.4  # seconds from the start of a process to its end
LIVES = 12  # of a process, after which nobody kills it any more


@dataclass(slots=True)
class Campaign:
    """What happened."""

    rounds: int = 0
    kills: int = 0
    crashes: int = 0
    """Of the database."""
    answers: int = 0
    events: Counter[str] = field(default_factory=Counter)


@contextmanager
def clients() -> Iterator[list[Client]]:
    """The processes, which go from round to round."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Client())) for _ in range(CLIENTS)]


def round_of(
    campaign: Campaign,
    processes: Sequence[Client],
    url: str,
    folder: Path,
    random: Random,
    crash: Callable[[], None] | None,
) -> None:
    """Have processes do scripts on one empty store, kill them, and see what is left."""

    def client(number: int, dice: Random) -> int:
        """Give how often it was killed."""
        scripts: list[Script] = [(f"{number}.{each}", f"o-{each % 2}") for each in range(SCRIPTS)]
        for life in range(LIVES):
            after = dice.uniform(0, LONGEST) if life < LIVES - 1 else None
            own = folder / f"{number}.got"
            status = processes[number].run(url, own, scripts, kill_after=after)
            if status != -signal.SIGKILL:
                break
        assert status == 0, f"client {number} failed"
        return life

    with ThreadPoolExecutor(CLIENTS) as pool:
        started = [
            pool.submit(client, number, Random(random.random())) for number in range(CLIENTS)
        ]
        while crash is not None and not all(each.done() for each in started):
            time.sleep(random.uniform(0.2, 1))
            crash()
            campaign.crashes += 1
        campaign.kills += sum(each.result() for each in started)
    got = read_all(folder)
    bodies = invariants.check(url, got)
    campaign.rounds += 1
    campaign.answers += len(got)
    campaign.events.update(each["event"] for each in bodies)


def run(
    processes: Sequence[Client],
    urls: Iterator[str],
    going_on: Callable[[], bool],
    random: Random,
    crash: Callable[[], None] | None = None,
) -> Campaign:
    """Go through rounds, as long as it goes on, of which each has a store of its own."""
    campaign = Campaign()
    for url in urls:
        with tempfile.TemporaryDirectory() as folder:
            round_of(campaign, processes, url, Path(folder), random, crash)
        if not going_on():
            return campaign
    return campaign


def crashing(cluster: postgres.Cluster) -> Callable[[], None]:
    """Crash a PostgreSQL, and start it again."""

    def crash() -> None:
        cluster.stop(signal.SIGQUIT)
        cluster.start()

    return crash


def files(folder: Path) -> Iterator[str]:
    """Stores in files, one after the other."""
    number = 0
    while True:
        number += 1
        yield f"sqlite:///{folder}/{number}.db"


def databases(cluster: postgres.Cluster) -> Iterator[str]:
    """Stores in a database that is emptied each time."""
    url = cluster.create_database()
    while True:
        yield postgres.emptied(url)


def main() -> None:
    """Run it and print what happened, or write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="for each kind of store")
    parser.add_argument("--write", action="store_true", help="write the page")
    given = parser.parse_args()
    found: dict[str, Campaign] = {}
    statements: dict[str, int] = {}

    def for_a_while() -> Callable[[], bool]:
        until = time.monotonic() + given.seconds
        return lambda: time.monotonic() < until

    with ExitStack() as stack:
        processes = stack.enter_context(clients())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        name = f"SQLite {sqlite3.sqlite_version}, a file"
        found[name] = run(processes, files(folder), for_a_while(), Random())
        (folder / "file").mkdir()
        statements[name] = go_through(files(folder / "file"), folder / "file")
        reason = postgres.why_not()
        if reason is not None:
            print(reason, file=sys.stderr)
        else:
            cluster = stack.enter_context(postgres.cluster())
            name = f"PostgreSQL {cluster.version()}"
            found[name] = run(processes, databases(cluster), for_a_while(), Random())
            (folder / "database").mkdir()
            statements[name] = go_through(databases(cluster), folder / "database")
            name += ", which crashes, too"
            crash = crashing(cluster)
            found[name] = run(processes, databases(cluster), for_a_while(), Random(), crash)
    text = page(found, statements, given.seconds)
    if given.write:
        PAGE.write_text(text, encoding="utf-8")
    print(text)


def page(found: dict[str, Campaign], statements: dict[str, int], seconds: float) -> str:
    """Tell what happened."""
    rows = [
        f"| {name} | {each.rounds:,} | {each.kills:,} | {each.crashes:,} | {each.answers:,} "
        f"| {each.events['call']:,} | {each.events.total():,} |"
        for name, each in found.items()
    ]
    today = datetime.datetime.now(datetime.UTC).date()
    table = "\n".join(rows)
    scripts = " and ".join(f"{number} ({name})" for name, number in statements.items())
    return f"""\
# Crashes: a recorded run

Written by `make crash` on {today}, with Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores; {seconds:.0f} seconds for each store.

In each round {CLIENTS} processes share an empty store. Each starts {SCRIPTS} tasks at the same time, and does some sixteen operations in each:
payments of two orders under one limit, mails under another, results, withdrawals, ends. A process is killed with `SIGKILL`
after at most {LONGEST:.1f} seconds, and started again up to {LIVES - 1} times; it repeats by its key what it has no answer to. In the last line the
server of the database is stopped with `SIGQUIT` again and again, which it recovers from as from a crash.

| store | rounds | processes killed | databases crashed | answers that were got | calls decided | events |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
{table}

Besides, one process was killed at each of the statements of a short script, of which there were {scripts}, and each time it
went on as if nobody had killed it.

After each round all of this held: each answer that a client got tells of an event of the trail, and of one alone; no permit
lacks its event; no limit is exceeded, counted by hand; the root of the tree, hashed anew from the entries, is that of the head;
the tables say what the trail says; and every meter and source that a call was decided with is what the reference
function says of the record before it. A kill leaves what the operating system has been given; it does not pull the plug of
a disk: there we rely on `synchronous = FULL` and on `fsync`, which are on.
"""


if __name__ == "__main__":
    main()
