"""Stores of other versions: a newer one is refused, and two that begin one do it once."""

from __future__ import annotations

import multiprocessing
from contextlib import closing
from pathlib import Path

import pytest

from agpc.service.store import Store, StoreError
from agpc.service.store.rows import Head, Row
from agpc.service.store.versions import migrations

from .filled import run_in, say, tables_of, told

NEWER = "INSERT INTO version VALUES (1000)"


def test_a_newer_store_is_refused_and_left_as_it_is(store_url: str) -> None:
    with closing(Store(store_url)) as store:
        say(store, "one")
    run_in(store_url, NEWER)
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"version 1000, .* install a newer one"):
            Store(store_url, read_only=read_only)
    assert run_in(store_url, "SELECT seq FROM head") == [(1,)]


def test_a_store_that_was_brought_forward_meanwhile_is_refused(store_url: str) -> None:
    with closing(Store(store_url)) as store:
        say(store, "one")
        assert told(store) == ["one"]
        run_in(store_url, NEWER)
        with pytest.raises(StoreError, match="version 1000"):
            say(store, "never")
        with pytest.raises(StoreError, match="version 1000"):
            told(store)
        run_in(store_url, "DELETE FROM version WHERE version = 1000")
        assert told(store) == ["one"]


def test_an_older_store_is_not_read_before_it_was_brought_forward(store_url: str) -> None:
    with closing(Store(store_url)):
        pass
    run_in(store_url, "DELETE FROM version WHERE version <> 1")
    run_in(store_url, "UPDATE version SET version = 0")
    with pytest.raises(StoreError, match=r"version 0, .* start `agpc serve` once"):
        Store(store_url, read_only=True)


def begin(url: str, number: int) -> None:
    """Open a store, as a process that starts together with others."""
    with closing(Store(url)) as store:
        say(store, str(number))


def test_processes_that_start_together_begin_one_store_once(store_url: str) -> None:
    spawning = multiprocessing.get_context("spawn")
    processes = [spawning.Process(target=begin, args=(store_url, number)) for number in range(6)]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    assert [each.exitcode for each in processes] == [0] * 6
    with closing(Store(store_url, read_only=True)) as store:
        assert sorted(told(store)) == [str(number) for number in range(6)]


def test_the_tables_have_what_the_rows_have(store_url: str) -> None:
    rows = {
        cls.TABLE.name: list(cls.TABLE.columns)
        for cls in Row.__subclasses__()
        if hasattr(cls, "TABLE")
    }
    tables = tables_of(store_url)
    assert {name: tables.get(name) for name in rows} == rows
    assert sorted(tables["head"]) == sorted(["one", *Head.__slots__])


def test_both_stores_have_the_same_tables(sqlite_url: str, postgres_url: str) -> None:
    assert tables_of(sqlite_url) == tables_of(postgres_url)


def test_both_stores_have_the_same_versions() -> None:
    versions = [[number for number, _ in migrations(each)] for each in ("sqlite", "postgres")]
    assert versions[0] == versions[1] == list(range(1, len(versions[0]) + 1))


def test_a_path_with_odd_letters_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a b?c#d%20é.db"
    with closing(Store(f"sqlite:///{path}")) as store:
        say(store, "one")
    assert path.exists()


def test_a_database_that_has_no_tables_yet_is_told_from_one_that_fails(
    empty_postgres_url: str,
) -> None:
    with pytest.raises(StoreError, match=r"no tables of agpc: .* `agpc serve` once"):
        Store(empty_postgres_url, read_only=True)
