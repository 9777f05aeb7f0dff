"""The clients of docs/service/gateway.md do what the page asks of a gateway, against a real service."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.blocks import DOCS, blocks

from agpc.service.http.gate.callers import new_entry

from .processes import POLICY, Process, process

PAGE = DOCS / "service" / "gateway.md"
AGENTS = ("spiffe://example.org/**",)
CALLS = [
    {"action": "pay", "arguments": {"amount": 50}},
    {"action": "pay", "arguments": {"amount": 101}},
    {"action": "void", "arguments": {}},
    {"action": "pay", "arguments": {"amount": 9007199254740993}},
    {"action": "pay", "arguments": {"amount": 7}},
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, str]]:
    folder = tmp_path_factory.mktemp("gateways")
    (folder / "bank.agp").write_text(POLICY.replace("LIMIT", "100"))
    key, lines = new_entry("gateway", ("start", "decide", "outcome", "read"), AGENTS)
    (folder / "service.toml").write_text(lines)
    with process(folder, "bank.agp", "--config", "service.toml") as found:
        found.ready()
        yield found, key


def program(language: str, folder: Path) -> list[str]:
    """The command that runs the program of the page, or a skip that says why not."""
    (text,) = [each.text for each in blocks(PAGE) if each.language == language]
    if language == "python":
        (folder / "gateway.py").write_text(text)
        return [sys.executable, "gateway.py"]
    needed = {"js": "node", "go": "go"}[language]
    found = shutil.which(needed)
    if found is None:
        pytest.skip(f"there is no `{needed}` here to run the gateway with")
    if language == "js":
        (folder / "gateway.mjs").write_text(text)
        return [found, "gateway.mjs"]
    (folder / "gateway.go").write_text(text)
    environment = {**os.environ, "GOFLAGS": "-mod=mod", "GO111MODULE": "off"}
    subprocess.run([found, "vet", "gateway.go"], cwd=folder, check=True, env=environment)
    subprocess.run(
        [found, "build", "-o", "gateway", "gateway.go"], cwd=folder, check=True, env=environment
    )
    return ["./gateway"]


@pytest.mark.parametrize("language", ["python", "js", "go"])
def test_a_gateway_sends_on_what_is_permitted_and_nothing_else(
    served: tuple[Process, str], language: str, tmp_path: Path
) -> None:
    service, key = served
    command = program(language, tmp_path)
    given = "\n".join([*map(json.dumps, CALLS), '{"action": "pay", "arg', "7", ""])
    ran = subprocess.run(
        command, cwd=tmp_path, input=given, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "AGPC_SERVICE": f"http://127.0.0.1:{service.port}", "AGPC_API_KEY": key},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    said = [json.loads(each) for each in ran.stdout.splitlines()]
    assert [each.get("arguments") for each in said] == [
        {"amount": 50},
        None,
        None,
        None,
        {"amount": 7},
        None,
        None,
    ]
    assert all(each["refused"] for each in said if "sent" not in each)
    authorization = f"Bearer {key}"
    (task, *_) = service.ask("GET", "/v1/tasks", authorization=authorization).json["tasks"]
    assert task["state"] == "ended" and task["user"] == {"id": "user:ann"}
    calls = service.ask("GET", f"/v1/calls?task={task['id']}", authorization=authorization).json[
        "calls"
    ]
    permitted = [each for each in calls if each["effect"] == "permit"]
    assert [each["outcome"] for each in permitted] == ["done", "done"]


def test_the_policy_of_the_page_answers_as_the_page_says(tmp_path: Path) -> None:
    (policy,) = [each.text for each in blocks(PAGE) if each.words == ("file", "policies/bank.agp")]
    (tmp_path / "bank.agp").write_text(policy)
    (shell,) = [each.text for each in blocks(PAGE) if each.language == "sh"]
    calls = re.findall(r"'(\{.*?\})'", shell)
    with process(tmp_path, "bank.agp") as found:
        found.ready()
        ran = subprocess.run(
            program("python", tmp_path), cwd=tmp_path, input="\n".join(calls), capture_output=True, text=True, check=True,
            env={**os.environ, "AGPC_SERVICE": f"http://127.0.0.1:{found.port}"}, timeout=120,
        )  # fmt: skip
    assert [json.loads(each) for each in ran.stdout.splitlines()] == [
        {"sent": "pay", "arguments": {"amount": 40}},
        {"refused": ["it takes approval first"]},
    ]


@pytest.mark.parametrize("language", ["python", "js", "go"])
def test_a_gateway_without_an_answer_sends_nothing(
    served: tuple[Process, str], language: str, tmp_path: Path
) -> None:
    service, _ = served
    command = program(language, tmp_path)
    for key in ("agpk_wrong", ""):
        ran = subprocess.run(
            command, cwd=tmp_path, input=json.dumps(CALLS[0]), capture_output=True, text=True, check=False,
            env={**os.environ, "AGPC_SERVICE": f"http://127.0.0.1:{service.port}", "AGPC_API_KEY": key}, timeout=120,
        )  # fmt: skip
        assert (ran.returncode, "sent" in ran.stdout) == (1, False)
        assert '"code":"' in ran.stderr  # why, for whoever runs the gateway
