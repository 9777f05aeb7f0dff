"""The action for GitHub: its steps, run under bash in a repository made for it, against an interface on this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..repository import CLEAN, WIDER, commit, event, git
from .comment_service import BOT, TOKEN, Service, serving

ROOT = Path(__file__).parents[3]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
INSTALL = "Install the agpc of this action"
pytestmark = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("git")), reason="bash and git are not installed"
)


class Runner:
    """What GitHub's runner does with the steps of a composite action, as far as ours use it."""

    def __init__(self, temporary: Path, service: Service) -> None:
        self.temporary = temporary
        self.service = service
        self.outputs: dict[str, str] = {}
        self.summary = ""
        self.is_installed = False

    def run(self, inputs: dict[str, str], **environment: str) -> tuple[int, str]:
        """Run all steps, and give the status of the first that failed, and the log."""
        given = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()}
        given |= {"token": TOKEN, **inputs}
        known = {f"inputs.{name}": value for name, value in given.items()}
        known |= {
            "github.action_path": str(ROOT),
            "steps.python.outputs.python-path": sys.executable,
        }
        status, log = 0, ""
        self.summary = ""
        for step in STEPS:
            if "run" not in step or not self.wanted(step.get("if"), known, status):
                continue
            if step["name"] == INSTALL and self.is_installed:
                continue  # as the first run left it: it takes longer than all else
            done, outputs = self.step(step, known, environment)
            self.is_installed |= step["name"] == INSTALL and done.returncode == 0
            log += done.stdout + done.stderr
            status = status or done.returncode
            known |= {
                f"steps.{step.get('id')}.outputs.{key}": value for key, value in outputs.items()
            }
        self.outputs = {
            name: self.value(str(each["value"]), known) for name, each in ACTION["outputs"].items()
        }
        return status, log

    def step(
        self, step: dict[str, Any], known: dict[str, str], environment: dict[str, str]
    ) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        assert "${{" not in step["run"], "an expression in a script is a hole for whoever fills it"
        files = {name: self.temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for each in files.values():
            each.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            env={
                **os.environ,  # less what another pipeline says, which `work` took out
                "GITHUB_ACTIONS": "true",
                "GITHUB_REPOSITORY": "acme/policies",
                "GITHUB_API_URL": self.service.address,
                "RUNNER_TEMP": str(self.temporary),
                **{name: str(path) for name, path in files.items()},
                **{
                    name: self.value(str(each), known) for name, each in step.get("env", {}).items()
                },
                **environment,
            },
            cwd=self.value(str(step.get("working-directory", ".")), known),
            capture_output=True,
            text=True,
            check=False,
        )
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        return done, dict(line.split("=", 1) for line in lines)

    @staticmethod
    def value(text: str, known: dict[str, str]) -> str:
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known.get(found[1], ""), text)

    @staticmethod
    def wanted(condition: str | None, known: dict[str, str], status: int) -> bool:
        if condition is None:
            return status == 0
        found = re.fullmatch(r"\$\{\{ (.*) \}\}", condition)
        assert found is not None
        for term in found[1].split(" && "):
            comparison = re.fullmatch(r"(\S+) (==|!=) '(.*)'", term)
            if comparison is None:
                assert term == "!cancelled()"
            elif (known.get(comparison[1], "") == comparison[3]) != (comparison[2] == "=="):
                return False
        return True


def test_the_steps_do_what_the_page_says(
    work: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """From installing, once, to the comment: a change that opens something, again, from a fork, and failing."""
    git("init", "--quiet")
    base = commit(shop=CLEAN)
    commit(shop=WIDER)

    def pull(head: str) -> dict[str, str]:
        about = {"number": 7, "head": {"repo": {"full_name": head}}, "base": {"sha": base}}
        path = event(pull_request=about)
        return {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": path}

    with serving() as service:
        runner = Runner(tmp_path_factory.mktemp("runner"), service)
        ours = pull("acme/policies")
        status, log = runner.run({}, **ours)
        assert status == 0, log
        assert runner.outputs["result"] == "passed"
        assert runner.outputs["verdict"] == "more"
        assert json.loads(Path(runner.outputs["sarif"]).read_text())["runs"]
        assert "::group::policies" in log
        assert "⚠️ more" in runner.summary
        (comment,) = service.comments
        assert comment["user"] == BOT
        assert comment["body"].startswith("<!-- agpc ci -->\n")
        status, log = runner.run({"fail-on-diff": "more", "phase": "diff,check"}, **ours)
        assert status == 1, log
        assert runner.outputs["result"] == "failed"
        assert len(service.comments) == 1
        assert "❌ agpc: failed" in service.comments[0]["body"]
        service.comments.clear()
        status, log = runner.run({}, **pull("mallory/policies"))
        assert (status, service.comments) == (0, [])
        assert "comes from a fork" in log
        assert "⚠️ more" in runner.summary
        status, log = runner.run({"comment": "false", "base": "$(touch owned); `id` gone"}, **ours)
        assert status == 2, log
        assert service.comments == []
        assert not (work / "owned").exists()
        status, log = runner.run({"config": "missing.toml"}, **ours)
        assert (status, runner.outputs["reports"], runner.outputs["sarif"]) == (2, "", "")
        assert TOKEN not in log


def test_what_the_action_uses_is_pinned_and_its_token_is_for_one_step() -> None:
    for step in STEPS:
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
    holders = [step["name"] for step in STEPS if "inputs.token" in json.dumps(step)]
    assert holders == ["Keep the comment of the pull request"]


def test_the_page_names_every_input_and_output() -> None:
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    tables = {
        word: re.search(rf"^\| {word} \|.*\n\| ---.*\n((?:\|.*\n)+)", page, re.MULTILINE)
        for word in ("input", "output")
    }
    for word, found in tables.items():
        assert found is not None
        assert re.findall(r"^\| `(.*?)` \|", found[1], re.MULTILINE) == list(ACTION[f"{word}s"])
