"""`agpc replay`: which recorded answers another policy would change."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..conftest import POLICY, Run


def asked(amount: int) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": "spiffe://acme.example/bot"},
        "action": {"name": "refund", "properties": {"amount": amount}},
        "resource": {"type": "shop.till", "id": "t"},
        "context": {"task": {"id": "t1", "state": "active", "intent": "shop.sell"}},
    }


ANSWERS = {"deny": {"decision": False, "context": {"effect": "deny"}}}


@pytest.fixture
def head(policy: Path) -> Path:
    """Another policy, which lets through more than that of the working directory."""
    path = policy.parent / "head.agp"
    path.write_text(POLICY.replace("amount > 100", "amount > 200"))
    return path


@pytest.fixture
def log(policy: Path) -> Path:
    path = policy.parent / "log.jsonl"
    path.write_text("".join(json.dumps(asked(amount)) + "\n" for amount in (1, 150, 160, 300)))
    return path


def test_answers_that_would_change_are_grouped_with_an_example(
    run: Run, policy: Path, head: Path, log: Path
) -> None:
    result = run("replay", log, "--policy", head, "--base", policy)
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[:6] == [
        "more: 2 of 4 answers would change",
        "",
        "more (challenge): shop.bot, 2 answers",
        "    was deny by shop.large_refunds",
        "    now challenge by shop.selling.refunding",
        f"    line 2: {json.dumps(asked(150))}",
    ]
    assert lines[-1].startswith("4 records in ")


def test_json_has_all_of_it(run: Run, policy: Path, head: Path, log: Path) -> None:
    found = json.loads(
        run("replay", log, "--policy", head, "--base", policy, "--format", "json").out
    )
    seconds, speed = found.pop("seconds"), found.pop("records_per_second")
    assert seconds >= 0 and speed >= 0
    assert found == {
        "verdict": "more",
        "records": 4,
        "same": 2,
        "changed": 2,
        "changes": [
            {
                "change": "more",
                "what": ["challenge"],
                "agent": "shop.bot",
                "rules": {"base": ["shop.large_refunds"], "head": ["shop.selling.refunding"]},
                "count": 2,
                "example": {
                    "line": 2, "request": asked(150), "base": "deny", "head": "challenge",
                },
            }
        ],
        "not_told_apart": {},
        "not_replayable": [],
        "undetermined": {"count": 0, "lines": []},
        "malformed": {"count": 0, "lines": []},
        "problem": None,
    }  # fmt: skip


def test_the_exit_status_says_what_changed_what_is_broken_and_what_is_not_known(
    run: Run, policy: Path, head: Path, log: Path
) -> None:
    def status(*options: str | Path, content: bytes | None = None) -> int:
        return run("replay", "-", *options, stdin=content or log.read_bytes()).status

    both = ("--policy", head, "--base", policy)
    assert status(*both) == 0
    assert status(*both, "--fail-on", "more") == 1
    assert status(*both, "--fail-on", "more:shop.other") == 0
    assert status(*both, "--fail-on", "incomparable") == 0
    assert status("--policy", policy, "--base", head, "--fail-on", "any") == 1
    assert status("--policy", policy, "--base", head, "--fail-on", "more") == 0
    assert status("--policy", head) == 5  # no answer was recorded
    broken = log.read_bytes() + b"{\n"
    assert status(*both, content=broken) == 2
    assert status(*both, "--fail-on", "more", content=broken) == 1
    assert status(*both, content=b"\n\n") == 2
    assert status(*both, content=gzip.compress(log.read_bytes())) == 0
    assert status(*both, content=gzip.compress(log.read_bytes())[:-9]) == 2
    assert status("--policy", "nowhere.agp") == 2
    assert status(*both, "--fail-on", "less") == 2


def test_broken_lines_are_named(run: Run, policy: Path, head: Path, log: Path) -> None:
    log.write_text('{"a": 1, "a": 2}\n' + log.read_text())
    result = run("replay", log, "--policy", head, "--base", policy)
    assert result.status == 2
    assert 'malformed: line 1: the key "a" stands twice in one object\n' in result.out


def test_an_empty_log_shows_nothing_and_is_no_success(run: Run, policy: Path, log: Path) -> None:
    log.write_text("\n")
    result = run("replay", log, "--policy", policy)
    assert (result.status, result.err.count("holds no record")) == (2, 1)
    assert result.out.startswith("undetermined: 0 of 0 answers would change\n")


def test_a_policy_that_does_not_compile_is_named(
    run: Run, policy: Path, head: Path, log: Path
) -> None:
    head.write_text("package")
    result = run("replay", log, "--policy", head, "--base", policy)
    assert result.status == 3
    assert "error: the head does not compile" in result.err


def test_a_base_may_be_a_revision(run: Run, policy: Path, log: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", policy.name)
    git("commit", "-qm", "one")
    policy.write_text(POLICY.replace("amount > 100", "amount > 200"))
    result = run("replay", log, "--policy", policy, "--base", "main", "--fail-on", "more")
    assert result.status == 1
    assert result.out.startswith("more: 2 of 4 answers would change\n")


def test_a_log_of_many_chunks_is_read_by_several_processes(
    policy: Path, head: Path, process: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    lines = b"".join(json.dumps(asked(amount)).encode() + b"\n" for amount in range(300)) * 50
    done = process(
        "replay", "-", "--policy", str(head), "--base", str(policy), "--format", "json", stdin=lines
    )
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert (found["records"], found["changed"]) == (15_000, 5_000)
