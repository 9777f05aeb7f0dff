"""A store that is replaced by an older copy of itself, under a process that has seen more of it."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from agpc.service.store import Store, StoreError, Task

from .filled import run_in, say, told


def test_an_older_copy_is_not_gone_on_with(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "agpc.db"
    with closing(Store(sqlite_url)) as store:
        say(store, "one")
    shutil.copy(path, tmp_path / "copy.db")
    with closing(Store(sqlite_url)) as store:
        watch = store.watch()
        assert watch is not None
        say(store, "two")
        watch.look()
        watch.close()
        for each in tmp_path.glob("agpc.db*"):
            each.unlink()
        shutil.copy(tmp_path / "copy.db", path)
        for _ in range(3):
            with pytest.raises(StoreError):
                say(store, "three")
            with pytest.raises(StoreError):
                told(store)
            with (
                pytest.raises(StoreError, match="older copy"),
                closing(store.watch() or watch) as again,
            ):
                again.look()
                again.get(Task, "t")
        with pytest.raises(StoreError, match="older copy"):
            say(store, "three")
    with closing(Store(sqlite_url)) as store:  # as whoever put it back has done on purpose
        say(store, "three")
        assert told(store) == ["one", "three"]


def test_rows_that_are_set_back_are_noticed(store_url: str) -> None:
    with closing(Store(store_url)) as store:
        say(store, "one")
        say(store, "two")
        run_in(store_url, "UPDATE head SET turn = turn - 1, seq = seq - 1")
        with pytest.raises(StoreError, match="older copy"):
            say(store, "three")
        with pytest.raises(StoreError, match="older copy"):
            told(store)
