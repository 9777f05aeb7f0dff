"""What docs/service/store.md says of back-up and restore is done, with a store that is written to all the while."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from docs.blocks import DOCS, blocks

from agpc.service.core.operations.operations import Decide
from agpc.service.store import Store

from .. import postgres
from ..crash import desk, invariants
from ..crash.worker import Got, running, work

PAGE = DOCS / "service" / "store.md"
URL, OTHER = "postgresql://agpc@db.example/agpc", "postgresql://agpc@db.example/restored"


def commands(name: str) -> list[str]:
    """The commands of the block that has this name."""
    (block,) = [each for each in blocks(PAGE) if name in each.words]
    found = [line.removeprefix("$ ") for line in block.text.splitlines() if line.startswith("$ ")]
    assert found
    return found


def run(name: str, folder: Path, path: Path | None = None, **urls: str) -> None:
    """Do what a block says."""
    for command in commands(name):
        for each, url in urls.items():
            command = command.replace({"url": URL, "other": OTHER}[each], url)
        assert "db.example" not in command
        more = {} if path is None else {"PATH": f"{path}:{os.environ['PATH']}"}
        done = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env={**os.environ, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)


@contextmanager
def written_to(url: str, folder: Path) -> Iterator[None]:
    """Have a store written to all the while."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            work(url, folder / "while.got", [(f"w{number}", "o-1")])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def check_copy(url: str, copy: str, folder: Path) -> None:
    """A copy has all that was there before it was begun, is whole, and goes on by itself."""
    before = Got(folder / "before.got").answers
    bodies = invariants.check(copy, before)
    original = invariants.check(url, before)
    assert original[: len(bodies)] == bodies
    work(copy, folder / "copy.got", [("copy", "o-1")])
    assert len(invariants.check(copy, before)) > len(bodies)


def need_sqlite() -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("no `sqlite3` here; install Debian's package of that name")


@pytest.mark.parametrize("way", ["sqlite-backup", "sqlite-vacuum"])
def test_a_file_is_copied_while_it_is_written_to(way: str, tmp_path: Path) -> None:
    need_sqlite()
    url, copy = f"sqlite:///{tmp_path}/agpc.db", f"sqlite:///{tmp_path}/backup.db"
    work(url, tmp_path / "before.got", [("a", "o-1")])
    with written_to(url, tmp_path):
        run(way, tmp_path)
    check_copy(url, copy, tmp_path)


def test_a_file_is_put_back(tmp_path: Path) -> None:
    need_sqlite()
    url = f"sqlite:///{tmp_path}/agpc.db"
    work(url, tmp_path / "before.got", [("a", "o-1")])
    before = invariants.check(url, Got(tmp_path / "before.got").answers)
    run("sqlite-backup", tmp_path)
    work(url, tmp_path / "lost.got", [("lost", "o-1")])
    with (
        closing(Store(url)) as store,
        store.turn(),
    ):  # leaves what was written ahead, as a crash does
        for each in tmp_path.glob("agpc.db-*"):
            shutil.copy(each, tmp_path / f"kept-{each.name}")
    for each in tmp_path.glob("kept-*"):
        each.rename(tmp_path / each.name.removeprefix("kept-"))
    run("sqlite-restore", tmp_path)
    assert invariants.check(url, Got(tmp_path / "before.got").answers) == before
    work(url, tmp_path / "before.got", [("a", "o-1"), ("b", "o-1")])
    invariants.check(url, Got(tmp_path / "before.got").answers)


def test_a_database_is_copied_while_it_is_written_to_and_put_back_elsewhere(
    shared_cluster: postgres.Cluster, tmp_path: Path
) -> None:
    folder = postgres.binaries()
    url, other = shared_cluster.create_database(), shared_cluster.create_database()
    work(url, tmp_path / "before.got", [("a", "o-1")])
    with written_to(url, tmp_path):
        run("postgres-backup", tmp_path, folder, url=f"'{url}'")
    run("postgres-restore", tmp_path, folder, other=f"'{other}'")
    check_copy(url, other, tmp_path)


def test_a_copy_that_is_behind_decides_again_what_it_does_not_know(tmp_path: Path) -> None:
    url, copy = f"sqlite:///{tmp_path}/agpc.db", f"sqlite:///{tmp_path}/backup.db"
    work(url, tmp_path / "before.got", [("a", "o-1")])
    shutil.copy(tmp_path / "agpc.db", tmp_path / "backup.db")
    with running(Store(url)) as core, running(Store(copy)) as behind:
        task = Got(tmp_path / "before.got").answers["a-0"]["task"]["id"]
        request = desk.call(task, "till", "look", order="o-1")
        call = Decide(caller=desk.DESK, key="new", request=request)
        assert core.do_now(call)["call"] == behind.do_now(call)["call"]
        with core.view() as one, behind.view() as other:
            assert one.head.seq == other.head.seq and one.head.edge != other.head.edge
