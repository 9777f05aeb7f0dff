"""`agpc check`: what is wrong, in which format, on which stream, with which status."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from agpc.compiler.check.compiling.compile import Compilation, compile_sources
from agpc.compiler.check.compiling.memory import Memory
from agpc.compiler.lowering.names.controls import Catalogue
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.compiler.report.source import Source

from ..conftest import POLICY, Run

WRONG = "package shop\nuse nowhere\n"
WARNED = POLICY.replace("amount: number", "amount?: number")


def test_a_clean_policy_is_status_0(run: Run, policy: Path) -> None:
    assert run("check", policy) == (run("check", "shop.agp")) == run("check")
    result = run("check")
    assert (result.status, result.out, result.err) == (0, "1 file: 0 errors, 0 warnings\n", "")


def test_an_error_is_status_3_and_goes_to_standard_error(run: Run, policy: Path) -> None:
    policy.write_text(WRONG)
    result = run("check")
    assert (result.status, result.out) == (3, "1 file: 1 error, 0 warnings\n")
    assert result.err.startswith("error[AGP")
    assert " ┌─ shop.agp:2:" in result.err


def test_places_are_told_as_they_are_reached_from_here(run: Run, work: Path) -> None:
    (work / "policies/sub").mkdir(parents=True)
    (work / "policies/sub/a.agp").write_text(WRONG)
    assert " ┌─ policies/sub/a.agp:2:" in run("check", "policies").err


def test_all_errors_of_all_files_are_told(run: Run, work: Path) -> None:
    for name in ("a", "b"):
        (work / f"{name}.agp").write_text(f"package {name}\nuse nowhere\nuse nothing\n")
    counted = json.loads(run("check", "--format", "json").out)["summary"]
    assert counted["error"] == 4


@pytest.mark.parametrize(("level", "status"), [("error", 0), ("warning", 1), ("info", 1)])
def test_a_warning_fails_where_it_is_asked_to(
    run: Run, policy: Path, level: str, status: int
) -> None:
    policy.write_text(WARNED)
    result = run("check", "--fail-on", level)
    assert (result.status, result.out) == (status, "1 file: 0 errors, 1 warning\n")
    assert result.err.startswith("warning[AGP1206]")


@pytest.mark.parametrize(("level", "status"), [("error", 5), ("warning", 1)])
def test_undetermined_is_never_status_0(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch, level: str, status: int
) -> None:
    real = compile_sources

    def in_doubt(sources: Sequence[Source], memory: Memory, catalogue: Catalogue) -> Compilation:
        doubt = Diagnostic("AGP2999", "the search took too long")
        return dataclasses.replace(real(sources, memory, catalogue), diagnostics=(doubt,))

    monkeypatch.setattr("agpc.compiler.check.review.review.compile_sources", in_doubt)
    result = run("check", "--fail-on", level)
    assert result.status == status
    assert result.err.startswith("warning[AGP2999]: ")


def test_an_error_is_status_3_at_every_level(run: Run, policy: Path) -> None:
    policy.write_text(WRONG)
    assert {run("check", "--fail-on", each).status for each in ("error", "warning", "info")} == {3}


@pytest.mark.parametrize("format", ["json", "sarif", "github", "gitlab", "junit"])
def test_a_report_for_machines_is_the_result(run: Run, policy: Path, format: str) -> None:
    policy.write_text(WRONG)
    result = run("check", "--format", format)
    assert (result.status, result.err) == (3, "")
    assert "shop.agp" in result.out
    if format in ("json", "sarif", "gitlab"):
        json.loads(result.out)
    elif format == "junit":
        ElementTree.fromstring(result.out)
    else:
        assert result.out.startswith("::error file=shop.agp,line=2,")


def test_standard_input_is_a_policy(run: Run) -> None:
    assert run("check", "-", stdin=POLICY.encode()).status == 0
    result = run("check", "-", stdin=WRONG.encode())
    assert result.status == 3
    assert " ┌─ <stdin>:2:" in result.err


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github", "gitlab", "junit"])
def test_what_cannot_be_read_is_status_2_without_a_report(
    run: Run, work: Path, format: str
) -> None:
    (work / "empty").mkdir()
    (work / "latin.agp").write_bytes(b"package a # \xe4\n")
    os.mkfifo(work / "pipe")
    result = run("check", "missing.agp", "empty", "latin.agp", "pipe", "--format", format)
    assert (result.status, result.out) == (2, "")
    assert result.err.splitlines() == [
        "error: cannot read `missing.agp`: no such file or directory",
        "error: `empty` holds no policies: no file ends in .agp",
        "error: `pipe` is neither a file nor a directory; give `-` for standard input",
        "error: `latin.agp` is not UTF-8: byte 0xe4 at offset 12, line 1",
    ]


def test_a_directory_without_policies_is_status_2(run: Run) -> None:
    assert run("check").err == "error: `.` holds no policies: no file ends in .agp\n"


def test_nothing_in_a_policy_reaches_the_terminal_raw(run: Run, policy: Path) -> None:
    policy.write_text("package shop\nagent x = 1 # \x1b]0;owned\x07 \u202e\nagent y = 1\n")
    result = run("check")
    assert result.status == 3
    assert not {"\x1b", "\x07", "\u202e"} & set(result.out + result.err)


DATED = """\
package shop
owner "shop" contact "shop@acme.example"
agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
tool till { action open }
grant old {
    to bot
    for sell
    allow till.open
    valid until 2020-01-01
}
"""


def test_a_grant_that_is_over_is_told_at_the_day_that_is_asked_for(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGPC_CHECK_IGNORE")
    policy.write_text(DATED)
    assert "AGP4105" in run("check").err
    assert "AGP4105" in run("check", "--at", "2020-01-02").err
    assert "AGP4105" not in run("check", "--at", "2020-01-01T23:59:59Z").err
    assert "AGP4106" in run("check", "--at", "2000-01-01").err
    wrong = run("check", "--at", "tomorrow")
    assert wrong.status == 2
    assert "`tomorrow` is not a day or a time that can be told: write 2026-11-24" in wrong.err
