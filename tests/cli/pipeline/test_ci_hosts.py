"""Where `agpc ci` finds the base of a change, and what it hands to the host."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from agpc.cli import exits
from agpc.cli.pipeline.annotations import SHOWN
from agpc.cli.pipeline.hosts import Host, host_of

from ..conftest import Run
from ..repository import CLEAN, WIDER, commit, event, git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
OLD = "1" * 40
ZERO = "0" * 40


@pytest.fixture
def base(work: Path) -> str:
    git("init", "--quiet")
    return commit(shop=CLEAN)


def github(**variables: str) -> dict[str, str]:
    return {"GITHUB_ACTIONS": "true", **variables}


def test_without_a_host_nothing_is_known() -> None:
    assert host_of({}) == Host("plain", why="no revision to compare with was given")
    assert host_of({"CI": "true", "GITHUB_ACTIONS": "1"}).kind == "plain"
    assert host_of(github(), "plain").kind == "plain"
    assert host_of({}, "gitlab").kind == "gitlab"


def test_a_pull_request_begins_at_what_it_goes_into(base: str) -> None:
    """The merge that GitHub makes to try it, and where another commit is checked out, the event."""
    git("checkout", "--quiet", "-b", "feature")
    commit(other="package other\n")
    head = commit(shop=WIDER)
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "--no-edit", "feature")
    merged = git("rev-parse", "HEAD")
    about = event(pull_request={"base": {"sha": base}})
    given = github(
        GITHUB_EVENT_NAME="pull_request",
        GITHUB_REF="refs/pull/7/merge",
        GITHUB_SHA=merged,
        GITHUB_EVENT_PATH=about,
    )
    assert host_of(given) == Host("github", "HEAD^1")
    git("checkout", "--quiet", "feature")
    assert git("rev-parse", "HEAD") == head  # whose first parent is a commit of the change itself
    assert host_of(given) == Host("github", base)


@pytest.mark.parametrize(
    ("name", "payload", "host"),
    [
        ("pull_request", {"pull_request": {"base": {"sha": OLD}}}, Host("github", OLD)),
        ("merge_group", {"merge_group": {"base_sha": OLD}}, Host("github", OLD)),
        ("push", {"before": OLD}, Host("github", OLD, "nothing was on this branch before")),
        ("push", {"before": ZERO}, Host("github", None, "nothing was on this branch before")),
        ("push", {}, Host("github", None, "nothing was on this branch before", "the event names no base")),
        ("push", {"before": 0}, Host("github", None, "nothing was on this branch before", "the event names no base")),
        ("schedule", {}, Host("github", None, "an event `schedule` changes nothing")),
        ("pull_request", {}, Host("github", problem="the event names no base")),
        ("pull_request", {"pull_request": {"base": 1}}, Host("github", problem="the event names no base")),
        ("merge_group", {"merge_group": {"base_sha": "--all"}}, Host("github", problem="the event names no base")),
    ],
)  # fmt: skip
def test_an_event_of_github_names_the_base(
    base: str, name: str, payload: dict[str, object], host: Host
) -> None:
    assert host_of(github(GITHUB_EVENT_NAME=name, GITHUB_EVENT_PATH=event(**payload))) == host


def test_the_branch_of_a_pull_request_will_do(base: str) -> None:
    given = github(GITHUB_EVENT_NAME="pull_request", GITHUB_BASE_REF="main")
    assert host_of(given) == Host("github", "refs/remotes/origin/main")


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"a": '])
def test_an_event_that_makes_no_sense_fails_the_comparison(
    run: Run, base: str, work: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (work / "event").write_bytes(content)
    for name, value in github(GITHUB_EVENT_NAME="push", GITHUB_EVENT_PATH="event").items():
        monkeypatch.setenv(name, value)
    result = run("ci", "--at", "2026-01-01")
    assert result.status == exits.USAGE
    assert "the file of the event is not a JSON object" in result.out


def test_no_pipeline_runs_with_secrets_on_what_strangers_propose(
    run: Run, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in github(GITHUB_EVENT_NAME="pull_request_target").items():
        monkeypatch.setenv(name, value)
    result = run("ci")
    assert (result.status, result.out) == (exits.USAGE, "")
    assert "let the workflow run on `pull_request`" in result.err


MR = {"CI_PIPELINE_SOURCE": "merge_request_event"}
NOTHING = "nothing was on this branch before"


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({**MR, "CI_MERGE_REQUEST_DIFF_BASE_SHA": OLD}, Host("gitlab", OLD)),
        (
            {**MR, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"},
            Host("gitlab", "refs/remotes/origin/main"),
        ),
        (MR, Host("gitlab", problem="the merge request names no base")),
        ({"CI_COMMIT_BEFORE_SHA": OLD}, Host("gitlab", OLD, NOTHING)),
        (
            {"CI_COMMIT_BEFORE_SHA": ZERO, "CI_COMMIT_BRANCH": "x", "CI_DEFAULT_BRANCH": "main"},
            Host("gitlab", "refs/remotes/origin/main"),
        ),
        (
            {"CI_COMMIT_BEFORE_SHA": ZERO, "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"},
            Host("gitlab", None, NOTHING),
        ),
    ],
)
def test_the_variables_of_gitlab_name_the_base(variables: dict[str, str], host: Host) -> None:
    assert host_of({"GITLAB_CI": "true", **variables}) == host


def test_github_gets_groups_annotations_a_summary_and_outputs(
    run: Run, base: str, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = "".join(f'agent idle{n} = "spiffe://acme.example/idle/{n}"\n' for n in range(12))
    commit(
        shop=WIDER.replace("intent sell", f"{many}intent sell").replace(
            "expect permit", "expect deny"
        )
    )
    (work / "output").write_text("before=1\n")
    given = github(
        GITHUB_EVENT_NAME="push",
        GITHUB_EVENT_PATH=event(before=base),
        GITHUB_STEP_SUMMARY=str(work / "summary"),
        GITHUB_OUTPUT=str(work / "output"),
    )
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    result = run("ci", "--at", "2026-01-01", "--phase", "check,test,diff")
    assert (result.status, result.err) == (exits.FAILED, "")
    lines = result.out.splitlines()
    assert lines[0] == "::group::policies"
    assert "::endgroup::" in lines
    errors = [each for each in lines if each.startswith("::error ")]
    assert len(errors) == 1
    assert errors[0].startswith("::error file=shop.agp,line=")
    warnings = [each for each in lines if each.startswith("::warning ")]
    assert len(warnings) == SHOWN
    assert warnings[0].startswith("::warning title=agpc diff%3A test::")
    assert warnings[1].startswith("::warning file=shop.agp,line=")
    assert "title=agpc diff%3A more::" in warnings[1]
    assert "file=shop.agp,line=6,endLine=6,col=" in "".join(warnings)
    said = "5 more of this level are in the summary and the log of this step"
    assert warnings[-1] == f"::warning title=agpc::{said}"
    assert (work / "output").read_text() == "before=1\nstatus=4\nresult=failed\nverdict=more\n"
    summary = (work / "summary").read_text(encoding="utf-8")
    assert summary.startswith("<!-- agpc ci -->\n### ❌ agpc: failed\n")
    assert "⚠️ more" in summary


def test_gitlab_gets_no_commands_of_github(
    run: Run, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(shop=WIDER)
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
    result = run("ci", "--at", "2026-01-01", "--fail-on-diff", "more", "--reports", "r")
    assert result.status == exits.FINDINGS
    assert "::" not in result.out.replace("spiffe://", "")
    assert json.loads(Path("r/agpc.json").read_text())["host"] == "gitlab"


def test_a_shallow_clone_says_what_to_do(
    run: Run, base: str, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(shop=WIDER)
    git("clone", "--quiet", "--depth", "1", f"file://{work}", str(work / "clone"))
    monkeypatch.chdir(work / "clone")
    result = run("ci", base, "--at", "2026-01-01")
    assert result.status == exits.USAGE
    assert "the clone is shallow, so fetch more of its history" in result.out
