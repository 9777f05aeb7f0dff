"""`agpc check` as the analysis sees it: findings, settings, silences, statuses, formats."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from pathlib import Path
from time import monotonic

import pytest

from agpc.cli.input.checked import Progress
from agpc.compiler.analysis import run as analysis
from agpc.compiler.analysis.limits import Limits
from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.diagnostics import Diagnostic

from ..conftest import POLICY, Run

BROKEN = POLICY + "assert no agent can till.open\n"
UNEXPLAINED = POLICY.replace('    because "Too much."\n', "")
NO_APPROVAL = POLICY.replace(' require approval by "role:boss"', "")


@pytest.fixture
def policy(work: Path) -> Path:
    """The policy in a project of its own, whose settings say what to ignore."""
    (work / "agpc.toml").write_text('ignore = ["AGP4"]\n')
    path = work / "shop.agp"
    path.write_text(POLICY)
    return path


def codes(run: Run, *arguments: str | Path) -> set[str]:
    document = json.loads(run("check", "--format", "json", *arguments).out)
    return {each["code"] for each in document["diagnostics"]}


def test_findings_are_told_and_do_not_fail_by_default(run: Run, policy: Path) -> None:
    (policy.parent / "agpc.toml").write_text("")
    result = run("check")
    assert (result.status, result.out) == (0, "1 file: 0 errors, 4 warnings\n")
    assert codes(run) == {"AGP4101", "AGP4102", "AGP4104", "AGP4302"}
    assert run("check", "--fail-on", "warning").status == 1
    assert run("check", "--no-analysis").out == "1 file: 0 errors, 0 warnings\n"


def test_a_refuted_assertion_is_status_1_with_a_witness_in_every_format(
    run: Run, policy: Path
) -> None:
    policy.write_text(BROKEN)
    result = run("check")
    assert (result.status, result.out) == (1, "1 file: 1 error, 0 warnings\n")
    assert result.err.startswith("error[AGP3101]") and "= witness: {" in result.err
    (found,) = json.loads(run("check", "--format", "json").out)["diagnostics"]
    (witness,) = found["witnesses"]
    assert decide(load_policy(["shop.agp"]), witness).effect == "permit"
    (shown,) = json.loads(run("check", "--format", "sarif").out)["runs"][0]["results"]
    assert shown["properties"] == {"witnesses": [witness]}
    assert "witness: {" in run("check", "--format", "github").out
    assert "witness: {" in run("check", "--format", "junit").out
    assert run("check", "--no-analysis").status == 0


def test_what_does_not_compile_is_not_analysed(run: Run, policy: Path) -> None:
    policy.write_text(UNEXPLAINED.replace("deny till", "deny tills"))
    result = run("check")
    assert result.status == 3
    assert codes(run) == {"AGP1101"}


def undetermined(
    policy: ir.Policy,
    limits: Limits | None = None,
    codes: Collection[str] | None = None,
    watch: object = None,
    answers: object = None,
    at: object = None,
) -> tuple[Diagnostic, ...]:
    return (Diagnostic("AGP2999", "could not tell whether `x` is forbidden"),)


def test_undetermined_is_status_5_unless_there_is_a_finding(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agpc.compiler.check.review.review.analyze", undetermined)
    assert run("check").status == 5
    assert run("check", "--ignore", "AGP2").status == 5
    assert run("check", "--fail-on", "warning").status == 1


def test_the_settings_beside_the_policies_or_above_hold(run: Run, work: Path) -> None:
    (work / "policies/shop").mkdir(parents=True)
    (work / "policies/shop/shop.agp").write_text(UNEXPLAINED)
    (work / "agpc.toml").write_text('ignore = ["AGP41", "AGP4302"]\nfail-on = "warning"\n')
    result = run("check", "policies")
    assert (result.status, result.out) == (1, "1 file: 0 errors, 1 warning\n")
    (work / "policies/pyproject.toml").write_text(
        '[tool.agpc]\nignore = ["AGP4"]\nfail-on = "warning"\n'
    )
    assert run("check", "policies/shop/shop.agp").status == 0
    assert run("check", "policies", "--config", "agpc.toml").status == 1


def test_the_severity_that_a_project_gives_decides_the_status_and_is_shown(
    run: Run, policy: Path
) -> None:
    policy.write_text(UNEXPLAINED)
    settings = policy.parent / "agpc.toml"
    settings.write_text('ignore = ["AGP41", "AGP4302"]\nseverity = { AGP4301 = "error" }\n')
    result = run("check")
    assert (result.status, result.out) == (1, "1 file: 1 error, 0 warnings\n")
    assert result.err.startswith("error[AGP4301]")
    settings.write_text('ignore = ["AGP41", "AGP4302"]\nseverity = { AGP4301 = "info" }\n')
    result = run("check", "--fail-on", "warning")
    assert (result.status, result.out) == (0, "1 file: 0 errors, 0 warnings, 1 for information\n")


def test_what_is_off_by_default_is_looked_for_where_it_is_asked_for(run: Run, policy: Path) -> None:
    assert "AGP4202" not in codes(run)
    assert "AGP4202" in codes(run, "--select", "AGP4202")
    assert codes(run, "--select", "AGP4202,AGP4301", "--ignore", "AGP4202") == set()


def test_limits_are_the_projects(run: Run, policy: Path) -> None:
    policy.write_text(
        POLICY.replace("    for sell\n    allow", "    for sell\n    credential ttl 1h\n    allow")
    )
    settings = policy.parent / "agpc.toml"
    settings.write_text("")
    assert "AGP4103" not in codes(run)
    settings.write_text('limits = { max-ttl = "30m" }\n')
    assert "AGP4103" in codes(run)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "there is no setting `selct`"),
        ('ignore = ["AGP3101"]', "`AGP3101` cannot be ignored"),
        ("x = \x1b", "is not TOML"),
    ],
)
def test_bad_settings_are_status_2_without_a_report(
    run: Run, policy: Path, text: str, message: str
) -> None:
    (policy.parent / "agpc.toml").write_text(text)
    result = run("check", "--format", "json")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: `") and "agpc.toml`" in result.err
    assert message in result.err and "\x1b" not in result.err


def test_a_bad_selection_is_status_2(run: Run, policy: Path) -> None:
    assert run("check", "--select", "AGP99").status == 2
    assert run("check", "--ignore", "AGP3101").status == 2
    assert run("check", "--config", "missing.toml").status == 2


def test_what_is_silenced_is_counted(run: Run, policy: Path) -> None:
    policy.write_text(
        UNEXPLAINED.replace("forbid large", "# agpc: allow AGP4301 -- known\nforbid large")
    )
    (policy.parent / "agpc.toml").write_text('ignore = ["AGP41", "AGP4302"]\n')
    result = run("check", "--fail-on", "info")
    assert (result.status, result.err) == (0, "")
    assert result.out == "1 file: 0 errors, 0 warnings, 1 silenced\n"
    assert json.loads(run("check", "--format", "json").out)["summary"]["silenced"] == 1


def test_a_silenced_warning_is_silent_in_other_commands_too(run: Run, policy: Path) -> None:
    optional = POLICY.replace("amount: number", "amount?: number")
    policy.write_text(optional)
    assert "AGP1206" in run("test").err
    policy.write_text(
        optional.replace("forbid large", "# agpc: allow AGP1206 -- meant\nforbid large")
    )
    assert run("test").err == ""


def test_what_the_examples_and_the_starter_say_is_clean(run: Run, work: Path) -> None:
    examples = Path(__file__).parents[3] / "examples"
    for each in ("finance", "agentdojo/banking", "agentdojo/workspace"):
        result = run("check", examples / each, "--fail-on", "warning")
        assert (result.status, result.err) == (0, ""), each
    run("init")
    assert run("check", "--fail-on", "info").status == 0


# --- compile ---


def test_compile_refuses_what_the_policy_itself_says_must_not_be(run: Run, policy: Path) -> None:
    policy.write_text(BROKEN)
    result = run("compile", "-t", "python", "-o", "build")
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("error[AGP3101]")
    assert not Path("build").exists()
    assert run("compile", "-t", "python", "-o", "build", "--no-proofs").status == 0


def test_compile_proves_and_says_nothing_of_other_findings(run: Run, policy: Path) -> None:
    policy.write_text(UNEXPLAINED + "assert bot can till.open\n")
    result = run("compile", "-t", "python", "-o", "build")
    assert (result.status, result.err) == (0, "")


def test_compile_makes_nothing_of_what_it_cannot_prove(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agpc.compiler.analysis.run.analyze", undetermined)
    policy.write_text(BROKEN)
    result = run("compile", "-t", "python", "-o", "build")
    assert result.status == 5
    assert not Path("build").exists()


def test_every_error_of_the_analysis_is_a_proof() -> None:
    assert set(analysis.PROOFS) == {"AGP3101", "AGP3102", "AGP3103", "AGP3301", "AGP3302"}


def test_what_a_target_warns_of_is_silenced_and_stays_in_the_ledger(run: Run, policy: Path) -> None:
    bound = POLICY + 'bind aws { agent bot "arn:aws:iam::111122223333:role/bot" }\n'
    policy.write_text(bound)
    compile_it = ("compile", "-t", "aws-iam", "-o", "build")
    loud = run(*compile_it)
    assert (
        loud.err.count("[AGP5007]: `shop.selling.") == 1
    )  # one cause, and how many rules it is of
    assert "like 1 other rule" in loud.err
    policy.write_text(
        bound.replace("grant selling", "# agpc: allow AGP5007 -- rego does\ngrant selling")
    )
    quiet = run(*compile_it)
    assert "`shop.selling." not in quiet.err
    assert (quiet.status, quiet.out) == (loud.status, loud.out)


# --- progress ---


@pytest.mark.parametrize(("watched", "late"), [(True, True), (True, False), (False, True)])
def test_only_who_watches_and_waits_is_told_what_takes_long(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    watched: bool,
    late: bool,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: watched, raising=False)
    progress = Progress()
    now = monotonic() + (5.0 if late else 0.0)
    monkeypatch.setattr("agpc.cli.progress.monotonic", lambda: now)
    progress.say("AGP2103")
    progress.end()
    shown = "\r\x1b[Klooking for AGP2103 ...\r\x1b[K" if watched and late else ""
    assert capsys.readouterr().err == shown
