"""`agpc compile`: all targets or nothing, the ledger, and the manifest."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import agpc
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.targets import registry
from agpc.targets.emission import (
    Artifact,
    Emission,
    LedgerEntry,
    Options,
)

from ..conftest import Run


class Fake:
    """A target for the tests: what it emits is set by each."""

    name = "fake"
    settings = {"a": "one", "b": "another"}  # noqa: RUF012 -- as other people write it
    emission: Callable[[Any], Emission]
    options: Options | None = None

    def emit(self, policy: Any, options: Options) -> Emission:
        Fake.options = options
        return Fake.emission(policy)


TARGET = Fake()


def whole(policy: Any) -> Emission:
    return Emission(
        {"a.txt": "ä\n", "sub/b.txt": "b\n"},
        tuple(LedgerEntry(rule.id, "exact", span=rule.span) for rule in policy.rules),
        artifacts={"a.txt": Artifact("text", agent="shop.bot")},
    )


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the target beside the others, as another distribution would."""
    real = registry.entry_points
    ours = EntryPoint("fake", f"{__name__}:TARGET", registry.GROUP)

    def entry_points(*, group: str, name: str | None = None) -> list[EntryPoint]:
        if name == "fake":
            return [ours]
        found = real(group=group) if name is None else real(group=group, name=name)
        return [*found, *([ours] if name is None else [])]

    monkeypatch.setattr(registry, "entry_points", entry_points)
    monkeypatch.setattr(
        EntryPoint, "load", lambda self: TARGET if self.name == "fake" else _load(self)
    )
    monkeypatch.setattr(Fake, "emission", staticmethod(whole), raising=False)


_load = EntryPoint.load


def tree(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_artifacts_stand_below_their_target_and_the_ledger_is_shown(
    run: Run, policy: Path, work: Path
) -> None:
    result = run("compile", "--target", "fake", "--out", "build")
    assert (result.status, result.err) == (0, "")
    assert set(tree(work / "build")) == {"fake/a.txt", "fake/sub/b.txt", "manifest.json"}
    assert result.out == (
        "fake: 3 exact\n"
        "  exact      shop.large_refunds\n"
        "  exact      shop.selling.opening\n"
        "  exact      shop.selling.refunding\n"
        "\n"
        "wrote 2 files and manifest.json to build\n"
    )


def test_the_manifest_says_what_was_made_from_what(run: Run, policy: Path, work: Path) -> None:
    run("compile", "-t", "fake", "-o", "build")
    manifest = json.loads((work / "build/manifest.json").read_bytes())
    assert manifest["compiler"] == {"name": "agpc", "version": agpc.__version__}
    assert manifest["sources"] == [
        {"name": "shop.agp", "sha256": hashlib.sha256(policy.read_bytes()).hexdigest()}
    ]
    assert manifest["rules"][0] == {
        "id": "shop.large_refunds",
        "effect": "forbid",
        "place": {"file": "shop.agp", "line": 17, "column": 1},
    }
    fake = manifest["targets"]["fake"]
    assert fake["artifacts"] == [
        {
            "path": "fake/a.txt",
            "sha256": hashlib.sha256("ä\n".encode()).hexdigest(),
            "kind": "text",
            "agent": "shop.bot",
        },
        {"path": "fake/sub/b.txt", "sha256": hashlib.sha256(b"b\n").hexdigest()},
    ]
    rules = [each["id"] for each in manifest["rules"]]
    start = "shop.sell.start"  # which nobody writes
    assert [start, *(entry["rule"] for entry in fake["ledger"])] == sorted(rules, key=start.__ne__)
    for each in fake["artifacts"]:
        content = (work / "build" / each["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == each["sha256"]


def test_output_is_the_same_to_the_byte_wherever_and_in_whatever_order(
    run: Run, policy: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("compile", "-t", "fake,python", "-o", "one", ".")
    elsewhere = work / "else/where"
    elsewhere.mkdir(parents=True)
    (elsewhere / "shop.agp").write_bytes(policy.read_bytes())
    run("compile", "-t", "python", "-t", "fake", "-o", "two", elsewhere)
    assert tree(work / "one") == tree(work / "two")


def lossy(policy: Any) -> Emission:
    forbid, opening, refunding = sorted(policy.rules, key=lambda rule: rule.id)
    ledger = (
        LedgerEntry(refunding.id, "elsewhere", ("no approvals", "no\x1bmoney")),
        LedgerEntry(opening.id, "stricter", ("no hours " + "and none of the days " * 5,)),
        LedgerEntry(forbid.id, "exact"),
    )
    return Emission({}, ledger, (Diagnostic("AGP5003", "it is stricter"),))


def test_stricter_and_elsewhere_say_why_and_where_and_warnings_go_to_standard_error(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "emission", staticmethod(lossy))
    monkeypatch.setenv("COLUMNS", "80")
    result = run("compile", "-t", "fake", "-o", "build")
    assert result.status == 0
    assert result.err.startswith("warning[AGP5003]: it is stricter\n")
    assert result.out.splitlines()[:10] == [
        "fake: 1 exact, 1 stricter, 1 elsewhere",
        "  exact      shop.large_refunds",
        "  stricter   shop.selling.opening",
        "             - no hours and none of the days and none of the days and none of",
        "               the days and none of the days and none of the days",
        "  elsewhere  shop.selling.refunding",
        "             - no approvals",
        "             - no<U+001B>money",
        "             - no target of this run enforces it",
        "",
    ]


def idle(policy: Any) -> Emission:
    return Emission(
        {}, tuple(LedgerEntry(each.id, "exact", idle=("no\x1bpath",)) for each in policy.rules)
    )


def test_what_has_nothing_to_do_is_said_of_an_exact_rule(
    run: Run, policy: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "emission", staticmethod(idle))
    assert run("compile", "-t", "fake", "-o", "build").out.splitlines()[:3] == [
        "fake: 3 exact",
        "  exact      shop.large_refunds",
        "             - no<U+001B>path",
    ]
    said = json.loads(run("compile", "-t", "fake", "-o", "build", "--format", "json").out)
    manifest = json.loads((work / "build/manifest.json").read_bytes())
    for ledger in (said["targets"]["fake"]["ledger"], manifest["targets"]["fake"]["ledger"]):
        assert [(each["reasons"], each["idle"]) for each in ledger] == [([], ["no\x1bpath"])] * 3


def test_a_target_that_only_carries_the_policy_is_not_named_as_what_enforces_it(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def left(policy: Any) -> Emission:
        return Emission({}, tuple(LedgerEntry(each.id, "elsewhere") for each in policy.rules))

    class Carrier(Fake):
        name = "carrier"

        def emit(self, policy: Any, options: Options) -> Emission:
            return whole(policy)

    monkeypatch.setattr(Fake, "emission", staticmethod(left))
    found = {"fake": TARGET, "carrier": Carrier()}
    monkeypatch.setattr(registry, "load_target", found.__getitem__)

    def outcome() -> tuple[str, list[list[str]], list[bool]]:
        shown = run("compile", "-t", "fake,carrier", "-o", "build").out
        said = json.loads(
            run("compile", "-t", "fake,carrier", "-o", "build", "--format", "json").out
        )
        targets = said["targets"].values()
        return (
            shown,
            [each["enforced_by"] for each in said["targets"]["fake"]["ledger"]],
            [each["enforces"] for each in targets],
        )

    shown, by, enforce = outcome()  # a target that says nothing of it enforces
    assert (by, enforce) == ([["carrier"]] * 3, [True, True])
    assert shown.count("- enforced by carrier\n") == 3
    assert "carrier: 3 exact\n" in shown
    monkeypatch.setattr(Carrier, "enforces", False, raising=False)
    shown, by, enforce = outcome()
    assert (by, enforce) == ([[]] * 3, [True, False])
    assert shown.count("- no target of this run enforces it\n") == 3
    assert "carrier: 3 exact (carries the policy, and enforces nothing)\n" in shown


@pytest.mark.parametrize("columns", ["20", "80", "120", "1000"])
def test_the_ledger_keeps_to_the_width_of_the_terminal(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setattr(Fake, "emission", staticmethod(lossy))
    monkeypatch.setenv("COLUMNS", columns)
    lines = run("compile", "-t", "fake,ir,python", "-o", "build").out.splitlines()
    assert max(map(len, lines[:-1])) <= min(max(int(columns), 45), 120)
    assert "             - enforced by python" in lines  # `ir` is data, and enforces nothing


def test_the_ledger_as_json_is_that_of_the_manifest_and_says_where(
    run: Run, policy: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "emission", staticmethod(lossy))
    result = run("compile", "-t", "fake,python,ir", "-o", "build", "--format", "json")
    said = json.loads(result.out)
    manifest = json.loads((work / "build/manifest.json").read_bytes())
    assert said["out"] == "build"
    assert list(said["targets"]) == ["fake", "python", "ir"]
    left = said["targets"]["fake"]["ledger"][2]
    assert left.pop("enforced_by") == ["python"]
    for name, found in said["targets"].items():
        assert found["ledger"] == manifest["targets"][name]["ledger"]
        assert found["files"] == len(manifest["targets"][name]["artifacts"])


def test_the_help_names_the_targets_that_are_installed(run: Run, policy: Path) -> None:
    shown = " ".join(run("compile", "--help").out.split())
    assert f"installed are {', '.join(registry.target_names())}." in shown
    assert "fake" in shown
    assert "vault" in shown


def looser(policy: Any) -> Emission:
    return Emission({"a.txt": "x"}, (), (Diagnostic("AGP5001", "it is looser"),))


def test_an_error_of_one_target_writes_nothing_of_any(
    run: Run, policy: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "emission", staticmethod(looser))
    result = run("compile", "-t", "python,fake", "-o", "build")
    assert (result.status, result.out) == (3, "")
    assert result.err.startswith("error[AGP5001]: it is looser\n")
    assert not (work / "build").exists()


def test_a_document_that_is_missing_is_said_and_the_others_are_written(
    run: Run, policy: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def partly(policy: Any) -> Emission:
        error = Diagnostic("AGP5002", "the second does not fit")
        missing = (Artifact("text", agent="shop.bot", intent="shop.audit"),)
        return replace(whole(policy), diagnostics=(error,), missing=missing)

    monkeypatch.setattr(Fake, "emission", staticmethod(partly))
    result = run("compile", "-t", "fake,ir", "-o", "build")
    assert result.status == 3
    assert "error[AGP5002]" in result.err
    assert result.err.endswith("without 1 document of fake\n")
    manifest = json.loads((work / "build/manifest.json").read_text("utf-8"))
    assert manifest["targets"]["fake"]["missing"] == [
        {"kind": "text", "agent": "shop.bot", "intent": "shop.audit"}
    ]
    assert "missing" not in manifest["targets"]["ir"]
    assert (work / "build/fake/a.txt").exists()


def test_an_error_leaves_what_an_earlier_run_wrote(
    run: Run, policy: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("compile", "-t", "fake", "-o", "build")
    before = tree(work / "build")
    monkeypatch.setattr(Fake, "emission", staticmethod(looser))
    assert run("compile", "-t", "fake", "-o", "build").status == 3
    policy.write_text("package shop\nagent x = 1\n")
    assert run("compile", "-t", "fake", "-o", "build").status == 3
    assert tree(work / "build") == before


def test_a_target_that_is_silent_about_a_rule_is_refused(
    run: Run, policy: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "emission", staticmethod(lambda policy: Emission({"a": "x"}, ())))
    result = run("compile", "-t", "fake", "-o", "build")
    assert result.status == 2
    assert result.err == ("error: target fake does not say how it enforces `shop.large_refunds`\n")
    assert not (work / "build").exists()


def test_a_target_that_permits_and_leaves_a_forbid_to_others_is_refused(
    run: Run, policy: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def partial(*elsewhere: str) -> Callable[[Any], Emission]:
        return lambda policy: Emission(
            {"a": "x"},
            tuple(
                LedgerEntry(each.id, "elsewhere" if each.id in elsewhere else "exact")
                for each in policy.rules
            ),
        )

    forbid, *allows = "shop.large_refunds", "shop.selling.opening", "shop.selling.refunding"
    monkeypatch.setattr(Fake, "emission", staticmethod(partial(forbid, allows[0])))
    result = run("compile", "-t", "fake", "-o", "build")
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "error: target fake leaves `shop.large_refunds`, a forbid, to others, and permits all the same\n"
    )
    assert not (work / "build").exists()
    for elsewhere in ((forbid, *allows), (allows[0],), ()):
        monkeypatch.setattr(Fake, "emission", staticmethod(partial(*elsewhere)))
        assert run("compile", "-t", "fake", "-o", "build").status == 0


def test_a_target_that_names_a_file_outside_is_refused(
    run: Run, policy: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outside(policy: Any) -> Emission:
        return Emission({"../../evil": "x"}, whole(policy).ledger)

    monkeypatch.setattr(Fake, "emission", staticmethod(outside))
    result = run("compile", "-t", "fake", "-o", "build")
    assert result.status == 2
    assert "not a safe relative path" in result.err
    assert sorted(os.listdir(work)) == ["shop.agp"]


def test_settings_reach_the_targets(run: Run, policy: Path) -> None:
    run("compile", "-t", "fake", "-o", "build", "--set", "a=1", "--set", "b=x=y")
    assert Fake.options == Options({"a": "1", "b": "x=y"})


def test_settings_and_targets_are_read_from_the_environment(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGPC_COMPILE_TARGET", "fake")
    monkeypatch.setenv("AGPC_COMPILE_OUT", "build")
    monkeypatch.setenv("AGPC_COMPILE_SET", "a=1 b=2")
    assert run("compile").status == 0
    assert Fake.options == Options({"a": "1", "b": "2"})


def test_an_unknown_target_is_status_2_and_the_known_are_named(run: Run, policy: Path) -> None:
    result = run("compile", "-t", "pyton", "-o", "build")
    assert result.status == 2
    assert result.err.startswith("error: there is no target `pyton`; installed are ")
    assert {"fake", "python"} <= set(re.findall(r"[\w-]+", result.err))


def test_a_setting_that_no_target_knows_is_status_2_before_anything_is_read(
    run: Run, policy: Path, work: Path
) -> None:
    result = run("compile", "-t", "python,fake", "-o", "build", "--set", "pakage=x")
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "error: there is no setting `pakage` of python, fake: did you mean `package`?\n"
    )
    assert not (work / "build").exists()
    unlike = run("compile", "-t", "fake", "-o", "build", "--set", "package=x")
    assert unlike.err == "error: there is no setting `package` of fake: there are `a`, `b`\n"


def test_each_target_is_given_its_own_settings_alone(run: Run, policy: Path, work: Path) -> None:
    given = ("--set", "a=1", "--set", "package=mine")
    assert run("compile", "-t", "fake,python", "-o", "build", *given).status == 0
    assert Fake.options == Options({"a": "1"})
    assert (work / "build/python/mine").is_dir()


def test_a_target_that_declares_no_settings_takes_none(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Fake, "settings")
    assert run("compile", "-t", "fake", "-o", "build").status == 0
    result = run("compile", "-t", "fake", "-o", "build", "--set", "a=1")
    assert result.err == "error: there is no setting `a` of fake: there are none\n"


@pytest.mark.parametrize("out", ["file", "file/below", "/proc/none", "."])
def test_an_output_directory_that_cannot_be_written_is_status_2(
    run: Run, policy: Path, work: Path, out: str
) -> None:
    (work / "file").write_text("")
    before = tree(work)
    result = run("compile", "-t", "fake", "-o", out)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: ")
    assert tree(work) == before


def test_the_generated_module_answers_from_where_it_was_written_and_may_be_replaced(
    run: Run, policy: Path, work: Path
) -> None:
    for _ in range(2):
        assert run("compile", "-t", "python", "-o", "build").status == 0
        ran = subprocess.run(
            [sys.executable, "-c", "import agp_policy; print(agp_policy.decide({}).effect)"],
            cwd=work / "build/python",
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout == "deny\n"
