"""`agpc init`: a policy to start from, which never costs anybody a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import Run


def test_what_is_written_passes_check_and_test_and_is_formatted(run: Run, work: Path) -> None:
    result = run("init")
    assert (result.status, result.out) == (0, "wrote starter.agp; next: agpc check, agpc test\n")
    assert run("check", "--fail-on", "info").status == 0
    assert run("test").status == 0
    assert run("fmt", "--check").status == 0


def test_a_directory_is_made(run: Run, work: Path) -> None:
    assert run("init", "a/b").status == 0
    assert os.listdir(work / "a/b") == ["starter.agp"]
    assert run("test", "a").status == 0


def test_a_file_that_is_there_is_never_written_over(run: Run, work: Path) -> None:
    (work / "starter.agp").write_text("mine")
    result = run("init")
    assert result.status == 2
    assert result.err == "error: `starter.agp` is there already, and is not written over\n"
    assert (work / "starter.agp").read_text() == "mine"


def test_a_link_that_leads_nowhere_is_not_written_through(run: Run, work: Path) -> None:
    (work / "starter.agp").symlink_to(work / "elsewhere")
    assert run("init").status == 2
    assert not (work / "elsewhere").exists()


@pytest.mark.parametrize("directory", ["file", "file/below", "/proc/none"])
def test_a_directory_that_cannot_be_made_is_status_2(run: Run, work: Path, directory: str) -> None:
    (work / "file").write_text("")
    result = run("init", directory)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: ")


def test_what_is_written_compiles_to_targets_that_need_a_binding_too(run: Run, work: Path) -> None:
    run("init", "policies")
    assert run("compile", "policies", "-t", "python,rego,aws-iam,ir", "-o", "build").status == 0
    assert (work / "build/aws-iam").is_dir()


def test_nothing_is_left_of_a_file_that_cannot_be_written_whole(work: Path) -> None:
    resource = pytest.importorskip("resource")
    ran = subprocess.run(
        [sys.executable, "-m", "agpc", "init", "p"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (
        2,
        b"error: cannot write `p/starter.agp`: file too large\n",
    )
    assert os.listdir(work / "p") == []
