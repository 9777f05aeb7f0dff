"""The quick start of docs/guard/hooks.md does what it says, typed as it stands there."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from forking import agpc
from forking.ports import free_port

from docs.blocks import DOCS, blocks
from docs.sessions import Session, matches

PAGE = DOCS / "guard" / "hooks.md"
SHOWN = "127.0.0.1:8767"


def test_the_quick_start(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    shutil.copytree(DOCS.parent / "examples" / "coding-agent", tmp_path / "policies")
    session = Session(tmp_path)
    program = tmp_path / "bin" / "claude"  # whose version alone is looked at
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho '2.1.332 (Claude Code)'\n")
    program.chmod(0o755)
    session.environment["PATH"] += f":{program.parent}"
    server = None
    try:
        for block in blocks(PAGE):
            text = block.text.replace(SHOWN, address)
            if block.words == ("serve",):
                command, *shown = text.removeprefix("$ ").strip().split("\n")
                server = subprocess.Popen(
                    [*agpc(), *shlex.split(command)[1:], "--listen", address],
                    cwd=tmp_path, env=session.environment, stderr=subprocess.PIPE, text=True,
                )  # fmt: skip
                assert server.stderr is not None
                for line in shown:
                    assert matches(line, server.stderr.readline().rstrip("\n"))
            elif block.words[:1] == ("file",):
                (tmp_path / block.words[1]).write_text(text)
            elif block.language == "console":
                told = "agpc guard hooks claude-code", "agpc guard hook claude-code"
                for each in told:
                    text = text.replace(f"{each} ", f"{each} --at http://{address} ")
                session.run_console(replace(block, text=text))
    finally:
        if server is not None:
            server.terminate()
            server.communicate(timeout=60)
    assert server is not None and server.returncode == 0
    assert '"onFailure": "block"' in (tmp_path / ".claude" / "settings.json").read_text()
