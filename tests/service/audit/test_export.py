"""An export: its files, what a second one adds, what a crash leaves, and what other commands make of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from generators.trails import MemoryLog, an_hour, signer
from hypothesis import given, settings
from hypothesis import strategies as st

import agpc
from agpc.service.audit import export as exporting
from agpc.service.audit.export import ExportError, export
from agpc.service.audit.notes import Signer
from agpc.service.audit.tiles import entries_of, tiles_between
from agpc.service.audit.tree import EMPTY_ROOT, leaf_hash


def files(directory: Path) -> dict[str, bytes]:
    return {
        each.relative_to(directory).as_posix(): each.read_bytes()
        for each in sorted(directory.rglob("*"))
        if each.is_file() and each.name != ".lock"
    }


def many(log: MemoryLog, size: int) -> MemoryLog:
    """Let a log grow to a size, with events of no consequence."""
    while len(log.found) < size:
        log.tell("admin", {"what": "note"})
    return log


def test_the_files_of_an_export(tmp_path: Path) -> None:
    log = an_hour()
    assert export(log, tmp_path) == exporting.Exported(len(log.found), len(log.found))
    found = files(tmp_path)
    size = len(log.found)
    policies = [f"policies/{each.digest.replace(':', '-')}.json" for each in log.policies]
    assert sorted(found) == sorted(
        [
            *("checkpoint", "events.jsonl", "export.json", "ocsf.jsonl", "record.jsonl"),
            *(f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}", f"bodies/000.p/{size}.jsonl"),
            *policies,
        ]
    )
    entries = entries_of(found[f"tile/entries/000.p/{size}"])
    assert entries == [each.entry for each in log.found]
    assert found[f"tile/0/000.p/{size}"] == b"".join(map(leaf_hash, entries))
    assert found[f"bodies/000.p/{size}.jsonl"].split(b"\n")[:-1] == [e.body for e in log.found]
    whole = [json.loads(each) for each in found["events.jsonl"].splitlines()]
    assert [each["entry"]["seq"] for each in whole] == list(range(size))
    assert found["checkpoint"].decode() == log.checkpoint()


@cache
def of_two_levels() -> MemoryLog:
    return many(MemoryLog(with_facts=False), 256 * 255)


def nearly_full() -> MemoryLog:
    """A copy of a log that takes long to be made."""
    made = of_two_levels()
    return replace(made, found=made.found[:], edge=made.edge.copy(), notes={})


@given(st.lists(st.integers(1, 300), min_size=1, max_size=4), st.integers(0, 255))
@settings(max_examples=8, deadline=None)
def test_step_by_step_is_as_at_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], first: int
) -> None:
    if first % 16 == 0:  # about to fill the first tile of the second level
        log = many(nearly_full(), 256 * 255 + first)
    else:
        log = many(MemoryLog(with_facts=False), first + 1)
    log.sign()
    stepwise, at_once = tmp_path_factory.mktemp("steps"), tmp_path_factory.mktemp("once")
    export(log, stepwise)
    full_before = {k: v for k, v in files(stepwise).items() if k[-2:].isdigit() and ".p" not in k}
    for step in steps:
        many(log, len(log.found) + step)
        log.sign()
        export(log, stepwise)
    export(log, at_once)
    found, expected = files(stepwise), files(at_once)
    assert {name: found.get(name) for name in expected} == expected
    assert {name: found[name] for name in full_before} == full_before
    paths = {exporting.tile_path(*each) for each in tiles_between(0, len(log.found))}
    assert paths <= found.keys()
    left = found.keys() - expected.keys()  # what clients of checkpoints before may still ask for
    assert all(name.startswith("tile/") and ".p/" in name for name in left)


class Crash(BaseException):
    pass


def crashes_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Die before the n-th file is renamed."""
    left = iter(range(number))
    replace = Path.replace

    def stop(self: Path, target: Path) -> Path:
        if next(left, None) is None:
            raise Crash
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", stop)


@pytest.mark.parametrize("number", range(9))
def test_a_crash_loses_nothing_and_says_nothing_wrong(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = many(an_hour(), 500)
    log.sign()
    export(log, tmp_path / "before")
    before = files(tmp_path / "before")
    many(log, 800)
    log.sign()
    with monkeypatch.context() as patch:
        crashes_at(patch, number)
        with pytest.raises(Crash):
            export(log, tmp_path / "before")
    assert (tmp_path / "before" / "checkpoint").read_bytes() == before["checkpoint"]
    kept = files(tmp_path / "before")
    assert {name: kept[name] for name in before if name.startswith("tile")} == {
        name: each for name, each in before.items() if name.startswith("tile")
    }
    export(log, tmp_path / "before")
    export(log, tmp_path / "new")
    found = files(tmp_path / "before")
    assert all(found[name] == each for name, each in files(tmp_path / "new").items())


def test_a_log_that_is_cut_short_at_first_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = an_hour()
    with monkeypatch.context() as patch:
        crashes_at(patch, 4)
        with pytest.raises(Crash):
            export(log, tmp_path)
    export(log, tmp_path)
    assert (tmp_path / "checkpoint").read_text() == log.checkpoint()


def test_a_body_that_was_pruned_stays_where_it_was_exported(tmp_path: Path) -> None:
    log = many(an_hour(), 300)
    log.sign()
    export(log, tmp_path)
    log.prune(300)
    many(log, 310)
    log.sign()
    export(log, tmp_path)
    bodies = (tmp_path / "bodies/001.p/54.jsonl").read_bytes().split(b"\n")[:-1]
    assert len(bodies) == 54
    assert b"" not in bodies
    export(log, tmp_path / "new")
    pruned = (tmp_path / "new/bodies/001.p/54.jsonl").read_bytes().split(b"\n")[:-1]
    assert pruned[:44] == [b""] * 44
    lines = (tmp_path / "new/record.jsonl").read_bytes().splitlines()
    assert all(json.loads(each)["pruned"] for each in lines)


def test_the_empty_log(tmp_path: Path) -> None:
    log = MemoryLog()
    log.sign()
    assert export(log, tmp_path).size == 0
    assert log.edge.root() == EMPTY_ROOT
    assert "tile" not in os.listdir(tmp_path)


def refusals() -> Iterator[tuple[str, str]]:
    yield "no checkpoint", "no checkpoint yet"
    yield "another log", "another log"
    yield "not empty", "it has `notes.txt`"
    yield "changed tile", "was changed"
    yield "no note", "that is none"


@pytest.mark.parametrize(("case", "message"), list(refusals()))
def test_refusals(tmp_path: Path, case: str, message: str) -> None:
    log = an_hour()
    if case == "no checkpoint":
        log.notes = {}
    elif case == "another log":
        export(log, tmp_path)
        (tmp_path / "checkpoint").write_text(
            Signer.generate("log.example/agpc").sign("a\n1\nAA==\n")
        )
    elif case == "not empty":
        (tmp_path / "notes.txt").touch()
    elif case == "no note":
        (tmp_path / "checkpoint").write_text("hello")
    else:
        many(log, 300)
        log.sign()
        export(log, tmp_path)
        (tmp_path / "tile/1/000.p/1").write_bytes(bytes(32))
        many(log, 600)
        log.sign()
    with pytest.raises(ExportError, match=message):
        export(log, tmp_path)


def test_a_key_is_not_shown() -> None:
    key = signer()
    assert key.skey not in repr(key)
    assert Signer.read(key.skey).vkey == key.vkey


# --- What other commands make of it ----------------------------------------------------------------


def test_facts_of_each_call_follow_from_the_record(tmp_path: Path) -> None:
    log = an_hour()
    export(log, tmp_path)
    lines = (tmp_path / "record.jsonl").read_bytes().splitlines()
    calls = 0
    for number, line in enumerate(lines):
        told = json.loads(line)
        if told["event"] == "call" and told["time"] > "2026-11-24T10:00:20":  # by the second policy
            calls += 1
            assert agpc.facts(log.policy, lines[:number], told["request"]) == told["request"]
    assert calls == 4
