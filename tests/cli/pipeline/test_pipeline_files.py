"""What is handed to hosts: workflows, the action, the template, the hooks and the container file, by their own checkers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from docs.blocks import blocks

from agpc.cli.commands.releasing.ci import phases_named

from ..repository import CLEAN, commit, git

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
ACTIONLINT = shutil.which(
    "actionlint", path=f"{ROOT / '.cache/bin'}{os.pathsep}{os.environ['PATH']}"
)
PAGE = ROOT / "docs/ci.md"
YAML = [each.text for each in blocks(PAGE) if each.language == "yaml"]
needs_actionlint = pytest.mark.skipif(
    ACTIONLINT is None, reason="needs actionlint (.ci/run builds it)"
)


def check(*arguments: str | Path, cwd: Path = ROOT) -> str:
    """Run a checker, which has to find nothing."""
    command = [str(each) for each in arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_actionlint
def test_actionlint_finds_nothing_in_workflows(tmp_path: Path) -> None:
    """Neither in ours nor in that of the page; it runs ShellCheck over what they run."""
    (tmp_path / "page.yml").write_text(YAML[0], encoding="utf-8")
    options = ("-shellcheck", BIN / "shellcheck", "-pyflakes=")
    assert ACTIONLINT is not None
    ours = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    check(ACTIONLINT, *options, *ours, tmp_path / "page.yml")


@needs_actionlint
def test_actionlint_finds_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "page.yml").write_text(
        YAML[0].replace("pull-requests: write", "pull-request: write")
    )
    with pytest.raises(AssertionError, match="unknown permission scope"):
        check(str(ACTIONLINT), tmp_path / "page.yml")


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("github-actions", "action.yml"),
        ("github-workflows", ".github/workflows/agpc.yml"),
        ("gitlab-ci", "templates/agpc.gitlab-ci.yml"),
    ],
)
def test_each_file_is_what_the_schema_of_its_host_asks(schema: str, path: str) -> None:
    options = ("--data-transform", "gitlab-ci") if schema == "gitlab-ci" else ()
    check(BIN / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *options, path)


def test_the_examples_of_the_page_are_what_the_schemas_ask(tmp_path: Path) -> None:
    for schema, text in zip(("github-workflows", "gitlab-ci"), YAML, strict=False):
        (tmp_path / "example.yml").write_text(text, encoding="utf-8")
        check(
            BIN / "check-jsonschema",
            "--builtin-schema",
            f"vendor.{schema}",
            tmp_path / "example.yml",
        )


def test_shellcheck_finds_nothing_in_what_is_run(tmp_path: Path) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    template = yaml.safe_load((ROOT / "templates/agpc.gitlab-ci.yml").read_text(encoding="utf-8"))
    scripts = [("bash", each["run"]) for each in action["runs"]["steps"] if "run" in each]
    for part in ("before_script", "script", "after_script"):
        scripts.append(("sh", "\n".join(template["agpc"][part])))
    assert len(scripts) == 6
    for shell, text in scripts:
        (tmp_path / "script").write_text(text, encoding="utf-8")
        check(BIN / "shellcheck", "--shell", shell, tmp_path / "script")


def test_hadolint_finds_nothing_in_the_container_file() -> None:
    check(BIN / "hadolint", "Containerfile")


def test_everything_from_outside_is_pinned() -> None:
    """Actions by their commit, images by their digest, and one digest of one image."""
    texts = [
        (ROOT / each).read_text(encoding="utf-8")
        for each in ("action.yml", ".github/workflows/agpc.yml", "Containerfile", "templates/agpc.gitlab-ci.yml")
    ]  # fmt: skip
    uses = re.findall(r"uses: (\S+)", "\n".join([*texts, YAML[0].replace("agpc/agpc@v1", "./")]))
    assert len(uses) > 4
    assert all(each == "./" or re.fullmatch(r"\S+@[0-9a-f]{40}", each) for each in uses)
    images = set(re.findall(r"(?:^FROM|image:) (\S+)", "\n".join(texts), re.MULTILINE))
    (image,) = images
    assert re.fullmatch(r"python:3\.13-slim@sha256:[0-9a-f]{64}", image)


def test_the_container_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()
    assert lines.index("USER 10001") > max(
        n for n, line in enumerate(lines) if line.startswith("RUN")
    )
    assert lines[-1] == 'ENTRYPOINT ["agpc"]'
    kept = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    wheel = re.search(
        r"^only-include = (\[.*\])$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert wheel is not None
    assert {f"!{each}" for each in json.loads(wheel[1])} <= set(kept)
    assert kept[1] == "*"


def test_the_hooks_name_phases_that_there_are() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [each["id"] for each in hooks] == ["agpc-fmt", "agpc-check", "agpc-test"]
    for each in hooks:
        assert each["pass_filenames"] is False
        for phase in re.findall(r"--phase (\S+)", each["entry"]):
            phases_named([phase])


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_pre_commit_runs_the_hooks(work: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The real one, over a repository with two sets; the command is that of this environment."""
    hooks = tmp_path_factory.mktemp("hooks")
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert text.count("language: python\n") == 3
    git("init", "--quiet")
    (work / "agpc.toml").write_text(
        "[[set]]\nname = 'one'\npaths = ['one']\n[[set]]\nname = 'two'\npaths = ['two']\n"
    )
    commit(one__shop=CLEAN, two__shop=CLEAN)
    here = Path.cwd()
    os.chdir(hooks)
    git("init", "--quiet")
    Path(".pre-commit-hooks.yaml").write_text(
        text.replace("language: python\n", "language: system\n")
    )
    commit()
    os.chdir(here)

    def run(hook: str) -> tuple[int, str]:
        environment = {
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(hooks / "home"),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        command = [BIN / "pre-commit", "try-repo", hooks, hook, "--all-files", "--verbose"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    for hook in ("agpc-fmt", "agpc-check", "agpc-test"):
        status, said = run(hook)
        assert status == 0, said
        assert "Passed" in said
    (work / "two/shop.agp").write_text(CLEAN.replace("expect permit", "expect  deny"))
    assert "FAIL  opening is permitted" in run("agpc-test")[1]
    status, said = run("agpc-fmt")
    assert status == 1
    assert "formatted two/shop.agp" in said
    (work / "two/shop.agp").write_text("package shop\nuse nowhere\n")
    status, said = run("agpc-check")
    assert status == 1
    assert "error[AGP1103]" in said
