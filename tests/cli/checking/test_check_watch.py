"""`agpc check --watch`: each change is checked, and what cannot be read is waited for."""

from __future__ import annotations

import gc
from pathlib import Path

from ..conftest import Edits, Run


def nothing() -> None:
    """A pause in which nothing changes."""


def test_each_change_is_checked_once(run: Run, policy: Path, edits: Edits) -> None:
    text = policy.read_text()
    edits(
        nothing,
        lambda: policy.write_text(text.replace("args.amount", "args.amonut")),
        nothing,
        lambda: policy.write_text(text),
        lambda: policy.with_name("more.agp").write_text("language 2\npackage more\n"),
    )
    result = run("check", "--watch")
    assert result.status == 130
    assert result.out.splitlines() == [
        "1 file: 0 errors, 0 warnings",
        "1 file: 1 error, 0 warnings",
        "1 file: 0 errors, 0 warnings",
        "2 files: 0 errors, 0 warnings",
    ]
    assert result.err.count("error[AGP1109]") == result.err.count("error[") == 1


def test_nothing_stays_frozen_afterwards(run: Run, policy: Path, edits: Edits) -> None:
    """Or all that the process reads later would be counted against it."""
    edits(lambda: policy.write_text(policy.read_text() + "# more\n"))
    assert run("check", "--watch").out.count("\n") == 2
    assert gc.get_freeze_count() == 0


def test_a_file_with_the_same_size_and_time_is_read(run: Run, policy: Path, edits: Edits) -> None:
    import os

    before = policy.stat()

    def edit() -> None:
        policy.write_text(policy.read_text().replace("> 100", "> 1.5"))
        os.utime(policy, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert policy.stat().st_size == before.st_size

    edits(edit)
    assert run("check", "--watch").out.count("\n") == 2


def test_what_cannot_be_read_is_said_once_and_waited_for(
    run: Run, policy: Path, edits: Edits
) -> None:
    moved, settings = policy.with_name("shop.txt"), policy.with_name("agpc.toml")
    edits(
        lambda: policy.rename(moved),
        nothing,
        lambda: moved.rename(policy),
        lambda: settings.write_text("selcet = []"),
        nothing,
        settings.unlink,
    )
    result = run("check", "--watch")
    assert result.status == 130
    assert result.err.count("holds no policies") == 1
    assert result.err.count("selcet") == 1
    assert result.err.count("error: ") == 2
    assert result.out.count("1 file: ") == 3


def test_changed_settings_are_a_change(run: Run, policy: Path, edits: Edits) -> None:
    edits(lambda: policy.with_name("agpc.toml").write_text('severity = {AGP6101 = "info"}'))
    assert run("check", "--watch").out.count("1 file: ") == 2


def test_standard_input_cannot_be_watched(run: Run, policy: Path, edits: Edits) -> None:
    result = run("check", "-", "--watch")
    assert (result.status, result.out) == (2, "")
    assert "standard input does not change" in result.err
