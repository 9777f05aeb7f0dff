"""The command, run in this process or as a process of its own, in a directory of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from agpc.cli.process import run as run_command

from .asking import access

POLICY = """\
language 2
package shop
owner "shop" contact "shop@acme.example"

agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
tool till {
    action open
    action refund(amount: number)
}
grant selling {
    to bot
    for sell
    allow till.open as opening
    allow till.refund as refunding require approval by "role:boss"
}
forbid large_refunds {
    deny till.refund
    when args.amount > 100
    because "Too much."
}
test "opening is permitted" {
    agent bot for sell
    call till.open()
    at 2026-01-01T00:00:00Z
    expect permit by opening
}
"""


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


Run = Callable[..., Result]
Edits = Callable[..., None]
FOREIGN = ("AGPC_", "GITHUB_", "GITLAB_", "CI_")
"""How variables start that say what a command does, also of a pipeline that these tests run in."""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in [*os.environ]:
        if name.startswith(FOREIGN) or name in ("NO_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def policy(work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy in the working directory, as `shop.agp`, whose lifecycle nobody looks at."""
    monkeypatch.setenv("AGPC_CHECK_IGNORE", "AGP4")
    path = work / "shop.agp"
    path.write_text(POLICY)
    return path


@pytest.fixture
def shop(work: Path) -> Path:
    """The policy that questions are asked about in the working directory, as `shop.agp`."""
    path = work / "shop.agp"
    path.write_text(access.POLICY)
    return path


@pytest.fixture
def run(work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        status = run_command([str(each) for each in arguments])
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return run


@pytest.fixture
def process(work: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run the command as a process of its own."""

    def process(
        *arguments: str, stdin: bytes = b"", **env: str
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "agpc", *arguments],
            input=stdin,
            capture_output=True,
            env={**os.environ, **env},
            check=False,
        )

    return process


@pytest.fixture
def edits(monkeypatch: pytest.MonkeyPatch) -> Edits:
    """Have something done at each pause, and an interrupt after the last."""

    def plan(*steps: Callable[[], object]) -> None:
        pending = iter(steps)

        def pause(_seconds: float) -> None:
            step = next(pending, None)
            if step is None:
                raise KeyboardInterrupt
            step()

        monkeypatch.setattr("agpc.cli.input.watch.sleep", pause)

    return plan
