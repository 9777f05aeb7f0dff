"""`agpc diff`: two directories, and the revisions of real git repositories."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agpc.cli import exits
from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.meaning.interpreter import decide

from ..conftest import POLICY, Run

WIDER = POLICY.replace("args.amount > 100", "args.amount > 500")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def two(work: Path) -> tuple[str, str]:
    for name, text in (("old", POLICY), ("new", WIDER)):
        (work / name).mkdir()
        (work / name / "shop.agp").write_text(text)
    return "old", "new"


def test_what_opens_is_said_with_a_request_that_shows_it(run: Run, two: tuple[str, str]) -> None:
    found = run("diff", *two)
    assert (found.status, found.err) == (exits.CLEAN, "")
    lines = found.out.splitlines()
    assert lines[0].startswith("more: ")
    assert "more (permit, challenge): changed `shop.large_refunds`" in lines
    assert "    shop.bot for shop.sell: shop.till.refund" in lines
    assert "    when args.amount > 100 and args.amount <= 500" in lines


def test_nothing_is_said_where_nothing_changes(run: Run, work: Path) -> None:
    for name in ("old", "new"):
        (work / name).mkdir()
    (work / "old" / "a.agp").write_text(POLICY)
    (work / "new" / "b.agp").write_text(
        POLICY.replace("selling", "sales").replace("by opening", "by opening")
    )
    found = run("diff", "old", "new", "--fail-on", "any")
    assert found.status == exits.CLEAN
    assert found.out.splitlines() == [
        "equivalent: every request is answered as before",
        "",
        "2 renamed, and the same otherwise",
    ]


def test_the_document_has_requests_that_both_policies_answer_so(
    run: Run, two: tuple[str, str]
) -> None:
    found = json.loads(run("diff", *two, "--format", "json").out)
    assert found["verdict"] == "more"
    (change,) = found["changes"]
    assert change["what"] == ["permit", "challenge"]
    assert change["rules"] == {"base": ["shop.large_refunds"], "head": ["shop.large_refunds"]}
    policies = {side: load_policy([path]) for side, path in zip(("base", "head"), two, strict=True)}
    for witness in change["witnesses"]:
        for side, policy in policies.items():
            assert decide(policy, witness["request"]).effect == witness[side]


@pytest.mark.parametrize(
    ("fail_on", "there", "back"),
    [
        ("none", exits.CLEAN, exits.CLEAN),
        ("more", exits.FINDINGS, exits.CLEAN),
        ("incomparable", exits.CLEAN, exits.CLEAN),
        ("any", exits.FINDINGS, exits.FINDINGS),
        ("more:shop.bot", exits.FINDINGS, exits.CLEAN),
    ],
)
def test_what_fails_can_be_chosen(
    run: Run, two: tuple[str, str], fail_on: str, there: int, back: int
) -> None:
    assert run("diff", *two, "--fail-on", fail_on).status == there
    assert run("diff", *reversed(two), "--fail-on", fail_on).status == back


@pytest.mark.parametrize("agent", ["shop.bot", "shop.other", "spiffe://acme.example/bot"])
def test_another_name_takes_no_agent_out_of_what_fails(
    run: Run, two: tuple[str, str], work: Path, agent: str
) -> None:
    path = work / "new" / "shop.agp"
    path.write_text(re.sub(r"(?<!/)\bbot\b", "other", path.read_text()))
    assert run("diff", *two, "--fail-on", f"more:{agent}").status == exits.FINDINGS


def test_an_agent_that_nobody_names_is_refused(run: Run, two: tuple[str, str]) -> None:
    unknown = run("diff", *two, "--fail-on", "more:shop.crab")
    assert (unknown.status, "no agent is `shop.crab`" in unknown.err) == (exits.USAGE, True)


def test_a_side_that_does_not_compile_is_named(run: Run, two: tuple[str, str], work: Path) -> None:
    (work / "new" / "shop.agp").write_text(POLICY.replace("to bot", "to nobody"))
    found = run("diff", *two)
    assert found.status == exits.INVALID
    assert found.err.endswith("error: the head does not compile\n")


def test_where_there_was_no_policy_all_that_is_permitted_is_more(run: Run, work: Path) -> None:
    (work / "old").mkdir()
    (work / "new").mkdir()
    (work / "new" / "shop.agp").write_text(POLICY)
    found = json.loads(run("diff", "old", "new", "--format", "json").out)
    assert found["verdict"] == "more"
    assert {each["capability"] for each in found["changes"]} == {
        "shop.sell.start",
        "shop.till.open",
        "shop.till.refund",
    }


def test_silences_that_came_and_went_are_said(run: Run, two: tuple[str, str], work: Path) -> None:
    remark = "# agpc: allow AGP4104 -- nobody is harmed\ngrant selling"
    (work / "new" / "shop.agp").write_text(POLICY.replace("grant selling", remark))
    said = "{} `AGP4104` is silenced {} at `grant selling {{` (`nobody is harmed`)"
    assert said.format("!", "now") in run("diff", *two).out.splitlines()
    assert said.format("also:", "no more") in run("diff", *reversed(two)).out.splitlines()
    (work / "old" / "shop.agp").write_text("\n\n" + POLICY.replace("grant selling", remark))
    assert "AGP4104" not in run("diff", *two).out


def test_a_set_that_changed_is_written_by_its_values(
    run: Run, two: tuple[str, str], work: Path
) -> None:
    with_set = POLICY.replace("agent bot =", "set few = [0.5, 2]\nagent bot =")
    with_set = with_set.replace("args.amount > 100", "not args.amount in few")
    (work / "old" / "shop.agp").write_text(with_set)
    (work / "new" / "shop.agp").write_text(with_set.replace("[0.5, 2]", "[0.5, 2, 3]"))
    found = run("diff", *two)
    assert (found.status, found.err) == (exits.CLEAN, "")
    assert (
        "    when args.amount not in [0.5, 2] and args.amount in shop.few" in found.out.splitlines()
    )


# --- git ------------------------------------------------------------------------------------------


def git(where: Path, *arguments: str) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=n@t.example", "-c", "commit.gpgsign=false")
    quiet = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *who, *arguments], cwd=where, check=True, capture_output=True, env=quiet)


@pytest.fixture
def repository(work: Path) -> Path:
    git(work, "init", "-q", "-b", "main")
    (work / "policies").mkdir()
    (work / "policies" / "shop.agp").write_text(POLICY)
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "one")
    return work


def verdict(run: Run, *arguments: str) -> str:
    found = run("diff", *arguments, "--format", "json")
    assert found.status == exits.CLEAN, found.err
    return str(json.loads(found.out)["verdict"])


@needs_git
def test_a_revision_is_compared_with_the_working_tree(run: Run, repository: Path) -> None:
    assert verdict(run, "HEAD") == "equivalent"
    (repository / "policies" / "shop.agp").write_text(WIDER)
    assert verdict(run, "HEAD") == "more"
    assert verdict(run, "main", "policies") == "more"
    assert verdict(run, "--staged") == "equivalent"
    git(repository, "add", ".")
    assert verdict(run, "--staged") == "more"


@needs_git
def test_files_that_git_does_not_know_yet_are_compared(run: Run, repository: Path) -> None:
    more = "package more\nuse shop\ngrant refunds { to shop.bot for shop.sell allow shop.till.refund }\n"
    (repository / "policies" / "more.agp").write_text(more)
    assert verdict(run, "HEAD") == "more"


@needs_git
def test_two_commits_and_where_both_parted(run: Run, repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "wider")
    (repository / "policies" / "shop.agp").write_text(WIDER)
    git(repository, "commit", "-q", "-a", "-m", "two")
    git(repository, "checkout", "-q", "main")
    stricter = POLICY.replace("args.amount > 100", "args.amount > 10")
    (repository / "policies" / "shop.agp").write_text(stricter)
    git(repository, "commit", "-q", "-a", "-m", "three")
    assert verdict(run, "main..wider") == "more"
    assert verdict(run, "wider..main") == "less"
    assert verdict(run, "main...wider") == "more"
    assert verdict(run, "wider...main") == "less"
    assert verdict(run, "wider") == "less"


@needs_git
def test_a_link_out_of_the_tree_is_not_followed(run: Run, repository: Path) -> None:
    (repository / "outside").mkdir()
    (repository / "outside" / "x.agp").write_text("this is no policy")
    (repository / "policies" / "in.agp").symlink_to("shop.agp")
    (repository / "policies" / "out.agp").symlink_to(repository / "outside" / "x.agp")
    git(repository, "add", "policies")
    git(repository, "commit", "-q", "-m", "links")
    found = run("diff", "HEAD..HEAD", "policies")
    # The link inside is the same policy once more, so that everything is declared twice.
    assert found.status == exits.INVALID
    assert "in.agp" in found.err
    assert "out.agp" not in found.err


@needs_git
@pytest.mark.parametrize("revision", ["nope", "-x", "nope..HEAD", "HEAD...nope", "HEAD~9"])
def test_a_revision_that_is_not_there_is_an_error(
    run: Run, repository: Path, revision: str
) -> None:
    found = run("diff", "--", revision)
    assert found.status == exits.USAGE
    assert "revision" in found.err


@needs_git
def test_without_a_repository_there_are_no_revisions(run: Run, work: Path) -> None:
    found = run("diff", "HEAD")
    assert found.status == exits.USAGE
    assert found.err == "error: `.` is not in a git repository\n"


@needs_git
def test_a_shallow_clone_says_that_its_history_ends(run: Run, repository: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "two")
    git(repository, "checkout", "-q", "--orphan", "other")
    git(repository, "commit", "-q", "--allow-empty", "-m", "three")
    found = run("diff", "main...other")
    assert found.status == exits.USAGE
    assert found.err == "error: `.` has no commit that `main` and `other` come from\n"
    url = f"file://{repository}"
    git(repository, "clone", "-q", "--depth", "1", "--no-single-branch", url, "clone")
    found = run("diff", "origin/main...origin/other", "clone")
    assert found.status == exits.USAGE
    assert "the clone is shallow, so fetch more of its history" in found.err


@needs_git
@pytest.mark.parametrize("format", ["sha1", "sha256"])
def test_revisions_of_a_bare_repository_and_of_worktrees(
    run: Run, work: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "one").mkdir()
    git(work / "one", "init", "-q", "-b", "main", f"--object-format={format}")
    (work / "one" / "shop.agp").write_text(POLICY)
    git(work / "one", "add", ".")
    git(work / "one", "commit", "-q", "-m", "one")
    (work / "one" / "shop.agp").write_text(WIDER)
    git(work / "one", "commit", "-q", "-a", "-m", "two")
    git(work, "clone", "-q", "--bare", "one", "bare.git")
    git(work / "one", "worktree", "add", "-q", "../tree", "HEAD~1")
    assert verdict(run, "HEAD~1..HEAD", "one") == "more"
    assert verdict(run, "HEAD~1..HEAD", "bare.git") == "more"
    assert verdict(run, "HEAD", "tree") == "equivalent"
    assert verdict(run, "HEAD..main", "tree") == "more"
    monkeypatch.chdir(work / "bare.git")
    assert verdict(run, "HEAD..HEAD~1") == "less"


@needs_git
def test_a_directory_below_is_compared_alone(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "elsewhere").mkdir()
    (repository / "elsewhere" / "x.agp").write_text("this is no policy")
    (repository / "policies" / "shop.agp").write_text(WIDER)
    monkeypatch.chdir(repository / "policies")
    assert verdict(run, "HEAD") == "more"
    assert verdict(run, "HEAD..HEAD") == "equivalent"
    git(repository, "add", "policies")
    assert verdict(run, "--staged") == "more"


@needs_git
def test_a_hook_has_the_repository_in_its_environment(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "policies" / "shop.agp").write_text(WIDER)
    git(repository, "add", "policies")
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert verdict(run, "--staged") == "more"
    assert verdict(run, "--staged", "policies") == "more"
    assert verdict(run, "HEAD", "policies") == "more"


@needs_git
def test_names_of_files_that_git_quotes(run: Run, repository: Path) -> None:
    for number, name in enumerate(("ä b.agp", 'q"uote.agp', "*.agp", "-x.agp", ":(top).agp")):
        (repository / "policies" / name).write_text(f"package more{number}\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "odd")
    assert verdict(run, "HEAD~1..HEAD", "policies") == "equivalent"
    assert verdict(run, "HEAD", "policies") == "equivalent"
    (repository / "policies" / "new\nline.agp").write_text("package more9\n")
    git(repository, "add", "-A")
    found = run("diff", "--staged", "policies")
    assert found.status == exits.USAGE
    assert "has a character in its name that does not show" in found.err


@needs_git
def test_a_submodule_is_another_repository(run: Run, repository: Path) -> None:
    git(repository, "clone", "-q", ".", "inner.agp")
    git(repository, "add", "inner.agp")
    git(repository, "commit", "-q", "-m", "a submodule that is called like a policy")
    assert verdict(run, "HEAD~1..HEAD") == "equivalent"


@needs_git
def test_what_is_not_merged_is_no_side(run: Run, repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "other")
    (repository / "policies" / "shop.agp").write_text(WIDER)
    git(repository, "commit", "-q", "-a", "-m", "two")
    git(repository, "checkout", "-q", "main")
    (repository / "policies" / "shop.agp").write_text(POLICY.replace("> 100", "> 10"))
    git(repository, "commit", "-q", "-a", "-m", "three")
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "merge", "other")
    found = run("diff", "--staged")
    assert found.status == exits.USAGE
    assert found.err == "error: `policies/shop.agp` is not merged yet\n"


@needs_git
def test_a_rule_that_went_is_named_by_the_path_that_it_had(run: Run, repository: Path) -> None:
    at = POLICY.index("forbid"), POLICY.index("test")
    (repository / "policies" / "shop.agp").write_text(POLICY[: at[0]] + POLICY[at[1] :])
    said = run("diff", "HEAD", "policies", "--format", "github").out
    assert said.startswith("::warning file=policies/shop.agp,line=17,endLine=21,")
