"""Without a path every command is about one policy set, and asks where there are several."""

from __future__ import annotations

from pathlib import Path

import pytest

from agpc.cli import exits

from .conftest import POLICY, Run
from .repository import commit, git

COMMANDS = [
    ["check"],
    ["test"],
    ["compile", "--target", "ir", "--out", "made"],
    ["decide", "--request", "-"],
    ["explain", "--request", "-"],
    ["who-can", "shop.till.open"],
    ["what-can", "shop.bot"],
    ["matrix"],
    ["report"],
    ["diff", "HEAD"],
    ["diff", "--staged"],
]
NAMED = "[[set]]\nname = 'one'\npaths = ['one']\n[[set]]\nname = 'two'\npaths = ['two']\n"


@pytest.fixture(params=["named", "by their settings"])
def two_sets(work: Path, request: pytest.FixtureRequest) -> Path:
    git("init", "--quiet")
    commit(one__shop=POLICY, two__shop=POLICY)
    if request.param == "named":
        (work / "agpc.toml").write_text(NAMED)
    else:
        for name in ("one", "two"):
            (work / name / "agpc.toml").write_text("")
    return work


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_a_command_asks_which_of_several_sets_is_meant(
    run: Run, two_sets: Path, command: list[str]
) -> None:
    result = run(*command)
    assert result.status == exits.USAGE, result
    assert result.err.startswith("error: ")
    assert "name the files of one, or run `agpc ci`" in result.err
    assert "declared twice" not in result.err
    assert run(*command, "one", stdin=b"{}").status != exits.USAGE


def test_files_are_laid_out_whatever_set_they_are_of(run: Run, two_sets: Path) -> None:
    assert run("fmt", "--check").out == "would format one/shop.agp\nwould format two/shop.agp\n"


def test_one_set_is_no_question(run: Run, work: Path) -> None:
    git("init", "--quiet")
    commit(one__shop=POLICY)
    (work / "one" / "agpc.toml").write_text("")
    assert run("test").status == exits.CLEAN
