"""A guard that is killed at any stage of a call: nothing passed undecided, nothing is there twice, nobody is left behind."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.guard.enforcing.embedded import Embedded
from agpc.service.config.read import read_settings
from agpc.service.core.view import open_view

from .guarding import Guarding
from .killed import Killing
from .servers import hostile_server

POLICY = """
tool voice { action echo(text: string) }
grant speaking {
    to bot
    for answer
    allow voice.echo
}
"""
MOST = 200
LATEST = 60.0
"""Seconds for a server to see that its guard is gone."""


@pytest.fixture
def killing() -> Iterator[Killing]:
    found = Killing()
    yield found
    found.close()


def outlives(folder: Path) -> bool:
    """Whether the server is still there a while after its guard."""
    pid = (folder / "pid").read_text().strip()
    until = time.monotonic() + LATEST
    while time.monotonic() < until:
        found = subprocess.run(
            ["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False
        )
        if found.stdout.strip() in ("", "Z", "Zs"):
            return False
        time.sleep(0.01)
    return True


def proved(it: Guarding) -> str:
    """What the offline verifier says of a trail once a guard has begun again."""

    async def begin() -> str:
        flags = {"policies": [str(it.path)], "store": it.store}
        again = await Embedded.begin(read_settings(None, flags))
        await again.close()
        return str(again.verifier_key)

    key = anyio.run(begin)
    with open_view(it.store) as view:
        found = verify(StoredTrail(view, view), LogKey.read(key))
    return found.verdict


def test_whenever_a_guard_is_killed_its_trail_tells_what_ran(
    tmp_path: Path, killing: Killing
) -> None:
    stages = []
    for at in range(1, MOST):
        folder = tmp_path / str(at)
        folder.mkdir()
        server = hostile_server("good", str(folder / "calls"))
        marked = ["sh", "-c", 'echo $$ >"$0"; exec "$@"', str(folder / "pid"), *server]
        it = Guarding(folder, POLICY, marked)
        found = killing.run(folder, it.path, list(it.server), at)
        calls = folder / "calls"
        reached = calls.read_text().splitlines() if calls.exists() else []
        decided, outcomes = it.decisions(), it.outcomes()
        is_new = not stages or stages[-1][:3] != (len(decided), len(reached), len(outcomes))
        stages.append((len(decided), len(reached), len(outcomes), found["answer"] is not None))
        assert not outlives(folder)
        if is_new:
            assert proved(it) == "proved"
            assert (it.decisions(), it.outcomes()) == (decided, outcomes)
        assert found["status"] in (0, -signal.SIGKILL)
        assert len(reached) <= len(decided) <= 1 and len(outcomes) <= len(decided)
        if found["answer"] is not None:  # what a client got is recorded
            assert "hello" in json.dumps(found["answer"]) and outcomes == ["done"]
        if found["status"] == 0:
            break
        shutil.rmtree(folder)
    assert stages == sorted(stages) and len(stages) < MOST  # each comes after the one before
    assert {each[:3] for each in stages} == {(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1)}


def test_a_server_that_heeds_nothing_ends_with_a_guard_that_is_killed(tmp_path: Path) -> None:
    server = hostile_server("stays", str(tmp_path / "calls"))
    # What the server itself has started does not go on either.
    script = 'echo $$ >"$0"; sh -c "trap : TERM; echo \\$\\$ >"$0.below/pid"; while :; do sleep 1; done" & exec "$@"'
    below = tmp_path / "pid.below"
    below.mkdir()
    it = Guarding(tmp_path, POLICY, ["sh", "-c", script, str(tmp_path / "pid"), *server])
    it.is_cold = True
    with it.said.open("w") as log:
        guard = subprocess.Popen(
            it.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        )
    assert guard.stdin is not None and guard.stdout is not None
    hello = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "0"},
    }
    said = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
    guard.stdin.write(json.dumps(said).encode() + b"\n")
    guard.stdin.flush()
    assert b"hostile" in guard.stdout.readline()  # the server is there
    guard.kill()
    guard.wait()
    for each in (guard.stdin, guard.stdout):
        each.close()
    assert not outlives(tmp_path) and not outlives(below)
