"""A change that weakens the check which it is judged by is told to who reviews it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from agpc.cli import exits

from ..conftest import Run
from ..repository import CLEAN, commit, git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

STRICT = """\
fail-on = "warning"
select = ["AGP2102"]
targets = ["rego", "ir"]

[severity]
AGP4101 = "error"

[limits]
max-ttl = "1h"
max-validity = "365d"
outward = ["send*", "mail*"]
"""


def told(run: Run, base: str, *arguments: str) -> tuple[list[str], list[str]]:
    """What has to be seen first, and what is said beside it; nothing of this fails by itself."""
    result = run("ci", base, "--phase", "diff", "--at", "2026-01-01", *arguments)
    assert result.status == exits.CLEAN, result
    lines = result.out.splitlines()
    return [each[2:] for each in lines if each.startswith("! ")], [
        each.removeprefix("also: ") for each in lines if each.startswith("also: ")
    ]


@pytest.fixture
def base(work: Path) -> str:
    git("init", "--quiet")
    (work / "agpc.toml").write_text(STRICT)
    return commit(shop=CLEAN)


def test_settings_that_did_not_change_are_no_news(run: Run, base: str) -> None:
    assert told(run, base) == ([], [])


def test_each_setting_that_is_weaker_is_told_first_and_each_that_is_stricter_beside(
    run: Run, base: str, work: Path
) -> None:
    (work / "agpc.toml").write_text(
        'ignore = ["AGP4102"]\ntargets = ["ir", "cedar"]\n'
        '[severity]\nAGP4101 = "info"\nAGP4104 = "error"\n'
        '[limits]\nmax-ttl = "2h"\nmax-validity = "30d"\noutward = ["send*"]\n'
    )
    first, also = told(run, base)
    assert first == [
        "the settings look no more for `AGP2102`, `AGP4102`",
        "the severity of `AGP4101` is `info` now, `error` before",
        "findings fail from `error` now, from `warning` before",
        "the limit `max-ttl` is `2h` now, `1h` before",
        "the limit `outward` is `send*` now, `send*`, `mail*` before",
        "nothing is compiled to `rego` any more",
    ]
    assert also == [
        "the severity of `AGP4104` is `error` now, `warning` before",
        "the limit `max-validity` is `30d` now, `365d` before",
        "the policy is compiled to `cedar` now",
    ]


@pytest.mark.parametrize("how", ["gone", "nearer", "moved"])
def test_settings_are_found_where_they_were(run: Run, work: Path, how: str) -> None:
    git("init", "--quiet")
    (work / "agpc.toml").write_text('select = ["AGP2102"]\n')
    begun = commit(policies__shop=CLEAN)
    if how == "gone":
        (work / "agpc.toml").unlink()
    elif how == "nearer":
        (work / "policies/agpc.toml").write_text("")
    else:
        (work / "agpc.toml").rename(work / "pyproject.toml")
        (work / "pyproject.toml").write_text("[tool.agpc]\n")
    first, _ = told(run, begun, "--path", "policies")
    assert first == ["the settings look no more for `AGP2102`"]


def test_a_baseline_that_holds_more_is_told_first_and_one_that_holds_less_beside(
    run: Run, base: str, work: Path
) -> None:
    worse = commit(shop=CLEAN.replace('    because "Too much."\n', ""))
    run("check", "--write-baseline", "known.json", "--at", "2026-01-01")
    (work / "agpc.toml").write_text(f'baseline = "known.json"\n{STRICT}')
    first, _ = told(run, worse)
    codes = ", ".join(f"`{code} shop.agp`" for code in ("AGP2102", "AGP4106", "AGP4301"))
    assert first == [f"the baseline holds 3 findings more, which no check tells: {codes}"]
    larger = commit()
    kept = [
        each
        for each in json.loads((work / "known.json").read_text())["findings"]
        if each["code"] != "AGP4301"
    ]
    (work / "known.json").write_text(json.dumps({"version": 1, "findings": kept}))
    assert told(run, larger) == ([], ["the baseline holds 1 finding less: `AGP4301 shop.agp`"])


def test_the_baseline_and_the_targets_of_a_set_are_those_of_its_name_or_paths(
    run: Run, work: Path
) -> None:
    def sets(name: str, more: str) -> None:
        (work / "agpc.toml").write_text(
            f"[[set]]\nname = '{name}'\npaths = ['policies']\nbaseline = 'known.json'\n{more}"
        )

    git("init", "--quiet")
    sets("one", "targets = ['rego']\n")
    policy = CLEAN.replace('    because "Too much."\n', "")
    commit(policies__shop=policy)
    run("check", "policies", "--write-baseline", "known.json", "--at", "2026-01-01")
    begun = commit()
    sets("two", "")
    assert told(run, begun)[0] == ["nothing is compiled to `rego` any more"]


def test_settings_that_could_not_be_read_before_are_said(run: Run, work: Path) -> None:
    git("init", "--quiet")
    (work / "agpc.toml").write_text("fail-on = 7\n")
    begun = commit(shop=CLEAN)
    (work / "agpc.toml").unlink()
    (said,) = told(run, begun)[0]
    assert said.startswith("the settings of before cannot be read: ")
    assert said.endswith("`fail-on`: input should be 'error', 'warning' or 'info'")


def test_a_reviewer_sees_it_wherever_a_pipeline_speaks(
    run: Run, base: str, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remark = "# agpc: allow AGP4104 -- nobody is harmed\ngrant selling"
    commit(shop=CLEAN.replace("grant selling", remark))
    (work / "agpc.toml").write_text("")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(work / "summary.md"))
    result = run("ci", base, "--host", "github", "--reports", "reports", "--at", "2026-01-01")
    assert "  diff     passed        equivalent; 8 to see first\n" in result.out
    assert "::warning title=agpc diff%3A silence::`AGP4104` is silenced now" in result.out
    assert "::warning title=agpc diff%3A settings::findings fail from `error` now" in result.out
    for page in ("summary.md", "reports/comment.md"):
        text = (work / page).read_text()
        assert "⚠️ equivalent; 8 to see first |" in text
        assert "- :warning: `AGP4104` is silenced now at `grant selling {`" in text
    (whole,) = json.loads((work / "reports/agpc.json").read_text())["sets"]
    assert {each["kind"] for each in whole["diff"]["also"] if each["first"]} == {
        "settings",
        "silence",
    }


def test_policies_that_left_their_set_are_told(
    run: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody looked at before is named, and no alarm."""

    def sets(*paths: str) -> None:
        (work / "agpc.toml").write_text(f"[[set]]\nname = 'one'\npaths = {[*paths]}\n")

    git("init", "--quiet")
    sets("policies")
    begun = commit(policies__shop=CLEAN, policies__more="package more\n", beside="package beside\n")
    sets("policies/shop.agp")
    left = (
        "in a set before and in none now, so that nothing says what that closes or opens: "
        "policies/more.agp"
    )
    beside = "in no set, and not looked at: beside.agp"
    result = run("ci", begun, "--at", "2026-01-01", "--reports", "reports", "--host", "github")
    assert {left, beside} <= set(result.out.splitlines())
    assert f"::warning title=agpc ci::{left}" in result.out
    comment = (work / "reports/comment.md").read_text()
    assert "\n⚠️ in a set before" in comment
    assert "\nin no set" in comment
    (work / "agpc.toml").unlink()
    begun = commit()
    sets("policies/shop.agp")
    result = run("ci", begun, "--at", "2026-01-01")
    assert "closes or opens: beside.agp, policies/more.agp" in result.out


def test_a_set_whose_files_moved_is_compared_with_what_it_was(run: Run, work: Path) -> None:
    def sets(path: str) -> None:
        (work / "agpc.toml").write_text(
            f"[[set]]\nname = 'one'\npaths = ['{path}']\nbaseline = '{path}/known.json'\n"
        )

    git("init", "--quiet")
    sets("here")
    (work / "here").mkdir()
    (work / "here/known.json").write_text('{"version": 1, "findings": []}')
    begun = commit(here__shop=CLEAN)
    git("mv", "here", "there")
    sets("there")
    assert told(run, begun) == ([], [])
    result = run("ci", begun, "--at", "2026-01-01")
    assert "  diff     passed        equivalent\n" in result.out
    assert "gone" not in result.out
    (work / "there/more.agp").write_text("package more\n")
    git("rm", "--quiet", "--force", "there/shop.agp")
    assert "  diff     passed        less: " in run("ci", begun, "--phase", "diff").out
