"""Finding targets: by name, without ambiguity, and with a clear message where one is broken."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from agpc.compiler.lowering.rules.bindings import PLATFORMS, WITHOUT_BINDING
from agpc.targets import registry
from agpc.targets.registry import (
    GROUP,
    TargetError,
    enforces,
    load_target,
    target_names,
)

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS: dict[str, str] = PROJECT["entry-points"][GROUP]


def install(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, str]) -> None:
    """Pretend that distributions offer targets: pairs of name and object."""
    entries = [EntryPoint(name, value, GROUP) for name, value in found]

    def entry_points(*, group: str, name: str | None = None) -> list[EntryPoint]:
        assert group == GROUP
        return [each for each in entries if name in (None, each.name)]

    monkeypatch.setattr(registry, "entry_points", entry_points)


def test_it_is_known_of_every_target_whether_it_reads_a_block_of_its_name() -> None:
    """Of one that reads none a `bind` is refused: it would say something to nobody."""
    assert {*OURS} - {*PLATFORMS} == {*WITHOUT_BINDING}


def test_every_folder_with_a_target_is_registered_under_its_name() -> None:
    modules = (ROOT / "targets").glob("*/__init__.py")
    folders = [each.parent.name for each in modules if "TARGET" in each.read_text(encoding="utf-8")]
    assert {each.replace("_", "-"): f"agpc.targets.{each}:TARGET" for each in folders} == OURS


def test_ours_are_installed_and_load() -> None:
    assert set(OURS) <= set(target_names())
    for name in OURS:
        assert load_target(name).name == name


def test_of_ours_the_ir_alone_enforces_nothing() -> None:
    assert {name for name in OURS if not enforces(load_target(name))} == {"ir"}


@pytest.mark.parametrize("page", ["README.md", "docs/targets.md"])
def test_the_pages_about_targets_name_all_of_ours(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [name for name in OURS if f"`{name}`" not in text and f"### {name}" not in text] == []


def test_an_unknown_name_is_answered_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, ("b", "x:B"), ("a", "x:A"))
    with pytest.raises(TargetError, match="there is no target `c`; installed are a, b"):
        load_target("c")


def test_two_targets_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, ("python", "agpc.targets.python:TARGET"), ("python", "evil:TARGET"))
    with pytest.raises(TargetError, match=r"agpc\.targets\.python:TARGET, evil:TARGET"):
        load_target("python")


def test_one_target_that_is_listed_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, *[("python", "agpc.targets.python:TARGET")] * 2)
    assert load_target("python").name == "python"
    assert target_names() == ["python"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("no_such_module:TARGET", "cannot load the target `x`: No module named 'no_such_module'"),
        ("agpc.targets.python:NOTHING", "cannot load the target `x`"),
        ("agpc.targets.python:TARGET", "is not a target `x`"),
        ("json:dumps", "is not a target `x`"),
    ],
)
def test_what_is_no_target_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str, message: str
) -> None:
    install(monkeypatch, ("x", value))
    with pytest.raises(TargetError, match=message):
        load_target("x")
