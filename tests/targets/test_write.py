"""Artifacts appear whole or not at all, and nothing of the user's is ever removed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.targets import write
from agpc.targets.manifest import FORMAT
from agpc.targets.write import WriteError, check_paths, write_artifacts


def manifest(*paths: str) -> bytes:
    artifacts = [{"path": path} for path in paths]
    return json.dumps({"format": FORMAT, "targets": {"t": {"artifacts": artifacts}}}).encode()


def put(out: Path, **files: str) -> None:
    """Write files (`__` stands for `/`, `_` at the end is dropped) as one run of the compiler."""
    paths = {f"t/{name.replace('__', '/')}": text.encode() for name, text in files.items()}
    write_artifacts(out, paths, manifest(*paths))


def tree(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "build"


def test_files_appear_with_the_manifest_and_leave_nothing_beside(out: Path) -> None:
    put(out, a="1", sub__b="2")
    assert tree(out) == {"t/a": "1", "t/sub/b": "2"}
    assert (out / "manifest.json").exists()
    assert os.listdir(out.parent) == ["build"]


def test_a_second_run_replaces_the_first_whole(out: Path) -> None:
    put(out, a="1", old="x")
    put(out, a="2", new="y")
    assert tree(out) == {"t/a": "2", "t/new": "y"}
    assert os.listdir(out.parent) == ["build"]


def test_parents_are_made_and_an_empty_directory_is_taken(tmp_path: Path) -> None:
    put(tmp_path / "x/y/build", a="1")
    (tmp_path / "empty").mkdir()
    put(tmp_path / "empty", a="1")
    assert tree(tmp_path / "empty") == {"t/a": "1"}


def test_a_link_to_the_directory_stays_a_link(tmp_path: Path) -> None:
    put(tmp_path / "real", a="1")
    (tmp_path / "link").symlink_to("real")
    put(tmp_path / "link", a="2")
    assert (tmp_path / "link").is_symlink()
    assert tree(tmp_path / "real") == {"t/a": "2"}


def test_the_mode_of_the_directory_stays(out: Path) -> None:
    put(out, a="1")
    out.chmod(0o700)
    put(out, a="2")
    assert out.stat().st_mode & 0o777 == 0o700


def foreign_file(out: Path) -> None:
    put(out, a="1")
    (out / "notes.txt").write_text("mine")


def foreign_directory(out: Path) -> None:
    out.mkdir()
    (out / "main.py").write_text("mine")


def foreign_manifest(out: Path) -> None:
    out.mkdir()
    (out / "manifest.json").write_text('{"name": "a web application"}')


def foreign_link(out: Path) -> None:
    put(out, a="1")
    (out / "t/link").symlink_to("/")


def a_file(out: Path) -> None:
    out.write_text("mine")


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (foreign_file, "holds `notes.txt`, which agpc did not write"),
        (foreign_directory, "neither empty nor written by agpc"),
        (foreign_manifest, "neither empty nor written by agpc"),
        (foreign_link, "holds `t/link`"),
        (a_file, "is not a directory"),
    ],
)
def test_what_is_not_ours_is_refused_and_stays(
    out: Path, before: Callable[[Path], None], message: str
) -> None:
    before(out)
    was = tree(out.parent)
    with pytest.raises(WriteError, match=message):
        put(out, a="2")
    assert tree(out.parent) == was


def test_what_python_leaves_beside_a_generated_module_is_no_obstacle(out: Path) -> None:
    put(out, a="1")
    (out / "t/__pycache__").mkdir()
    (out / "t/__pycache__/a.cpython-311.pyc").write_bytes(b"x")
    put(out, a="2")
    assert tree(out) == {"t/a": "2"}


def test_the_working_directory_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "build/sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "build/sub")
    for out in (Path(), Path("..")):
        with pytest.raises(WriteError, match="is where this runs"):
            put(out, a="1")


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/.", "a\\b", "c:x", "a\0", "a\nb"],
)
def test_paths_that_lead_elsewhere_are_refused(out: Path, path: str) -> None:
    with pytest.raises(WriteError, match="safe relative path"):
        write_artifacts(out, {path: b""}, manifest(path))
    assert not out.exists()


def test_a_name_too_long_for_a_file_system_is_refused() -> None:
    check_paths({"ä" * 127: b""})
    with pytest.raises(WriteError, match="safe relative path"):
        check_paths({"ä" * 128: b""})


@pytest.mark.parametrize(
    "paths",
    [("t/A", "t/a"), ("manifest.JSON",), ("a", "a/b"), ("a/b/c", "A/B"), ("manifest.json/x",)],
)
def test_paths_that_a_file_system_may_take_for_one_another_are_refused(
    paths: tuple[str, ...],
) -> None:
    with pytest.raises(WriteError):
        check_paths(dict.fromkeys(paths, b""))


@given(st.text(max_size=30))
@settings(max_examples=200)
def test_an_accepted_path_stays_inside(path: str) -> None:
    try:
        check_paths({path: b""})
    except WriteError:
        return
    assert os.path.normpath(os.path.join("/out", path)) == f"/out/{path}"


def test_a_directory_that_cannot_be_written_is_told(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (out.parent / "file").write_text("")
    with pytest.raises(WriteError, match="cannot write"):
        put(out.parent / "file/build", a="1")
    with pytest.raises(WriteError, match="cannot write"):
        put(Path("/proc/agpc-build"), a="1")


# --- Interruption ---------------------------------------------------------------------------------

OLD = {"t/a": "old", "t/b": "old"}
NEW = {"t/a": "new", "t/c": "new"}


def put_and_die(out: Path, step: int, portable: bool) -> bool:
    """Write in a process that kills itself at a step; tell whether it came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            _count_down(step, portable)
            put(out, a="new", c="new")
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFEXITED(status) or os.WTERMSIG(status) == signal.SIGKILL
    return os.WIFEXITED(status)


def _count_down(step: int, portable: bool) -> None:
    """Make the step-th call that changes something on the disk the last of this process."""
    left = step

    def deadly(function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return counted

    write.exchange = deadly((lambda one, other: False) if portable else write.exchange)
    for holder, name in (
        (os, "rename"), (os, "fsync"), (os, "mkdir"), (os, "unlink"), (os, "rmdir"), (Path, "open"),
    ):  # fmt: skip
        setattr(holder, name, deadly(getattr(holder, name)))


@pytest.mark.parametrize("portable", [False, True])
def test_a_kill_at_any_step_leaves_the_old_or_the_new_and_the_next_run_cleans_up(
    out: Path, portable: bool
) -> None:
    seen = []
    for step in count(1):
        put(out, a="old", b="old")
        assert tree(out) == OLD
        assert os.listdir(out.parent) == ["build"]
        finished = put_and_die(out, step, portable)
        if portable and not out.exists():  # between its two renames: the next run mends it
            write._recover(out)
        seen.append(tree(out))
        assert seen[-1] in (OLD, NEW)
        if finished:
            break
    assert len(seen) > 15
    assert (seen[0], seen[-1]) == (OLD, NEW)
    assert os.listdir(out.parent) == ["build"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
@pytest.mark.parametrize("step", ["_stage", "_swap", "_sync_directory"])
def test_an_exception_at_any_step_leaves_the_old_and_nothing_beside(
    out: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    put(out, a="old", b="old")

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(write, step, fail)
        with pytest.raises((KeyboardInterrupt, WriteError)):
            put(out, a="new", c="new")
    assert tree(out) == OLD
    assert os.listdir(out.parent) == ["build"]


@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize("step", ["unlink", "rmdir"])
def test_an_interrupt_while_the_old_is_cleared_away_leaves_nothing_beside(
    out: Path, monkeypatch: pytest.MonkeyPatch, step: str, portable: bool
) -> None:
    put(out, a="old", b="old")
    real = getattr(os, step)
    with monkeypatch.context() as patch:

        def interrupt(*arguments: Any, **options: Any) -> None:
            patch.setattr(os, step, real)
            raise KeyboardInterrupt

        patch.setattr(os, step, interrupt)
        if portable:
            patch.setattr(write, "exchange", lambda one, other: False)
        with pytest.raises(KeyboardInterrupt):
            put(out, a="new", c="new")
    assert tree(out) == NEW
    assert os.listdir(out.parent) == ["build"]


def test_without_an_exchange_a_failed_second_rename_puts_the_old_back(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(out, a="old", b="old")
    real = os.rename
    with monkeypatch.context() as patch:
        patch.setattr(write, "exchange", lambda one, other: False)

        def rename(source: Path, target: Path) -> None:
            if target == out and "new" in source.name:
                raise OSError(5, "Input/output error")
            real(source, target)

        patch.setattr(os, "rename", rename)
        with pytest.raises(WriteError, match="Input/output error"):
            put(out, a="new", c="new")
    assert tree(out) == OLD
    assert os.listdir(out.parent) == ["build"]


def test_runs_into_one_directory_wait_for_one_another(out: Path) -> None:
    put(out, a="old", b="old")
    children = []
    for name in ("one", "two", "three", "four"):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                for _ in range(10):
                    put(out, a=name, b=name)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert statuses == [0, 0, 0, 0]
    assert len(set(tree(out).values())) == 1
    assert os.listdir(out.parent) == ["build"]


def test_a_read_only_directory_is_replaced_and_leaves_nothing_beside(out: Path) -> None:
    put(out, a="1", sub__b="1")
    for each in (out / "t/sub", out / "t", out):
        each.chmod(0o555)
    put(out, a="2")
    assert tree(out) == {"t/a": "2"}
    assert out.stat().st_mode & 0o777 == 0o555
    assert os.listdir(out.parent) == ["build"]
    out.chmod(0o755)


def test_an_interrupt_once_the_directory_is_made_leaves_nothing_beside(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.mkdir
    with monkeypatch.context() as patch:

        def mkdir(path: Path, *arguments: Any, **options: Any) -> None:
            real(path, *arguments, **options)
            if ".agpc-new-" in path.name:
                raise KeyboardInterrupt

        patch.setattr(Path, "mkdir", mkdir)
        with pytest.raises(KeyboardInterrupt):
            put(out, a="1")
    assert os.listdir(out.parent) == []


def test_a_directory_of_any_depth_is_refused_or_made_and_not_followed(tmp_path: Path) -> None:
    deep = Path(*["d"] * 1_100)
    put(tmp_path / deep / "build", a="1")
    assert tree(tmp_path / deep / "build") == {"t/a": "1"}
    (tmp_path / "other").mkdir()
    (tmp_path / "d").rename(tmp_path / "other/d")
    with pytest.raises(WriteError, match="too deeply"):
        put(tmp_path / "other", a="1")
    subprocess.run(["rm", "-rf", tmp_path / "other"], check=True)  # shutil cannot
