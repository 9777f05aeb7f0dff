"""`agpc audit` on a store, without its service."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agpc.cli.process import run as run_command
from agpc.service.audit.notes import Signer
from agpc.service.core import SYSTEM, Publish

from ..core.desk import Desk, opened, policy

SIGNER = Signer.generate("log.example/desk")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        status = run_command(["audit", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def publish(desk: Desk) -> None:
    desk.do(Publish(caller=SYSTEM, key=f"p-{desk.key()}"))


def test_a_store_is_exported_verified_and_shown(store_url: str, tmp_path: Path, run: Run) -> None:
    with opened(store_url, policy(), signer=SIGNER) as desk:
        task = desk.start(said="tell joe@mail.example")["task"]["id"]
        status, out, err = run("export", tmp_path / "trail", "--store", store_url)
        assert status == 2
        assert "the log has no checkpoint yet" in err
        publish(desk)
        desk.call(task, "shop", "lookup", order="o-7")
        status, out, err = run("export", tmp_path / "trail", "--store", store_url)
        assert (status, out) == (0, f"{tmp_path}/trail has 4 events, 4 of them new\n")
        assert err == "note: 1 event came after the latest checkpoint\n"
        publish(desk)
        status, out, err = run("export", tmp_path / "trail", "--store", store_url)
        assert (status, out, err) == (0, f"{tmp_path}/trail has 5 events, 1 of them new\n", "")
        for where in ((tmp_path / "trail",), ("--store", store_url)):
            status, out, err = run("verify", *where, "--key", SIGNER.vkey, "--format", "json")
            assert (status, json.loads(out)["verdict"], err) == (0, "proved", "")
            status, out, err = run("show", *where, "--task", task)
            assert (status, err) == (0, "")
            assert [line.split()[2] for line in out.splitlines()] == [
                "call",
                "task",
                "said",
                "call",
            ]


def test_a_store_that_is_none(tmp_path: Path, run: Run) -> None:
    (tmp_path / "text.db").write_text("this is no database, and long enough to be read as one" * 20)
    for command in ("verify", "show"):
        key = ("--key", SIGNER.vkey) if command == "verify" else ()
        status, _, err = run(command, "--store", f"sqlite:///{tmp_path}/text.db", *key)
        assert status == 2
        assert "Traceback" not in err
    status, _, err = run("export", tmp_path / "trail", "--store", "postgresql://127.0.0.1:1/none")
    assert status == 2
    assert "Traceback" not in err
