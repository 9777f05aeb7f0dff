"""The PostgreSQL of the tests is real, runs once, and is gone with those that use it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from . import postgres

USER = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import postgres
with postgres.shared(Path(sys.argv[2]), fsync=False) as cluster:
    print(cluster.directory, flush=True)
    time.sleep(60)
"""


def test_each_database_is_fresh_and_its_owner_is_no_superuser(
    shared_cluster: postgres.Cluster,
) -> None:
    one, other = shared_cluster.create_database(), shared_cluster.create_database()
    for url in (one, other):
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE here (number int)")
            superuser = connection.execute("SELECT current_setting('is_superuser')").fetchone()
            waits = connection.execute("SHOW fsync").fetchone()
        assert superuser == ("off",)
        assert waits == ("on" if postgres.fsync_wanted() else "off",)


def test_it_comes_back_with_what_it_had(own_cluster: postgres.Cluster) -> None:
    url = own_cluster.create_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE here AS SELECT 7 AS number")
    own_cluster.stop(signal.SIGQUIT)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    own_cluster.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT number FROM here").fetchone() == (7,)


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_it_ends_with_the_last_that_uses_it_however_that_ends(
    how: str, has_postgres: None, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", USER, str(Path(__file__).parent), str(tmp_path)]
    users = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [user.stdout.readline().strip() for user in users if user.stdout]
    directory = Path(told[0])
    assert told == [str(directory)] * 2
    server = int((directory / "data" / "postmaster.pid").read_text("utf-8").split()[0])
    for user in users:
        assert directory.exists()
        os.kill(server, 0)
        user.send_signal(signal.Signals[how])
        user.communicate()
    until = time.monotonic() + postgres.PATIENCE
    while directory.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not directory.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
