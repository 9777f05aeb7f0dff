"""A store that is locked or full, a process that dies, and a hundred calls at once."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.guard import Denied, NotNow, Returned, Waiting, Withheld
from agpc.guard.enforcing import governed
from agpc.guard.enforcing.embedded import Embedded
from agpc.service.audit.notes import Signer
from agpc.service.config.read import read_settings
from agpc.service.core import open_view
from agpc.service.store import sqlite
from agpc.service.store.connection import StoreError

from .desk import POLICY, desk


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait long for a lock."""
    monkeypatch.setattr(sqlite, "WAIT", 0.1)
    monkeypatch.setattr(governed, "FIRST_PAUSE", 0.0)


@pytest.mark.usefixtures("impatient")
def test_while_the_store_is_locked_nothing_runs(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            other = sqlite3.connect(tmp_path / "agpc.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(NotNow, match="may be repeated later") as caught:
                await found.call("note", text="hello")
            assert "hello" not in str(caught.value) and str(tmp_path) not in str(caught.value)
            assert found.shop.done == []
            other.execute("ROLLBACK")
            other.close()
            await found.call("note", text="hello")
            assert len(found.shop.done) == 1

    asyncio.run(run())


@pytest.mark.usefixtures("impatient")
def test_a_result_that_cannot_be_recorded_is_withheld(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "agpc.db", isolation_level=None, check_same_thread=False)

    async def perform(arguments: dict[str, Any]) -> Returned:
        other.execute("BEGIN IMMEDIATE")
        return Returned("given", "given")

    async def run() -> None:
        async with desk(tmp_path) as found:
            with pytest.raises(Withheld) as caught:
                await found.guard.call(found.asked("note", text="hello"), perform)
            assert "This call was made" in str(caught.value) and "given" not in str(caught.value)
            other.execute("ROLLBACK")
            assert found.events("outcome") == []
            assert len(found.open_calls()) == 1  # it stays listed

    asyncio.run(run())
    other.close()


@pytest.mark.usefixtures("impatient")
def test_on_a_disk_that_is_full_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise StoreError("the disk is full")

    async def run() -> None:
        async with desk(tmp_path) as found:
            with monkeypatch.context() as patched:
                patched.setattr(sqlite.SQLite, "write", full)
                with pytest.raises(NotNow):
                    await found.call("note", text="hello")
            assert found.shop.done == []
            await found.call("note", text="hello")
            assert len(found.events("call")) == 2

    asyncio.run(run())


def test_a_hundred_calls_at_once_are_a_hundred_decisions(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            calls = [found.call("note", text=f"note {number}") for number in range(100)]
            await asyncio.gather(*calls)
            assert sorted(each["text"] for each in found.shop.done) == sorted(
                f"note {number}" for number in range(100)
            )
            assert len(found.events("call")) == 101
            assert [each["outcome"] for each in found.events("outcome")] == ["done"] * 100

    asyncio.run(run())


def test_the_trail_of_a_guard_is_signed_and_proves_itself(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            await found.call("note", text="hello")
            await found.call(order="o-7")
            with pytest.raises(Denied):
                await found.call(order="o-8")
            with pytest.raises(Waiting):
                await found.call("refund", order="o-7", amount=5)

    asyncio.run(run())
    key = (tmp_path / "agpc.trail.key").read_text()
    with open_view(f"sqlite:///{tmp_path}/agpc.db") as view:
        findings = verify(StoredTrail(view, view), LogKey.read(Signer.read(key.strip()).vkey))
    assert (findings.verdict, findings.wrong, findings.notes) == ("proved", [], [])


PROGRAM = """
import asyncio, os, signal, sys
from agpc.guard import Session, governed

session = Session("desk.agp", agent="spiffe://acme.example/ns/desk/sa/helper", intent="desk.answer", fields={"order": "o-7"})

@governed(session, "desk.shop.note")
def note(text: str) -> str:
    print("doing", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

note("hello")
"""


def test_a_call_during_which_the_process_dies_stays_listed(tmp_path: Path) -> None:
    (tmp_path / "desk.agp").write_text(POLICY)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "doing\n"), done.stderr

    async def run() -> None:
        async with desk(tmp_path) as found:
            calls = {each["id"]: each for each in found.events("call")}
            (left,) = (
                each for each in found.open_calls() if "hello" in str(calls[each]["request"])
            )
            assert calls[left]["effect"] == "permit"
            assert found.events("outcome") == []

    asyncio.run(run())


def test_who_takes_the_place_of_a_policy_says_so_and_so_does_whose_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Two guards with policies of their own on one store: the tools of the first were gone, and nobody said why."""
    other = tmp_path / "other.agp"
    other.write_text(POLICY.replace("allow shop.note\n", ""), encoding="utf-8")
    flags = {"policies": [str(other)], "store": f"sqlite:///{tmp_path}/agpc.db"}

    async def run() -> None:
        async with desk(tmp_path) as found:
            await found.call("note", text="hello")
            assert "policies" not in caplog.text and "another policy" not in caplog.text
            second = await Embedded.begin(read_settings(None, flags))
            assert "take the place of others in this store" in caplog.text
            with pytest.raises(Denied):
                await found.call("note", text="hello")
            await second.close()
            _ = found.enforcement.vocabulary
            assert "another policy is active in the store" in caplog.text
        caplog.clear()
        again = await Embedded.begin(read_settings(None, flags))
        await again.close()
        assert "take the place" not in caplog.text

    asyncio.run(run())
