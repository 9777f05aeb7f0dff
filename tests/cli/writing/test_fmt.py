"""`agpc fmt`: in place, whole or not at all, and nothing where something is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ..conftest import POLICY, Run

UGLY = "package   shop\n\n\n\n# one\nset a=[1,2]\n"
NICE = "package shop\n\n# one\nset a = [1, 2]\n"


@pytest.fixture
def ugly(work: Path) -> Path:
    path = work / "ugly.agp"
    path.write_text(UGLY)
    return path


def test_a_file_is_formatted_in_place_once(run: Run, ugly: Path) -> None:
    result = run("fmt")
    assert (result.status, result.out, result.err) == (0, "formatted ugly.agp\n", "")
    assert ugly.read_text() == NICE
    assert run("fmt") == run("fmt", "--check")
    assert run("fmt").out == ""


def test_check_and_diff_write_nothing_and_are_status_1(run: Run, ugly: Path) -> None:
    result = run("fmt", "--check")
    assert (result.status, result.out) == (1, "would format ugly.agp\n")
    result = run("fmt", "--diff")
    assert result.status == 1
    assert result.out.startswith("--- a/ugly.agp\n+++ b/ugly.agp\n@@ ")
    assert "+set a = [1, 2]\n" in result.out
    assert ugly.read_text() == UGLY


def test_standard_input_goes_to_standard_output(run: Run, work: Path) -> None:
    assert run("fmt", "-", stdin=UGLY.encode()).out == NICE
    assert run("fmt", "-", stdin=NICE.encode()).out == NICE
    assert run("fmt", "-", "--check", stdin=UGLY.encode()).status == 1


def test_a_syntax_error_in_one_file_leaves_all_as_they_are(
    run: Run, ugly: Path, work: Path
) -> None:
    (work / "wrong.agp").write_text("package shop\nagent x =\n")
    result = run("fmt")
    assert (result.status, result.out) == (3, "")
    assert result.err.startswith("error[AGP")
    assert ugly.read_text() == UGLY


def test_a_name_error_is_no_obstacle(run: Run, ugly: Path) -> None:
    ugly.write_text(UGLY + "use nowhere\n")
    assert run("fmt").status == 0


def test_mode_and_links_stay(run: Run, ugly: Path, work: Path) -> None:
    ugly.chmod(0o640)
    (work / "sub").mkdir()
    link = work / "sub/link.agp"
    link.symlink_to(ugly)
    assert run("fmt", "sub").status == 0
    assert link.is_symlink()
    assert ugly.stat().st_mode & 0o777 == 0o640
    assert ugly.read_text() == NICE


def test_a_write_that_fails_leaves_the_file_and_nothing_beside(
    run: Run, ugly: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    result = run("fmt")
    assert result.status == 2
    assert result.err == "error: cannot write `ugly.agp`: no space left on device\n"
    assert ugly.read_text() == UGLY
    assert os.listdir(work) == ["ugly.agp"]


def test_a_diff_shows_what_cannot_be_seen(run: Run, work: Path) -> None:
    (work / "a.agp").write_bytes(POLICY.replace("\n", "\r\n").encode())
    result = run("fmt", "--diff")
    assert result.status == 1
    assert "-package shop<U+000D>\n" in result.out
