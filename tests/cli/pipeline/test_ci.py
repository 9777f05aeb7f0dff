"""`agpc ci`: every phase of every set, one summary, one exit status."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from agpc.cli import exits
from agpc.cli.pipeline.phases import GRAVEST_FIRST, gravest
from agpc.compiler.report.source import Source
from agpc.compiler.syntax import parse as parsing

from ..checking.sarif import PROGRAM, validate
from ..conftest import POLICY, Result, Run
from ..repository import CLEAN, WIDER, commit, git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def base(work: Path) -> str:
    """A repository with one commit of a policy that has nothing to be said of it."""
    git("init", "--quiet")
    return commit(shop=CLEAN)


def phases(result: Result) -> dict[str, str]:
    """What became of each phase, by the table at the end."""
    rows = [line.split() for line in result.out.splitlines() if line.startswith("  ")]
    return {
        row[0]: " ".join(row[1:])
        for row in rows
        if row[0] in ("format", "check", "test", "diff", "compile")
    }


def everything(run: Run, *arguments: str) -> tuple[Result, dict[str, Any]]:
    result = run("ci", *arguments, "--reports", "reports")
    found = json.loads(Path("reports/agpc.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    assert found["status"] == result.status
    return result, found


def test_all_phases_pass_and_are_told(run: Run, base: str) -> None:
    result = run("ci", base, "--target", "rego,ir", "--at", "2026-01-01")
    assert (result.status, result.err) == (exits.CLEAN, "")
    assert result.out.splitlines() == [
        "policies",
        "  format   passed        1 file",
        "  check    passed        no findings",
        "  test     passed        1 passed",
        "  diff     passed        equivalent",
        "  compile  passed        rego, ir",
        "agpc ci: passed",
    ]


def test_every_phase_is_told_when_each_of_them_fails(run: Run, base: str) -> None:
    worse = WIDER.replace("expect permit", "expect deny").replace("agent bot for", "agent  bot for")
    worse = worse.replace('    because "Too much."\n', "")
    commit(shop=worse)
    result, found = everything(
        run, base, "--fail-on", "warning", "--fail-on-diff", "more", "--target", "aws-iam"
    )
    assert [each["status"] for each in found["sets"][0]["phases"]] == [1, 1, 4, 1, 3]
    assert result.status == exits.INVALID
    assert "would format shop.agp" in result.out
    assert "warning[AGP4301]" in result.out
    assert "FAIL  opening is permitted" in result.out
    assert "more (permit, challenge): changed `shop.large_refunds`" in result.out
    assert "error[AGP5006]" in result.out
    assert result.out.endswith("agpc ci: failed, exit status 3\n")


def test_what_does_not_compile_is_formatted_and_checked_and_the_rest_is_not_run(
    run: Run, base: str
) -> None:
    commit(shop=POLICY + "use nowhere\n", other="package other\n")
    result = run("ci", base, "--target", "ir")
    assert result.status == exits.INVALID
    assert phases(result) == {
        "format": "failed 1 file to format with `agpc fmt`",
        "check": "failed 1 error",
        "test": "not run the policy does not compile",
        "diff": "not run the policy does not compile",
        "compile": "not run the policy does not compile",
    }


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ([], 0),
        ([0, 5], 5),
        ([5, 1], 1),
        ([1, 4, 0], 4),
        ([4, 3, 5], 3),
        ([3, 2, 1, 4], 2),
    ],
)
def test_the_gravest_status_is_that_of_all(statuses: Sequence[int], status: int) -> None:
    assert gravest(iter(statuses)) == status
    assert set(GRAVEST_FIRST) == {0, 1, 2, 3, 4, 5}


def test_a_base_that_does_not_compile_is_said_and_is_status_3(run: Run, base: str) -> None:
    broken = commit(shop="package shop\nuse nowhere\n")
    commit(shop=CLEAN)
    result = run("ci", broken, "--at", "2026-01-01")
    assert result.status == exits.INVALID
    assert phases(result)["diff"] == "failed the base does not compile"
    assert "error[AGP1103]" in result.out


def test_a_base_that_is_not_there_fails_its_phase_alone(run: Run, base: str) -> None:
    result = run("ci", "gone", "--at", "2026-01-01")
    assert result.status == exits.USAGE
    found = phases(result)
    assert found["diff"].startswith("failed ")
    assert "has no revision `gone`" in found["diff"]
    assert found["check"] == "passed no findings"


def test_without_a_base_nothing_is_compared_and_that_is_said(run: Run, base: str) -> None:
    result = run("ci", "--at", "2026-01-01")
    assert result.status == exits.CLEAN
    assert phases(result)["diff"] == "not run no revision to compare with was given"


def test_the_base_may_have_no_policies(run: Run, work: Path) -> None:
    git("init", "--quiet")
    empty = commit()
    commit(shop=CLEAN)
    result = run("ci", empty, "--fail-on-diff", "more", "--at", "2026-01-01")
    assert (result.status, phases(result)["diff"]) == (1, "failed more: 3 more")


def test_phases_may_be_chosen(run: Run, base: str) -> None:
    assert list(phases(run("ci", "--phase", "test,format"))) == ["format", "test"]
    result = run("ci", "--phase", "tests")
    assert result.status == exits.USAGE
    assert "`tests` is none of format, check, test, diff, compile" in result.err


def test_each_file_is_parsed_once_for_all_phases(
    run: Run, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(other="language 2\npackage other\n")
    seen: list[str] = []
    real = parsing.parse

    def counted(source: Source, *rest: Any, **more: Any) -> Any:
        seen.append(source.name)
        return real(source, *rest, **more)

    for module in ("check.compiling.memory", "format.mend"):
        monkeypatch.setattr(f"agpc.compiler.{module}.parse", counted)
    assert run("ci", base, "--target", "ir", "--at", "2026-01-01").status == exits.CLEAN
    assert sorted(seen) == ["other.agp", "shop.agp"]


def sets(*names: str) -> str:
    return "".join(f"[[set]]\nname = '{name}'\npaths = ['{name}']\n" for name in names)


def test_each_set_is_compiled_by_itself(run: Run, base: str, work: Path) -> None:
    git("rm", "--quiet", "shop.agp")
    (work / "agpc.toml").write_text(sets("one", "two"))
    start = commit(one__shop=CLEAN, two__shop=CLEAN)
    commit(one__shop=WIDER, two__shop=CLEAN.replace("expect permit", "expect deny"), lost=CLEAN)
    result, found = everything(
        run, start, "--fail-on-diff", "more", "--out", "made", "--target", "ir"
    )
    one, two = found["sets"]
    assert (one["name"], one["status"], two["name"], two["status"]) == ("one", 1, "two", 4)
    assert result.status == 4
    assert (one["diff"]["verdict"], two["diff"]["verdict"]) == ("more", "equivalent")
    assert "in no set, and not looked at: lost.agp" in result.out
    assert found["notes"] == ["in no set, and not looked at: lost.agp"]
    assert (work / "made/one/manifest.json").is_file() and (work / "made/two/ir").is_dir()


def test_policies_that_went_with_their_set_are_named(run: Run, base: str, work: Path) -> None:
    (work / "agpc.toml").write_text(sets("one", "two"))
    git("rm", "--quiet", "shop.agp")
    start = commit(one__shop=CLEAN, two__shop=CLEAN)
    (work / "agpc.toml").write_text(sets("one"))
    assert "in a set before and in none now, so that nothing" in run("ci", start).out
    git("rm", "--quiet", "two/shop.agp")
    said = run("ci", start).out.splitlines()[-2]
    assert said.startswith("gone, and in no set that is left, so that nothing says ")
    assert said.endswith(": two/shop.agp")


def test_what_is_wrong_with_sets_is_status_2(run: Run, base: str, work: Path) -> None:
    (work / "agpc.toml").write_text(sets("one"))
    result = run("ci")
    assert (result.status, result.out) == (2, "")
    assert result.err == "error: set `one`: cannot read `one`: no such file or directory\n"
    assert run("check").status == 2
    assert "name the files of one, or run `agpc ci`" in run("check").err


def test_a_baseline_of_a_set_is_heeded(run: Run, base: str, work: Path) -> None:
    commit(shop=CLEAN.replace('    because "Too much."\n', ""))
    run("check", "--write-baseline", "known.json")
    (work / "agpc.toml").write_text("baseline = 'known.json'\n")
    result = run("ci", "--fail-on", "info")
    assert result.status == exits.CLEAN
    assert phases(result)["check"].startswith("passed ")
    assert "in the baseline" in phases(result)["check"]
    (work / "known.json").write_text("{}")
    result = run("ci", "--fail-on", "info")
    assert result.status == exits.USAGE
    assert "is not a baseline" in phases(result)["check"]
    assert phases(result)["test"] == "passed 1 passed"


def test_nothing_is_written_of_a_policy_that_breaks_what_it_states(
    run: Run, base: str, work: Path
) -> None:
    commit(shop=CLEAN + "\nassert no agent can till.open\n")
    for extra in ([], ["--phase", "compile"]):
        result = run("ci", "--target", "ir", "--out", "made", *extra)
        assert result.status == exits.FINDINGS, result
        assert phases(result)["compile"] == "failed the policy breaks what it states of itself"
        assert not (work / "made").exists()


def test_reports_are_what_their_readers_take(run: Run, base: str, work: Path) -> None:
    (work / "agpc.toml").write_text(sets("one", "two"))
    git("rm", "--quiet", "shop.agp")
    commit(one__shop=POLICY, two__shop=POLICY.replace("expect permit", "expect deny"))
    result, found = everything(run, base)
    sarif = json.loads((work / "reports/agpc.sarif").read_text())
    ids = [each["automationDetails"]["id"] for each in sarif["runs"]]
    if PROGRAM.exists():  # a run without an address of its tool is the comparison's
        validate(json.dumps(sarif), work, but_for="SARIF2005")
    assert ids == ["agpc/one/", "agpc/two/", "agpc-diff/one/", "agpc-diff/two/"]
    quality = json.loads((work / "reports/code-quality.json").read_text())
    prints = [each["fingerprint"] for each in quality]
    assert len(set(prints)) == len(prints) > 4
    assert {each["location"]["path"] for each in quality} == {"one/shop.agp", "two/shop.agp"}
    suites = ElementTree.parse(work / "reports/junit.xml").getroot()
    named = {each.get("name"): each.get("failures") for each in suites}
    assert named["agpc test: one"] == "0"
    assert named["agpc test: two"] == "1"
    comment = (work / "reports/comment.md").read_text()
    assert comment.startswith("<!-- agpc ci -->\n### ❌ agpc: failed\n")
    assert "| `two` | ❌ `` 1 file to format with `agpc fmt` `` | " in comment
    assert result.status == found["status"] == 4


def test_two_sets_are_never_written_into_one_directory(run: Run, base: str, work: Path) -> None:
    (work / "agpc.toml").write_text(
        sets("one") + sets("two").replace("name = 'two'", "name = 'ONE'")
    )
    commit(one__shop=CLEAN, two__shop=CLEAN)
    result = run("ci", "--out", "made", "--target", "ir")
    assert result.status == 2
    assert "differ in case alone" in result.err


def test_a_host_is_told_the_paths_of_the_repository_wherever_it_runs(
    run: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "--quiet")
    gone = (
        CLEAN.replace("package shop", "package old")
        .replace("opening", "first")
        .replace("bot", "robot")
    )
    base = commit(part__policies__shop=CLEAN, part__policies__old=gone)
    git("rm", "--quiet", "part/policies/old.agp")
    commit(part__policies__shop="\n" + WIDER.replace("expect permit", "expect deny"))
    monkeypatch.chdir(work / "part")
    whole = "part/policies/shop.agp"
    plain = run("ci", base, "--reports", "../reports")
    assert f"would format {whole}" not in plain.out and "would format policies/" in plain.out
    log = run("ci", base, "--host", "github").out
    files = {line.split(",")[0] for line in log.splitlines() if " file=" in line}
    assert {each.split("file=")[1] for each in files} == {whole, "part/policies/old.agp"}
    reports = work / "reports"
    assert f"`{whole}`" in (reports / "comment.md").read_text()
    for each in json.loads((reports / "code-quality.json").read_text()):
        assert each["location"]["path"] == whole
    sarif = json.loads((reports / "agpc.sarif").read_text())
    uris = {
        location["physicalLocation"]["artifactLocation"]["uri"]
        for each in sarif["runs"]
        for result in each["results"]
        for location in result.get("locations", [])
    }
    assert uris == {whole, "part/policies/old.agp"}
