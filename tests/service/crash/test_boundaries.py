"""A process is killed at one statement after another, and what it has left is whole each time."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from . import invariants
from .forked import Client
from .worker import read_all

SCRIPTS = [("short", "o-1")]


def test_a_process_that_is_killed_at_any_statement_leaves_no_half_and_goes_on(
    new_store_url: Callable[[], str], tmp_path: Path
) -> None:
    # every fifth statement of a file; every ninth of a database, where each try takes several times as long
    number, status = 0, -signal.SIGKILL
    step = 5 if new_store_url().startswith("sqlite") else 9
    told = None
    with closing(Client()) as client:
        while status == -signal.SIGKILL:
            number += step
            url, folder = new_store_url(), tmp_path / str(number)
            folder.mkdir()
            status = client.run(url, folder / "client.got", SCRIPTS, kill_at=number)
            got = read_all(folder)
            if got:
                invariants.check(url, got)
            assert client.run(url, folder / "client.got", SCRIPTS) == 0
            after = read_all(folder)
            assert {key: after[key] for key in got} == got
            bodies = invariants.check(url, after)
            happened = [(each["event"], each.get("effect")) for each in bodies]
            assert told in (None, happened)  # as if nobody had been killed
            told = happened
    assert status == 0 and number > 100
