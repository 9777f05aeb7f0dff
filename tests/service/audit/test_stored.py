"""What the core records is proved by the verifier, in the store and in an export; and is not once a byte is another one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from agpc.audit.reading.directory import ExportedTrail
from agpc.audit.reading.findings import Findings
from agpc.audit.reading.notes import LogKey
from agpc.audit.verify import verify
from agpc.cli.output.service.trail import findings_as_text
from agpc.service.audit.export import export
from agpc.service.audit.lines import LINES
from agpc.service.core import (
    SYSTEM,
    Prune,
    Tell,
    open_view,
)
from agpc.service.policies.generation import Generation

from ..core.desk import DESK, opened, policy
from .stored import SIGNER, everything, in_store, publish, second


@pytest.fixture
def generation() -> Generation:
    return policy()


def in_directory(url: str, directory: Path, *since: str) -> Findings:
    with open_view(url) as view:
        export(view, directory)
    trail = ExportedTrail(directory, LINES)
    return verify(trail, LogKey.read(SIGNER.vkey), tuple(each.encode() for each in since))


def test_all_that_the_core_records_is_proved(
    store_url: str, generation: Generation, tmp_path: Path
) -> None:
    with opened(store_url, generation, signer=SIGNER) as desk:
        middle = everything(desk, second())
    for found in (
        in_store(store_url, middle),
        in_directory(store_url, tmp_path / "trail", middle),
        in_directory(store_url, tmp_path / "trail", middle),  # a second export changes nothing
    ):
        assert found.wrong == []
        assert found.verdict == "proved", found.undetermined
        assert found.proved["consistency"] == 1
        assert found.proved["decisions"] == found.proved["facts"] > 10
        assert found.proved["policies"] == 2
        assert (
            found.proved["verdicts"],
            found.proved["verdicts_signed"],
            found.proved["uses"],
        ) == (2, 0, 1)
        assert (
            "people: 2 verdicts, 0 of them signed with a passkey; 1 approval used"
            in findings_as_text(found)
        )


def test_a_call_whose_values_are_not_kept(
    store_url: str, generation: Generation, tmp_path: Path
) -> None:
    with opened(store_url, generation, signer=SIGNER) as desk:
        task = desk.start()["task"]["id"]
        done = desk.call(task, "vault", "put", secret="xyzzy")
        desk.do(
            Tell(caller=DESK, key="t", call=done["call"], outcome="done", result={"a": "xyzzy"})
        )
        desk.call(task, "shop", "lookup", order="o-7")
        publish(desk)
    found = in_directory(store_url, tmp_path / "trail")
    assert found.wrong == []
    assert (found.verdict, found.undetermined["redacted"]) == ("undetermined", 1)
    kept = [each.read_bytes() for each in (tmp_path / "trail").rglob("*") if each.is_file()]
    assert not any(b"xyzzy" in each for each in kept)


def test_a_trail_whose_old_bodies_are_pruned(
    store_url: str, generation: Generation, tmp_path: Path
) -> None:
    with opened(store_url, generation, signer=SIGNER) as desk:
        everything(desk, second())
        with desk.core.view() as view:
            now = view.head.time + 1
        desk.do(Prune(caller=SYSTEM, key="prune", before=now))
        task = desk.start()["task"]["id"]
        desk.call(task, "shop", "lookup", order="o-7")
        publish(desk)
    found = in_directory(store_url, tmp_path / "trail")
    assert found.wrong == []
    assert found.verdict == "undetermined"
    assert found.undetermined["pruned"] > 10
    assert found.proved["decisions"] > 0


def test_a_byte_in_a_store(sqlite_url: str, generation: Generation, tmp_path: Path) -> None:
    with opened(sqlite_url, generation, signer=SIGNER) as desk:
        everything(desk, second())
    assert in_store(sqlite_url).verdict == "proved"
    database = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    with database:
        database.execute(
            "UPDATE event SET body = replace(body, 'it is here', 'it is gone') WHERE kind = 'call'"
        )
    database.close()
    found = in_store(sqlite_url)
    assert found.verdict == "wrong"
    assert "the body is not the one whose digest the entry has" in found.wrong[0].what


def test_a_tile_that_a_store_has_laid_aside(sqlite_url: str, generation: Generation) -> None:
    with opened(sqlite_url, generation, signer=SIGNER) as desk:
        task = desk.start()["task"]["id"]
        for _ in range(260):
            desk.call(task, "shop", "lookup", order="o-7")
        publish(desk)
    found = in_store(sqlite_url)
    assert (found.verdict, found.proved["tiles"]) == ("proved", 1)
    database = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    with database:
        database.execute("UPDATE tile SET hashes = zeroblob(8192)")
    database.close()
    assert in_store(sqlite_url).wrong[0].what == "tile 0/0 of the store has another hash"
