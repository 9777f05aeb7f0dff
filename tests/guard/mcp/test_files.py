"""A filesystem server by others, behind a policy: what is permitted, what is denied, what is not the tool that was declared."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from .guarding import Guarding, text_of
from .servers import npm_server

POLICY = """
tool files {
    action read_text_file(path: string, tail?: number, head?: number) -> { content: string }
    action write_file(path: string, content: string) -> { content: string }
    action list_directory(path: string, deep: bool) -> { content: string }
}
grant reading {
    to bot
    for answer
    allow files.read_text_file, files.list_directory
}
"""


@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
def test_a_policy_stands_before_a_filesystem_server(
    tmp_path: Path, mode: str, version: str
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.txt").write_text("hello")
    guarding = Guarding(tmp_path, POLICY, npm_server("filesystem", str(data)), is_cold=True)

    async def use() -> None:
        async with guarding.client(mode) as client:
            assert client.protocol_version == version
            listed = await client.list_tools()
            assert [each.name for each in listed.tools] == ["read_text_file"]
            given = await client.call_tool("read_text_file", {"path": str(data / "a.txt")})
            assert given.structured_content == {"content": "hello"} and not given.is_error
            denied = await client.call_tool("write_file", {"path": str(data / "b"), "content": "x"})
            assert denied.is_error and "the policy does not permit it" in text_of(denied)
            extra = await client.call_tool("read_text_file", {"path": "a", "evil": 1})
            assert extra.is_error and "does not declare" in text_of(extra)
            wrong = await client.call_tool("read_text_file", {"path": ["a"]})
            assert wrong.is_error and "not what the policy declares" in text_of(wrong)
            drifted = await client.call_tool("list_directory", {"path": str(data), "deep": True})
            assert drifted.is_error and "not the tool that the policy declares" in text_of(drifted)
            unknown = await client.call_tool("move_file", {"source": "a", "destination": "b"})
            assert unknown.is_error and "declares no such tool" in text_of(unknown)

    anyio.run(use)
    assert not (data / "b").exists()
    assert guarding.decisions() == [("read_text_file", "permit"), ("write_file", "deny")]
    assert guarding.outcomes() == ["done"]
    said = guarding.said.read_text()
    assert 'the tool "list_directory" is hidden' in said and "agpc import mcp --check" in said
    assert [each["state"] for each in guarding.events("state")] == ["ended"]
