"""A process is killed at one statement after another of a short script, and goes on as if nobody had killed it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from . import invariants
from .forked import Client
from .worker import read_all

SCRIPTS = [("short", "o-1")]


def go_through(urls: Iterator[str], folder: Path, step: int = 1) -> int:
    """Kill it at each of its statements, or at one of so many, on an empty store each time; give how many it has.

    What it has left is whole, and so is what it comes to when it is started again.
    """
    number, status = 0, -signal.SIGKILL
    told = None
    with closing(Client()) as client:
        while status == -signal.SIGKILL:
            number += step
            url, own = next(urls), folder / str(number)
            own.mkdir()
            status = client.run(url, own / "client.got", SCRIPTS, kill_at=number)
            got = read_all(own)
            if got:
                invariants.check(url, got)
            assert client.run(url, own / "client.got", SCRIPTS) == 0
            after = read_all(own)
            assert {key: after[key] for key in got} == got
            bodies = invariants.check(url, after)
            happened = [(each["event"], each.get("effect")) for each in bodies]
            assert told in (None, happened)  # as if nobody had been killed
            told = happened
    assert status == 0
    return number - step
