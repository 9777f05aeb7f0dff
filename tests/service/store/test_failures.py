"""When a store fails, what was being done never was; and it goes on by itself once the store is back."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from agpc.service.store import ClockBehind, Event, Request, Store, StoreError, Task
from agpc.service.store import postgres as postgres_store
from agpc.service.store import sqlite as sqlite_store

from .. import postgres
from .filled import put_event, say, told


def asked(id: str, state: str = "pending", agent: str = "a") -> Request:
    """A row."""
    asks = dict.fromkeys(("digest", "task", "capability", "policy", "asks"), "{}")
    return Request(
        id=id, call=1, agent=agent, state=state, asked_for=None,
        asked=0, expires=1, answered=None, message=None, **asks,
    )  # fmt: skip


class Stopped(Exception):
    """Comes from a statement, as whatever a driver may raise."""


def test_a_turn_that_does_not_end_well_never_was(store_url: str) -> None:
    with closing(Store(store_url)) as store:
        say(store, "one")
        with pytest.raises(Stopped), store.turn() as turn:
            put_event(turn, "never")
            turn.flush()
            raise Stopped
        say(store, "two")
        assert told(store) == ["one", "two"]


def test_a_turn_that_is_stopped_at_any_statement_is_whole_or_was_not(store_url: str) -> None:
    seen: list[str] = []
    stop_at = -1

    def hook(statement: str) -> None:
        seen.append(statement)
        if len(seen) == stop_at:
            raise Stopped

    with closing(Store(store_url, hook=hook)) as store:
        seen.clear()
        say(store, "first")
        statements = list(seen)
        assert statements[-2:] == ["commit", "committed"]
        for number, statement in enumerate(statements, start=1):
            stop_at = number
            seen.clear()
            with pytest.raises(Stopped):
                say(store, statement)
        stop_at = -1
        assert told(store) == ["first", "committed"]
        say(store, "last")
        assert told(store) == ["first", "committed", "last"]


def test_a_turn_of_another_is_noticed_even_if_it_left_no_event(store_url: str) -> None:
    with closing(Store(store_url)) as one, closing(Store(store_url)) as other:
        say(one, "first")
        with one.turn() as turn:
            assert turn.get(Request, "r") is None
        with other.turn() as turn:
            turn.add(asked("r"))
        with one.turn() as turn:
            found = turn.get(Request, "r")
        assert found is not None and found.state == "pending"


def test_a_clock_that_is_behind_stops_and_one_that_is_right_again_goes_on(store_url: str) -> None:
    now = [10**18]
    with closing(Store(store_url, clock=lambda: now[0])) as store:
        say(store, "one")
        now[0] -= 2 * 10**9
        with pytest.raises(ClockBehind):
            say(store, "never")
        now[0] += 2 * 10**9
        say(store, "two")
        with store.reading() as reading:
            times = [each.time for each in reading.find(Event, "TRUE ORDER BY seq")]
        assert times == sorted(set(times))


@pytest.mark.parametrize("rows", [1, 2, 50])
@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_statement_that_fails_takes_its_whole_turn_with_it(
    rows: int, before: int, store_url: str
) -> None:
    with closing(Store(store_url)) as store:
        say(store, "one")
        with store.turn() as turn:
            turn.add(asked("there"))
        with pytest.raises(StoreError), store.turn() as turn:
            for number in range(before):
                turn.write("UPDATE head SET time = time + ?", [(number,)] * rows)
            put_event(turn, "never")
            for number in range(rows - 1):
                turn.add(asked(f"never {number}"))
            turn.add(asked("there", "never"))
        with pytest.raises(StoreError), store.turn() as turn:
            put_event(turn, "never")
            turn.write("INSERT INTO version VALUES (?)", [(1,)] * rows)
            turn.write("UPDATE head SET time = time + ?", [(1,)] * rows)
        with store.reading() as reading:
            found = reading.find(Request, "TRUE")
        assert [(each.id, each.state) for each in found] == [("there", "pending")]
        say(store, "two")
        assert told(store) == ["one", "two"]


def test_a_commit_that_is_a_rollback_is_no_commit(postgres_url: str) -> None:
    with closing(Store(postgres_url)) as store:
        with pytest.raises(StoreError, match="did not keep the turn"), store.turn() as turn:
            put_event(turn, "never")
            turn.flush()
            turn.select("SELECT 1")
            connection = turn._connection
            with pytest.raises(psycopg.Error):
                connection._base.execute("SELECT 1 / 0")  # type: ignore[attr-defined]
            connection._execute = lambda sql: connection._base.execute(sql)  # type: ignore[attr-defined]
            connection.write = lambda sql, rows: None  # type: ignore[method-assign]
        say(store, "one")
        assert told(store) == ["one"]


def test_turns_see_each_other_whatever_the_database_does_by_itself(
    shared_cluster: postgres.Cluster,
) -> None:
    url = shared_cluster.create_database()
    name = url.partition("@/")[2].partition("?")[0]
    for setting in ("isolation = 'serializable'", "read_only = on"):
        shared_cluster.command(f"ALTER DATABASE {name} SET default_transaction_{setting}")
    with closing(Store(url)) as one, closing(Store(url)) as other, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda store: [say(store, "x") for _ in range(40)], [one, other]))
        assert len(told(one)) == 80


# --- Locked ---------------------------------------------------------------------------------------


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Hold the right to write, as somebody who hangs in a turn."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as base:
            base.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(url) as connection:
            connection.execute(f"SELECT pg_advisory_xact_lock({postgres_store.LOCK})".encode())
            yield


def test_a_store_that_is_locked_is_waited_for_and_then_refused(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_store, "WAIT", 0.05)
    monkeypatch.setitem(postgres_store.SESSION, "lock_timeout", 50)
    with closing(Store(store_url)) as store:
        say(store, "one")
        with locked(store_url):
            with pytest.raises(StoreError):
                say(store, "never")
            assert told(store) == ["one"]  # who reads does not wait
        say(store, "two")
        assert told(store) == ["one", "two"]


def test_who_hangs_in_a_turn_of_postgres_loses_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres_store.SESSION, "idle_in_transaction_session_timeout", 50)
    with closing(Store(postgres_url)) as hanging, closing(Store(postgres_url)) as other:
        with pytest.raises(StoreError), hanging.turn() as turn:
            say(other, "one")  # waits until the first one has lost its turn
            put_event(turn, "never")
        say(hanging, "two")
        assert told(other) == ["one", "two"]


# --- Gone -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["SIGINT", "SIGQUIT"])
def test_postgres_that_was_away_is_used_again_at_the_first_try(
    how: str, own_cluster: postgres.Cluster
) -> None:
    with closing(Store(own_cluster.create_database())) as store:
        say(store, "one")
        assert told(store) == ["one"]
        own_cluster.stop(signal.Signals[how])
        for _ in range(2):
            with pytest.raises(StoreError):
                say(store, "never")
            with pytest.raises(StoreError):
                told(store)
        own_cluster.start()
        say(store, "two")
        assert told(store) == ["one", "two"]
        own_cluster.stop(signal.Signals[how])
        own_cluster.start()  # it was away, and nobody noticed
        assert told(store) == ["one", "two"]
        say(store, "three")
        assert told(store) == ["one", "two", "three"]


def test_postgres_that_goes_away_in_a_turn_forgets_it(own_cluster: postgres.Cluster) -> None:
    with closing(Store(own_cluster.create_database())) as store:
        with pytest.raises(StoreError), store.turn() as turn:
            put_event(turn, "never")
            turn.flush()
            own_cluster.stop(signal.SIGQUIT)
        own_cluster.start()
        say(store, "one")
        assert told(store) == ["one"]


def test_a_file_that_was_removed_is_not_written_any_longer_nor_made_anew(tmp_path: Path) -> None:
    path, away = tmp_path / "agpc.db", tmp_path / "away"
    with closing(Store(f"sqlite:///{path}")) as store:
        say(store, "one")
        away.mkdir()
        for each in tmp_path.glob("agpc.db*"):
            each.rename(away / each.name)
        for _ in range(2):
            with pytest.raises(StoreError):
                say(store, "never")
            with pytest.raises(StoreError):
                told(store)
        assert not path.exists()
        for each in away.glob("agpc.db*"):
            each.rename(tmp_path / each.name)
        say(store, "two")
        assert told(store) == ["one", "two"]


def test_a_file_that_came_in_place_of_another_is_looked_at_anew(tmp_path: Path) -> None:
    path, other = tmp_path / "agpc.db", tmp_path / "other.db"
    for each in (other, path):
        with closing(Store(f"sqlite:///{each}")) as store, store.turn() as turn:
            turn.add(asked("r", agent=each.stem))
    with closing(Store(f"sqlite:///{other}")) as store:
        say(store, "as many turns, so that it is no older copy")
    with closing(Store(f"sqlite:///{path}")) as store:
        with store.turn() as turn:
            found = turn.get(Request, "r")
        assert found is not None and found.agent == "agpc"
        for each in tmp_path.glob("agpc.db-*"):
            each.unlink()
        other.rename(path)
        with pytest.raises(StoreError):
            say(store, "never")
        with store.turn() as turn:
            found = turn.get(Request, "r")
        assert found is not None and found.agent == "other"


# --- Full -----------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 48 MB, if one may be had."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "agpc", folder], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("no disk of one's own here: mounting one is not allowed")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Leave no room on a disk."""
    path = folder / "ballast"
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return path


def test_a_full_disk_refuses_and_one_with_room_goes_on_in_sqlite(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        check_a_full_disk(f"sqlite:///{disk}/agpc.db", disk)


def test_a_full_disk_refuses_and_one_with_room_goes_on_in_postgres(
    own_cluster: postgres.Cluster,
) -> None:
    with small_disk(own_cluster.directory / "disk") as disk:
        try:
            check_a_full_disk(own_cluster.create_database_in(disk / "tables"), disk)
        finally:
            own_cluster.stop()


def check_a_full_disk(url: str, disk: Path) -> None:
    long = random.Random(7).randbytes(200_000).hex()  # which PostgreSQL cannot make smaller
    with closing(Store(url)) as store:
        say(store, "one")
        ballast = fill(disk)
        answered = ["one"]
        with pytest.raises(StoreError) as refused:
            for _ in range(200):  # there may be a little room in what is there
                say(store, long)
                answered.append(long)
        assert "full" in str(refused.value) or "53100" in str(refused.value)
        with pytest.raises(StoreError):
            say(store, long)
        assert told(store) == answered
        ballast.unlink()
        say(store, long)
        assert told(store) == [*answered, long]


def in_a_small_file(path: Path, ready: multiprocessing.connection.Connection) -> None:
    """Run into the size that a file of this process may have."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with closing(Store(f"sqlite:///{path}")) as store:
        say(store, "one")
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
        with pytest.raises(StoreError):
            say(store, "x" * 1_000_000)
        assert told(store) == ["one"]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        say(store, "two")
        assert told(store) == ["one", "two"]
    ready.send("done")


def test_a_quota_that_is_used_up_refuses_and_more_of_it_goes_on(tmp_path: Path) -> None:
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    process = spawning.Process(target=in_a_small_file, args=(tmp_path / "agpc.db", there))
    process.start()
    process.join()
    assert process.exitcode == 0 and here.recv() == "done"


@pytest.mark.parametrize("key", ["\0", "\ud800", "x\0y", 2**63, -(2**70), "", "x" * 100_000])
def test_what_no_database_can_keep_is_not_there(key: str | int, store_url: str) -> None:
    with closing(Store(store_url)) as store:
        with store.turn() as turn:
            say_so = put_event(turn, "one")
            cls = Event if isinstance(key, int) else Task
            assert turn.get(cls, key) is None
            turn.fetch(cls, [key, key])
        with store.reading() as reading:
            assert reading.get(cls, key) is None
        assert told(store) == ["one"] and say_so == 0


def test_a_value_that_cannot_be_kept_is_no_fault_of_the_store(store_url: str) -> None:
    with closing(Store(store_url)) as store:
        with pytest.raises(ValueError), store.turn() as turn:
            put_event(turn, "never")
            turn.add(asked("r", agent="\ud800"))
        with closing(Store(store_url)) as other, other.turn() as turn:
            put_event(turn, "one")
        assert told(store) == ["one"]


# --- Memory ---------------------------------------------------------------------------------------


def test_events_do_not_stay_in_memory(store_url: str) -> None:
    with closing(Store(store_url)) as store:
        for _ in range(3):
            with store.turn() as turn:
                seq = put_event(turn, "one")
                turn.add(asked(f"r{seq}"))
                assert turn.get(Event, seq) is not None
        assert {cls: len(rows) for cls, rows in store._rows.of.items()} == {Request: 3}


# --- Broken ---------------------------------------------------------------------------------------


def test_a_file_that_is_damaged_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "agpc.db"
    with closing(Store(f"sqlite:///{path}")) as store:
        for _ in range(50):
            say(store, "x" * 10_000)
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        file.seek(size // 3)
        file.write(b"\xff" * (size // 3))
    with closing(Store(f"sqlite:///{path}")) as store, pytest.raises(StoreError):
        told(store)


@pytest.mark.parametrize("content", [b"no database at all", b"x" * 4096, b"SQLite format 3\0"])
def test_a_file_that_is_none_is_refused_and_left_as_it_is(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "agpc.db"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        Store(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Store(f"sqlite:///{tmp_path}/nowhere/agpc.db")
    with pytest.raises(StoreError):
        Store(f"sqlite:///{tmp_path}/agpc.db", read_only=True)
    assert list(tmp_path.iterdir()) == []
    shutil.rmtree(tmp_path)
