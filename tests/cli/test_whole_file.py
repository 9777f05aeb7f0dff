"""What is written takes the place of a file whole, and never that of a device or a pipe."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agpc.cli import exits
from agpc.cli.output.whole_file import write_whole


def test_a_file_is_replaced_behind_its_links_and_keeps_its_mode(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    write_whole(link, "after")
    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("after", 0o640)
    assert link.is_symlink()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "target"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        write_whole(pipe, "text")
        assert reader.communicate()[0] == b"text"
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    link = tmp_path / "null"
    link.symlink_to(os.devnull)
    write_whole(link, "text")
    assert stat.S_ISCHR(link.stat().st_mode)


def test_a_directory_is_no_place_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(exits.Failure, match="cannot write"):
        write_whole(tmp_path, "text")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="standard output has no name here")
def test_standard_output_may_be_named(
    policy: Path, process: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    done = process("report", str(policy), "--format", "svg", "--out", "/dev/stdout")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"<svg")
