"""docs/guard/quick-start.md as a newcomer follows it: one call permitted, one asked about, one denied.

`make newcomer` runs it with an `agpc` that pip has installed from the wheel; else it is the one of these tests.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from forking import agpc
from guard.mcp.servers import npm_server
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

PAGE = Path(__file__).parents[2] / "docs" / "guard" / "quick-start.md"
BY_OTHERS = ["npx", "-y", "@modelcontextprotocol/server-filesystem", "notes"]


def blocks(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


def commands() -> list[list[str]]:
    """What the page has one type after `pip`, with the server where it is installed already."""
    lines = [line[2:] for block in blocks("console") for line in block.splitlines()]
    words = [shlex.split(line) for line in lines if not line.startswith("pip ")]
    start, found = shlex.split(os.environ.get("AGPC_NEWCOMER", "")) or agpc(), []
    for each in words:
        if each[-len(BY_OTHERS) :] == BY_OTHERS:
            each = [*each[: -len(BY_OTHERS)], *npm_server("filesystem", "notes")]
        found.append([*start, *each[1:]] if each[0] == "agpc" else each)
    return found


def test_a_newcomer_sees_a_call_permitted_one_asked_about_and_one_denied(tmp_path: Path) -> None:
    make, write, init, check, guard, show = commands()
    assert (make, write[0]) == (["mkdir", "notes"], "echo")

    def run(command: list[str]) -> str:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(make)
    (tmp_path / "notes" / "gate.txt").write_text(f"{write[1]}\n")
    run(init)
    (known,) = blocks("agp")
    with (tmp_path / "policies" / "policy.agp").open("a") as policy:
        policy.write(f"\n{known}")
    assert "0 errors, 0 warnings" in run(check)
    asked: list[str] = []

    async def answer(_: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        asked.append(params.message)
        schema = params.model_dump(by_alias=True).get("requestedSchema") or {}
        yes = {
            name: True
            for name, each in schema.get("properties", {}).items()
            if each.get("type") == "boolean"
        }
        return types.ElicitResult(action="accept", content=yes or None)

    async def use() -> None:
        parameters = StdioServerParameters(command=guard[0], args=guard[1:], cwd=tmp_path)
        transport = stdio_client(parameters, errlog=(tmp_path / "said").open("w"))
        async with Client(transport, cache=None, elicitation_callback=answer) as client:
            listed = {each.name for each in (await client.list_tools()).tools}
            assert {"read_text_file", "get_file_info"} <= listed and "write_file" not in listed
            path = str(tmp_path / "notes" / "gate.txt")
            read = await client.call_tool("read_text_file", {"path": path})
            assert not read.is_error and "The gate opens" in str(read.content) and asked == []
            told = await client.call_tool("get_file_info", {"path": path})
            assert not told.is_error and len(asked) == 1
            words = {"path": path, "content": "at ten"}
            denied = await client.call_tool("write_file", words)
            assert denied.is_error and "Nothing ran" in str(denied.content)

    anyio.run(use)
    assert (tmp_path / "notes" / "gate.txt").read_text() == "The gate opens at nine.\n"
    trail = run(show)
    assert all(each in trail for each in ("read_text_file", "get_file_info", "write_file"))
