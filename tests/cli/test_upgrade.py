"""`agpc upgrade`: which files it writes, what it says, with which status."""

from __future__ import annotations

from pathlib import Path

from agpc.cli import exits

from .conftest import POLICY, Run

OLD = POLICY.replace("language 2\n", "").replace("action open", "action open, close,")


def test_a_file_of_version_1_is_written_anew_once(run: Run, policy: Path) -> None:
    policy.write_text(OLD)
    result = run("upgrade")
    assert (result.status, result.out) == (0, "upgraded shop.agp (1 comma left out)\n")
    assert "agpc rule AGP1018" in result.err
    assert policy.read_text() == POLICY.replace("action open", "action open, close")
    again = run("upgrade")
    assert (again.status, again.out, again.err) == (0, "", "")


def test_a_check_and_a_diff_write_nothing(run: Run, policy: Path) -> None:
    policy.write_text(OLD)
    result = run("upgrade", "--check")
    assert (result.status, result.out) == (
        exits.FINDINGS,
        "would upgrade shop.agp (1 comma left out)\n",
    )
    shown = run("upgrade", "--diff")
    assert shown.status == exits.FINDINGS
    assert "+language 2" in shown.out.splitlines()
    assert policy.read_text() == OLD


def test_what_cannot_be_upgraded_is_told_and_nothing_is_written(run: Run, work: Path) -> None:
    (work / "a.agp").write_text("package a\nenum c = A,\n")
    (work / "b.agp").write_text("package b\nset s = 5\n")
    result = run("upgrade")
    assert (result.status, result.out) == (exits.INVALID, "")
    assert "error[AGP1001]" in result.err
    assert (work / "a.agp").read_text() == "package a\nenum c = A,\n"
