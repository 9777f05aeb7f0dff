"""`agpc rule`, `agpc targets` and `agpc completion`, and what a mistyped command is answered with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agpc.compiler.report.codes import CODES
from agpc.compiler.report.pages import page_of
from agpc.targets.registry import target_names

from .conftest import Run


def test_every_code_has_its_page_in_the_package(run: Run) -> None:
    for code in CODES:
        assert (page_of(code) or "").startswith(f"# {code}: "), code
    shown = run("rule", "agp2101")
    assert (shown.status, shown.out) == (0, page_of("AGP2101"))


def test_a_code_that_is_not_there_is_an_error_with_the_nearest(run: Run) -> None:
    found = run("rule", "AGP21O1")
    assert (found.status, found.out) == (2, "")
    assert "there is no code `AGP21O1`: did you mean" in found.err


def test_the_targets_are_listed_with_their_settings(run: Run) -> None:
    found = json.loads(run("targets", "--format", "json").out)["targets"]
    assert [each["name"] for each in found] == target_names()
    assert all(each["about"] for each in found)
    assert {each["name"]: each["enforces"] for each in found}["ir"] is False
    text = run("targets").out
    for each in found:
        assert f"{each['name']}: {each['about']}" in text
        assert all(f"--set {name}=" in text for name in each["settings"])


@pytest.mark.parametrize(
    ("given", "meant"), [("chek", "check"), ("who_can", "who-can"), ("complie", "compile")]
)
def test_a_mistyped_command_is_answered_with_the_nearest(run: Run, given: str, meant: str) -> None:
    found = run(given)
    assert found.status == 2
    assert f"there is no command `{given}`: did you mean `{meant}`?" in found.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_are_told_what_to_ask_and_are_answered(
    run: Run, shell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "_AGPC_COMPLETE" in run("completion", shell).out
    monkeypatch.setenv("_AGPC_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", "agpc ch")
    monkeypatch.setenv("COMP_CWORD", "ch" if shell == "fish" else "1")
    assert "check" in run().out


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("agpc rule agp310", "AGP3101"),
        ("agpc compile -t py", "python"),
        ("agpc compile --target python,re", "python,rego"),
    ],
)
def test_codes_and_targets_are_completed(
    run: Run, words: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_AGPC_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert f"plain,{wanted}\n" in run().out


def test_sarif_has_what_is_silenced_as_suppressions_and_the_pages(run: Run, policy: Path) -> None:
    text = policy.read_text().replace(
        "agent bot =",
        'agent idle = "spiffe://acme.example/idle"  # agpc: allow AGP4402 -- soon\nagent bot =',
    )
    policy.write_text(text)
    policy.with_name("agpc.toml").write_text(
        'docs-url = "https://docs.acme.example/"\nselect = ["AGP4402"]\n'
    )
    found = json.loads(run("check", "shop.agp", "--select", "AGP4402", "--format", "sarif").out)
    (sarif,) = found["runs"]
    (result,) = [each for each in sarif["results"] if each["ruleId"] == "AGP4402"]
    assert result["suppressions"] == [{"kind": "inSource", "justification": "soon"}]
    rule = sarif["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["helpUri"] == "https://docs.acme.example/AGP4402.md"
    assert rule["help"]["markdown"] == page_of("AGP4402")
