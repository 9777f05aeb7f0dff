"""The policy sets of a repository: as it names them, or one for each directory with settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agpc.compiler.check.project.files import PolicyFilesError
from agpc.compiler.check.project.policy_sets import find_sets, set_of
from agpc.compiler.check.project.settings_file import SettingsError

Lay = Callable[..., Path]


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lay:
    """Write files into the working directory, and settings with sets of names and paths."""
    top = tmp_path / "repository"
    top.mkdir()
    monkeypatch.chdir(top)

    def lay(*files: str, **sets: str) -> Path:
        for each in files:
            path = top / each
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("" if path.suffix == ".toml" else "package a\n")
        if sets:
            tables = [f"[[set]]\nname = '{name}'\npaths = [{at}]\n" for name, at in sets.items()]
            (top / "agpc.toml").write_text("".join(tables))
        return top

    return lay


def found() -> dict[str, list[str]]:
    return {each.name: [file.path for file in each.files] for each in find_sets().sets}


def problems() -> tuple[str, ...]:
    with pytest.raises(PolicyFilesError) as caught:
        find_sets()
    return caught.value.problems


def test_sets_that_are_named_hold_their_paths(lay: Lay) -> None:
    lay("a/x.agp", "b/y.agp", "c.agp", one="'a', 'c.agp'", two="'b'")
    assert found() == {"one": ["a/x.agp", "c.agp"], "two": ["b/y.agp"]}


def test_named_sets_are_found_from_below_and_shown_from_there(
    lay: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay("a/x.agp", "b/y.agp", one="'a'")
    monkeypatch.chdir("b")
    assert found() == {"one": ["../a/x.agp"]}


def test_policies_of_no_set_are_named(lay: Lay) -> None:
    lay("a/x.agp", "b/y.agp", ".git/z.agp", "z.agp", one="'a'")
    assert sorted(find_sets().beside) == ["b/y.agp", "z.agp"]


def test_paths_that_are_not_there_and_sets_without_policies_are_all_told(lay: Lay) -> None:
    lay("a/x.agp", "e/read.me", one="'a', 'gone'", two="'e'")
    assert problems() == (
        "set `one`: cannot read `gone`: no such file or directory",
        "set `two`: `e` holds no policies: no file ends in .agp",
    )


def test_a_file_is_in_one_set_however_it_is_reached(lay: Lay) -> None:
    top = lay("a/x.agp", "b/y.agp", one="'a'", two="'b', 'a/x.agp'")
    said = "`a/x.agp` is in two sets, `one` and `two`: each is compiled by itself, so give each file to one"
    assert problems() == (said,)
    lay(one="'a'", two="'b'")
    os.symlink("../a/x.agp", top / "b/link.agp")
    assert problems() == (said.replace("`a/x.agp`", "`b/link.agp`"),)


def test_a_link_out_of_the_project_is_refused(lay: Lay, tmp_path: Path) -> None:
    (tmp_path / "outside.agp").write_text("package b\n")
    top = lay("a/x.agp", one="'a'")
    os.symlink(tmp_path / "outside.agp", top / "a/out.agp")
    (problem,) = problems()
    assert problem.startswith("set `one`: `a/out.agp` is a link that leads out of ")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("[[set]]\nname = 'a'\n", "`set.0`: a set needs `paths`"),
        ("[[set]]\npaths = ['a']\n", "`set.0`: a set needs `name`"),
        ("[[set]]\nname = 'a'\npaths = []\n", "`set.0.paths`: a set has at least one path"),
        ("[[set]]\nname = 'a b'\npaths = ['a']\n", "`set.0.name`: a name has up to 64"),
        ("[[set]]\nname = '../a'\npaths = ['a']\n", "`set.0.name`: a name has up to 64"),
        ("[[set]]\nname = 'a'\npaths = ['../a']\n", "`set.0.paths.0`: a path leads from"),
        ("[[set]]\nname = 'a'\npaths = ['/a']\n", "`set.0.paths.0`: a path leads from"),
        ("[[set]]\nname = 'a'\npaths = ['a']\n" * 2, "`set`: two sets are named `a`"),
        ("[[set]]\nname = 'a'\npaths = ['a']\nmode = 1\n", "there is no setting `set.0.mode`"),
        ("set = 1\n", "`set`: input should be a list"),
        ("baseline = 'b'\n[[set]]\nname = 'a'\npaths = ['a']\n", "each names its own"),
        ("baseline = '../b'\n", "`baseline`: a path leads from"),
    ],
)
def test_what_makes_no_sense_in_the_settings_is_told(lay: Lay, settings: str, problem: str) -> None:
    (lay("a/x.agp") / "agpc.toml").write_text(settings)
    with pytest.raises(SettingsError) as caught:
        find_sets()
    assert problem in str(caught.value)


def test_each_directory_with_settings_is_a_set(lay: Lay) -> None:
    lay("a/x.agp", "a/agpc.toml", "b/deep/y.agp", "b/agpc.toml")
    assert found() == {"a": ["a/x.agp"], "b": ["b/deep/y.agp"]}


def test_without_settings_all_is_one_set(lay: Lay) -> None:
    lay("a/x.agp", "b/y.agp")
    assert found() == {"policies": ["a/x.agp", "b/y.agp"]}
    assert [each.path for each in set_of(["a"]).sets[0].files] == ["a/x.agp"]


def test_where_two_readings_are_possible_the_sets_have_to_be_named(lay: Lay) -> None:
    lay("x.agp", "a/y.agp", "a/agpc.toml")
    assert problems() == (
        "`.` has policies, and `a` below it has settings of its own: name the sets in the settings of `.`",
    )


def test_settings_below_may_name_sets_of_their_own(lay: Lay) -> None:
    top = lay("a/x.agp", "a/y.agp", "b/agpc.toml", "b/z.agp")
    (top / "a/agpc.toml").write_text(
        "[[set]]\nname = 'x'\npaths = ['x.agp']\n[[set]]\nname = 'y'\npaths = ['y.agp']\n"
    )
    assert found() == {"a/x": ["a/x.agp"], "a/y": ["a/y.agp"], "b": ["b/z.agp"]}


def test_each_set_is_judged_by_the_settings_next_to_it(lay: Lay) -> None:
    top = lay("a/x.agp", "b/y.agp")
    (top / "agpc.toml").write_text(
        "fail-on = 'info'\ntargets = ['rego']\n"
        "[[set]]\nname = 'a'\npaths = ['a']\nbaseline = 'a.json'\n"
        "[[set]]\nname = 'b'\npaths = ['b']\ntargets = []\n"
    )
    (top / "b/agpc.toml").write_text("fail-on = 'warning'\nbaseline = 'b.json'\n")
    a, b = find_sets().sets
    assert (a.settings.fail_on, b.settings.fail_on) == ("info", "warning")
    assert (a.baseline, b.baseline) == (top / "a.json", top / "b/b.json")
    assert (a.targets, b.targets) == (("rego",), ())
