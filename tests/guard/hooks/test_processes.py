"""The commands as clients run them: a server of the hooks, one process for each event, and settings that hold."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from forking import COLD, agpc
from service.http.processes import process

from agpc.guard.hooks.proof import asked

from .agent import CODER, POLICY

COLD_AND_ISOLATED = [COLD[0], "-I", *COLD[1:]]
NEW = {"AI_AGENT": "claude-code_2-1-332_harness"}


class Hooks:
    """A server of the hooks in a folder of its own."""

    def __init__(self, folder: Path, service: str | None = None) -> None:
        self.folder, self.secret = folder, folder / "secret"
        self.start = agpc()
        self.root = folder / "repo"
        self.root.mkdir()
        said = ["--agent", CODER, "--intent", "developing.develop", "--wait", "0"]
        store = ["--store", f"sqlite:///{folder}/agpc.db"]
        decides = store if service is None else ["--service", service]
        where = [*decides, "--secret-file", str(self.secret)]
        place = ["--root", str(self.root), "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(
            [*self.start, "guard", "hooks", "serve", str(POLICY), *said, *where, *place],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        line = ""
        while line == "" or "audit verify" in line:
            line = self.process.stderr.readline() or "ended"
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line + self.process.stderr.read()
        self.url = found[0]

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stderr is not None
        said = self.process.stderr.read()
        assert "Traceback" not in said, said
        return self.process.wait(30)

    def event(self, name: str = "PreToolUse", **more: Any) -> str:
        event = {
            "session_id": "s",
            "cwd": str(self.root),
            "hook_event_name": name,
            "tool_name": "Bash",
            "tool_input": {"command": "ls"},
            "tool_use_id": "toolu_1",
        }
        return json.dumps({**event, **more})

    def hook(
        self, event: str, *options: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        command = [*self.start, "guard", "hook", "claude-code", "--at", self.url]
        return subprocess.run(
            [*command, "--secret-file", str(self.secret), *options],
            input=event,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, **NEW, **(env or {})},
        )

    def post(self, path: str, body: bytes, **headers: str) -> int:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        _, proof = asked(self.secret.read_text().strip(), path, body)
        every = {"Authorization": proof} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        connection.request("POST", path, body, every)
        return connection.getresponse().status


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[Hooks]:
    running = Hooks(tmp_path)
    yield running
    if running.process.poll() is None:
        assert running.end() == 0


def test_a_service_decides_in_place_of_a_store(tmp_path: Path) -> None:
    with process(tmp_path, str(POLICY), "--store", f"sqlite:///{tmp_path}/service.db") as served:
        served.ready()
        hooks = Hooks(tmp_path, f"http://127.0.0.1:{served.port}")
        test_a_client_that_runs_the_hooks_is_answered(hooks)
        calls = served.ask("GET", "/v1/calls").json["calls"]
        assert {"permit", "challenge"} <= {each["effect"] for each in calls}
        served.end()
        gone = hooks.hook(hooks.event(tool_use_id="toolu_3"))
        assert json.loads(gone.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"
        assert hooks.end() == 0
    assert not (tmp_path / "agpc.db").exists()


def test_a_client_that_runs_the_hooks_is_answered(hooks: Hooks) -> None:
    hooks.start = COLD_AND_ISOLATED
    permitted = hooks.hook(hooks.event())
    assert (permitted.returncode, permitted.stdout, permitted.stderr) == (0, "", "")
    after = hooks.hook(hooks.event("PostToolUse", tool_response="x"), "--after")
    assert (after.returncode, after.stdout) == (0, "")
    denied = hooks.hook(hooks.event(tool_input={"command": "rm -rf /"}, tool_use_id="toolu_2"))
    assert denied.returncode == 0
    assert json.loads(denied.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_what_cannot_be_decided_does_not_run(hooks: Hooks) -> None:
    ways: list[tuple[str, tuple[str, ...], dict[str, str]]] = [
        ("", (), {}),
        ("{}", (), {}),
        (hooks.event("NewEvent"), (), {}),
        (hooks.event(), ("--at", "http://127.0.0.1:1"), {}),
        (hooks.event(), ("--at", "http://example.com:80"), {}),
        (hooks.event(), ("--at", "nonsense"), {}),
        (hooks.event(), ("--secret-file", "/nonexistent"), {}),
        (hooks.event(), ("--secret-file", str(POLICY / "README.md")), {}),
        (hooks.event(), (), {"AI_AGENT": "claude-code_2-1-294_harness"}),
        (hooks.event(), (), {"AI_AGENT": "claude-code_1-9-999_harness"}),
        (hooks.event(), (), {"AI_AGENT": "something else"}),
        (hooks.event(), (), {"AI_AGENT": ""}),
    ]
    for event, options, env in ways:
        done = hooks.hook(event, *options, env=env)
        assert (done.returncode, done.stdout) == (2, ""), (options, env)
        assert done.stderr.strip() and "Traceback" not in done.stderr
        assert hooks.secret.read_text().strip() not in done.stderr


def test_no_variable_of_the_environment_turns_a_hook_into_one_that_stops_nothing(
    hooks: Hooks,
) -> None:
    said = {f"AGPC_GUARD_HOOK_{name}": "1" for name in ("AFTER", "WITHIN", "AT", "SECRET_FILE")}
    assert hooks.hook("{}", env=said).returncode == 2
    assert hooks.hook(hooks.event(), env=said).returncode == 0


def test_the_folder_of_the_agent_takes_no_place_of_ours(hooks: Hooks, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    write = [*COLD_AND_ISOLATED, "guard", "hooks", "claude-code", "--client-version", "2.1.300"]
    subprocess.run(
        [*write, "--at", hooks.url, "--secret-file", str(hooks.secret), "--write", str(settings)],
        check=True,
        capture_output=True,
    )
    for name in ("agpc.py", "json.py", "click.py", "sitecustomize.py"):
        (hooks.root / name).write_text("import os\nprint('{}')\nos._exit(0)\n")
    before = json.loads(settings.read_text())["hooks"]["PreToolUse"][0]["hooks"][0]
    assert before["onFailure"] == "block"
    ran = subprocess.run(
        ["sh", "-c", before["command"]],
        cwd=hooks.root,
        env={**os.environ, **NEW, "PYTHONPATH": str(hooks.root)},
        input=hooks.event(tool_input={"command": "rm -rf /"}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert json.loads(ran.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"
    broken = before["command"].replace(sys.executable, "/nonexistent")
    gone = subprocess.run(["sh", "-c", broken], capture_output=True, text=True, check=False)
    assert gone.returncode == 2 and "Nothing runs undecided" in gone.stderr


def test_only_who_brings_the_secret_is_answered(hooks: Hooks) -> None:
    hooks.start = COLD_AND_ISOLATED
    path, body = "/hooks/claude-code", hooks.event().encode()
    assert hooks.post(path, body, Authorization="Bearer x") == 401
    assert hooks.post(path, body, Authorization="") == 401
    assert hooks.post(path, body, Origin="http://127.0.0.1") == 403
    assert hooks.post("/hooks/other", body) == 404
    assert hooks.post("/hooks/claude-code/", body) == 404
    assert hooks.post(path, b"{}") == 400
    assert hooks.post("/hooks/codex", body) == 200
    secret = hooks.secret.read_text().strip()
    _, proof = asked(secret, path, body)
    assert hooks.post("/hooks/codex", body, Authorization=proof) == 401
    assert hooks.post(path, body + b" ", Authorization=proof) == 401
    assert hooks.post(path, body, Authorization=proof) == 401  # which was used
    assert hooks.post(path, body, Authorization=f"Bearer {secret}") == 401
    assert os.stat(hooks.secret).st_mode & 0o777 == 0o600


def test_who_listens_in_place_of_the_server_permits_nothing_and_learns_no_secret(
    hooks: Hooks,
) -> None:
    assert hooks.end() == 0
    heard: list[bytes] = []

    class Other(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(
                str(self.headers).encode() + self.rfile.read(int(self.headers["content-length"]))
            )
            self.send_response(200)
            self.send_header("content-length", "2")
            self.send_header("x-agpc-proof", "0" * 64)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    port = int(hooks.url.rpartition(":")[2])
    with HTTPServer(("127.0.0.1", port), Other) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        done = hooks.hook(hooks.event())
        thread.join()
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not the server" in done.stderr
    assert heard and hooks.secret.read_bytes().strip() not in heard[0]


def test_a_secret_that_others_can_read_is_none(hooks: Hooks, tmp_path: Path) -> None:
    hooks.secret.chmod(0o644)
    done = subprocess.run(
        [*agpc(), "guard", "hooks", "serve", str(POLICY), "--agent", CODER, "--intent", "developing.develop",
         "--secret-file", str(hooks.secret), "--store", f"sqlite:///{tmp_path}/b.db", "--listen", "127.0.0.1:0"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2 and "chmod 600" in done.stderr


def test_hooks_under_an_intent_that_is_none_do_not_begin(hooks: Hooks, tmp_path: Path) -> None:
    done = subprocess.run(
        [*agpc(), "guard", "hooks", "serve", str(POLICY), "--agent", CODER, "--intent", "develop",
         "--secret-file", str(hooks.secret), "--store", f"sqlite:///{tmp_path}/b.db", "--listen", "127.0.0.1:0"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "the policy has no intent `develop`, but `developing.develop`" in done.stderr


def test_hooks_are_answered_on_this_machine_alone(tmp_path: Path) -> None:
    serve = [*agpc(), "guard", "hooks", "serve", str(POLICY), "--agent", CODER]
    done = subprocess.run(
        [*serve, "--intent", "developing.develop", "--listen", "0.0.0.0:0"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 2 and "this machine alone" in done.stderr
