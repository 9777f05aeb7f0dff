"""The decision log: every answer has its line before it leaves, or there is no answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agpc.service.core import Problem
from agpc.service.decisions.lines import LONGEST, line
from agpc.service.decisions.log import DecisionLog

from ..authzen.point import ask, certifying, example

WHOLE: dict[str, Any] = {
    "subject": {"type": "user", "id": "alice", "properties": {"secret": "s3cret"}},
    "action": {"name": "delete", "properties": {"soft": True, "token": "s3cret"}},
    "resource": {"type": "record", "id": "record-1", "properties": {"secret": "s3cret"}},
    "context": {"secret": "s3cret"},
}


def lines_of(path: Path) -> list[Any]:
    return [json.loads(each) for each in path.read_bytes().splitlines()]


def test_each_evaluation_has_its_line_and_no_values(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    with certifying(tmp_path, DecisionLog(path)) as served:
        ask(served, "evaluation", WHOLE, headers={"X-Request-ID": "r-1"})
        (found,) = lines_of(path)  # which is there as soon as the answer is
        time = found.pop("time")
        assert time.endswith("Z") and len(time) == len("2026-11-24T10:00:00.000000Z")
        assert found == {
            "v": 1,
            "asked": "evaluation",
            "caller": "gateway",
            "request_id": "r-1",
            "policy": example().digest,
            "subject": {"type": "user", "id": "alice"},
            "action": "delete",
            "resource": {"type": "record", "id": "record-1"},
            "decision": True,
            "effect": "permit",
            "rules": ["records.authors.record.delete"],
        }
        batch = {**WHOLE, "evaluations": [{}, {"action": {}}, {"action": {"name": "write"}}]}
        ask(served, "evaluations", batch)
        search = {**WHOLE, "subject": {"type": "user"}, "action": {"name": "read"}}
        ask(served, "search/subject", search)
        ask(served, "evaluation", {})  # is none, and has no line
        found = lines_of(path)
        assert [each["asked"] for each in found] == ["evaluation"] + ["evaluations"] * 2 + ["search/subject"] * 2  # fmt: skip
        assert {each["subject"]["id"] for each in found[-2:]} == {
            "alice",
            "bob",
        }  # in whatever order
        assert b"s3cret" not in path.read_bytes()
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_where_it_cannot_be_written_nothing_is_answered(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    path = folder / "decisions.jsonl"
    with certifying(tmp_path, DecisionLog(path)) as served:
        for endpoint in ("evaluation", "evaluations", "search/action"):
            answer = ask(served, endpoint, WHOLE)
            assert answer.status == 503
            assert b"decision" not in answer.content.replace(b"decision log", b"").replace(b"decision_log", b"")  # fmt: skip
        folder.mkdir()
        assert ask(served, "evaluation", WHOLE).status == 200
        assert len(lines_of(path)) == 1


def test_what_a_lossy_log_loses_is_counted(tmp_path: Path) -> None:
    lost: list[int] = []
    log = DecisionLog(tmp_path / "no" / "log", lossy=True, lost=lost.append)
    with certifying(tmp_path, log) as served:
        assert ask(served, "evaluation", WHOLE).status == 200
        assert ask(served, "evaluations", {**WHOLE, "evaluations": [{}, {}]}).status == 200
    assert lost == [1, 2]


def test_a_disk_that_is_full_leaves_no_line_that_two_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    path = tmp_path / "log"
    log = DecisionLog(path)
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda file, content: write(file, content[:5]))
        with pytest.raises(Problem) as error:
            log.write([b'{"a":1}'])
        assert error.value.status == 503
    log.write([b'{"b":2}', b'{"c":3}'])
    assert path.read_bytes().splitlines() == [b'{"a":', b'{"b":2}', b'{"c":3}']


def test_it_goes_on_in_a_new_file_and_keeps_some(tmp_path: Path) -> None:
    path = tmp_path / "log"
    others = [tmp_path / name for name in ("log.1", "log.2024", "log.20260101T000000", "logs", "xlog.20260101T000000.000000000-1")]  # fmt: skip
    for each in others:
        each.write_text("somebody else's")
    log = DecisionLog(path, most_bytes=1_000, kept=3)
    count = 0
    for _ in range(5_000):
        log.write([b"%06d" % count])
        count += 1
    log.close()
    assert all(each.exists() for each in others)
    older = sorted(each for each in tmp_path.iterdir() if each not in (path, *others))
    assert len(older) == 3
    numbers = [int(each) for file in (*older, path) for each in file.read_bytes().split()]
    assert numbers == list(range(numbers[0], count))


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    """By `logrotate`, or by another process."""
    path = tmp_path / "log"
    log = DecisionLog(path)
    log.write([b"a"])
    path.rename(tmp_path / "moved")
    for _ in range(600):
        log.write([b"b"])
    assert (tmp_path / "moved").read_bytes().startswith(b"a\n")
    assert path.read_bytes().startswith(b"b\n")


def test_many_processes_write_whole_lines(tmp_path: Path) -> None:
    program = (
        "import sys; from agpc.service.decisions.log import DecisionLog\n"
        "log = DecisionLog(sys.argv[1], most_bytes=20_000, kept=1_000)\n"
        "for number in range(2_000): log.write([sys.argv[2].encode() * 20, b'%d' % number])\n"
    )
    path = tmp_path / "log"
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(path), name])
        for name in ("a", "b", "c")
    ]
    assert [each.wait(120) for each in running] == [0, 0, 0]
    found = b"".join(each.read_bytes() for each in sorted(tmp_path.iterdir()))
    pairs = found.splitlines()
    assert len(pairs) == 3 * 2 * 2_000
    for name in ("a", "b", "c"):
        assert pairs.count(name.encode() * 20) == 2_000


def test_the_standard_output_takes_lines(tmp_path: Path) -> None:
    program = (
        "from agpc.service.decisions.log import DecisionLog\n"
        "log = DecisionLog('-'); log.write([b'one', b'two']); log.write([b'three'])\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert found.stdout == b"one\ntwo\nthree\n"


def test_a_reader_who_sleeps_stops_nothing_for_good(tmp_path: Path) -> None:
    """A pipe that is full: no answer, or one that is counted; and never one that is waited for."""
    program = (
        "import logging, sys\n"
        "from agpc.service.core import Problem\n"
        "from agpc.service.decisions.log import DecisionLog\n"
        "logging.disable(); log = DecisionLog('-'); count = 0\n"
        "try:\n"
        "    while True: log.write([b'x' * 4_000]); count += 1\n"
        "except Problem as problem: print(problem.status, count, file=sys.stderr)\n"
        "lost = []; log = DecisionLog('-', lossy=True, lost=lost.append)\n"
        "log.write([b'x' * 4_000, b'y']); print(lost, file=sys.stderr)\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout is not None and running.stderr is not None
    status, count = running.stderr.readline().split()
    assert status == b"503" and 0 < int(count) < 100
    assert running.stderr.readline() == b"[2]\n"
    running.communicate(timeout=60)
    assert running.returncode == 0


def test_a_line_is_bounded_and_json_whatever_is_asked() -> None:
    hostile = '\n"\\\ud800é' + "x" * 5_000
    request = {
        "subject": {"type": hostile, "id": hostile},
        "action": {"name": hostile},
        "resource": {"type": hostile, "id": hostile},
    }
    found = line("evaluation", hostile, hostile, "sha256:0", request, '"decision":false', 10**18)
    assert b"\n" not in found
    read = json.loads(found)
    assert read["subject"]["id"] == hostile[:LONGEST] + "…"
    assert read["decision"] is False
