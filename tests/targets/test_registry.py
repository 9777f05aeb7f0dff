"""Finding targets: by name, without ambiguity, and with a clear message where one is broken."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from agpc.targets import registry
from agpc.targets.registry import GROUP, TargetError, load_target, target_names

OURS = ["aws-iam", "ir", "python", "rego"]


def install(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, str]) -> None:
    """Pretend that distributions offer targets: pairs of name and object."""
    entries = [EntryPoint(name, value, GROUP) for name, value in found]

    def entry_points(*, group: str, name: str | None = None) -> list[EntryPoint]:
        assert group == GROUP
        return [each for each in entries if name in (None, each.name)]

    monkeypatch.setattr(registry, "entry_points", entry_points)


def test_ours_are_installed_and_load() -> None:
    assert set(OURS) <= set(target_names())
    for name in OURS:
        assert load_target(name).name == name


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
