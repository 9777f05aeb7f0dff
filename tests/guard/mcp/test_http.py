"""Streamable HTTP on either side: the same rules, and no request that is one call to a router and another to the guard."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import anyio
import httpx2
import pytest
from forking.ports import free_port
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from agpc.service.http.gate.callers import new_entry

from .guarding import BOT, Guarding, text_of
from .over_http import HEADERS, META, NEW, call, listening, post, reached
from .servers import hostile_server, npm_server

POLICY = """
tool words {
    action echo(text: string)
}
grant saying {
    to bot
    for answer
    allow words.echo when not args.text like "*secret*"
}
"""
MODES = ["auto", "legacy"]


def guarding(folder: Path, how: str = "good", *options: str) -> Guarding:
    return Guarding(folder, POLICY, hostile_server(how, str(folder / "calls")), options)


@pytest.mark.parametrize("mode", MODES)
def test_the_same_rules_hold_over_http(tmp_path: Path, mode: str) -> None:
    it = guarding(tmp_path)

    async def use(url: str) -> None:
        async with Client(url, mode=mode, cache=None) as client:
            assert [each.name for each in (await client.list_tools()).tools] == ["echo"]
            given = await client.call_tool("echo", {"text": "hello"})
            assert text_of(given) == "hello"
            denied = await client.call_tool("echo", {"text": "secret"})
            assert denied.is_error and "does not permit it" in text_of(denied)

    with listening(it) as url:
        anyio.run(use, url)
    assert reached(tmp_path) == ["hello"]
    assert [each["state"] for each in it.events("state")] == ["ended"]
    assert "WARNING: whoever reaches this port may call" in it.said.read_text()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("upstream_mode", ["sessions", "both"])
def test_a_guard_stands_before_another_over_http(
    tmp_path: Path, mode: str, upstream_mode: str
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "outer").mkdir()
    if upstream_mode == "sessions":
        script = npm_server("everything", "streamableHttp")
        policy = POLICY.replace("echo(text: string)", "echo(message: string)").replace(
            "args.text", "args.message"
        )
        argument = "message"
    else:
        policy, argument = POLICY, "text"

    async def use(outer: Guarding) -> None:
        async with outer.client(mode) as client:
            assert [each.name for each in (await client.list_tools()).tools] == ["echo"]
            assert "hello" in text_of(await client.call_tool("echo", {argument: "hello"}))
            assert (await client.call_tool("echo", {argument: "secret"})).is_error

    @contextmanager
    def server() -> Iterator[str]:
        if upstream_mode == "both":
            with listening(guarding(tmp_path / "inner")) as url:
                yield url
            return
        with running(script) as url:
            yield url

    with server() as url:
        outer = Guarding(tmp_path / "outer", policy, (), ("--upstream", url))
        anyio.run(use, outer)
    assert [each["effect"] for each in outer.events("call")][-2:] == ["permit", "deny"]


@contextmanager
def running(command: Sequence[str]) -> Iterator[str]:
    """The server `everything` over HTTP."""
    import os
    import socket

    port = free_port()
    process = subprocess.Popen(
        command,
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(2400):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()


def test_what_can_be_read_in_two_ways_is_refused_and_recorded(tmp_path: Path) -> None:
    it = guarding(tmp_path)
    whole = json.dumps(call("hello"))
    cases: list[tuple[bytes | dict[str, Any], dict[str, str], int, int]] = [
        (call("ok"), {**HEADERS, "Mcp-Name": "hidden"}, 400, -32020),
        (call("ok"), {**HEADERS, "Mcp-Method": "tools/list"}, 400, -32020),
        (call("ok"), {**HEADERS, "MCP-Protocol-Version": "2025-11-25"}, 400, -32020),
        (call("ok"), {**HEADERS, "Mcp-Param-Text": "other"}, 400, -32020),
        (whole.replace('"text"', '"text": "secret", "text"').encode(), HEADERS, 400, -32700),
        (b"[" + whole.encode() + b"]", HEADERS, 400, -32600),
        (call("ok"), NEW, 400, -32020),
        (call("ok"), {**HEADERS, "MCP-Protocol-Version": "2026-07-29"}, 400, -32020),
        (call("ok", _meta=[META]), HEADERS, 400, -32600),
        (whole.replace('"hello"', '"hello", "more": 1e400').encode(), HEADERS, 400, -32700),
        (b"\xff" + whole.encode(), HEADERS, 400, -32700),
        (
            {**call("ok"), "method": "tools/invent"},
            {**NEW, "Mcp-Method": "tools/invent"},
            404,
            -32601,
        ),
        (
            {**call("ok"), "method": "prompts/list"},
            {**NEW, "Mcp-Method": "prompts/list"},
            404,
            -32601,
        ),
    ]
    with listening(it) as url:
        for body, headers, status, code in cases:
            given = post(url, body, headers)
            assert (given[0], given[1]["error"]["code"]) == (status, code), (body, given)
        assert post(url, call("fine"), HEADERS)[0] == 200
        assert post(url, b" " * (4 * 2**20 + 1), HEADERS)[0] == 413
        assert post(url.replace("/mcp", "/other"), call("ok"), HEADERS)[0] == 404
        assert post(url, call("ok"), {**HEADERS, "Host": "evil.example"})[0] in (403, 421)
        assert post(url, call("ok"), {**HEADERS, "Origin": "http://evil.example"})[0] == 403
    assert reached(tmp_path) == ["fine"]
    assert (
        len(it.events("refused")) == len(cases) + 2
    )  # and what came by another host, or from a page


def test_each_caller_calls_in_the_tasks_of_its_own_agents(tmp_path: Path) -> None:
    it = guarding(tmp_path)
    key, entry = new_entry("desk", ["decide", "start"], [BOT])
    other, others = new_entry("other", ["decide"], ["spiffe://acme.example/ns/other/**"])
    reader, readers = new_entry("reader", ["read"], [])
    config = tmp_path / "service.toml"
    config.write_text(f"{entry}\n{others}\n{readers}")
    with listening(it, "--config", str(config)) as url:
        assert post(url, call("a"), HEADERS)[0] == 401
        assert post(url, call("b"), {**HEADERS, "Authorization": "Bearer agpk_no"})[0] == 401
        assert post(url, call("c"), {**HEADERS, "Authorization": f"Bearer {reader}"})[0] == 403
        _, answer = post(url, call("d"), {**HEADERS, "Authorization": f"Bearer {other}"})
        assert answer["result"]["isError"]
        _, answer = post(url, call("e"), {**HEADERS, "Authorization": f"Bearer {key}"})
        assert not answer["result"].get("isError")

        async def use() -> None:
            auth = {"Authorization": f"Bearer {key}"}
            async with httpx2.AsyncClient(headers=auth) as http:
                transport = streamable_http_client(url, http_client=http)
                async with Client(transport, mode="legacy") as client:
                    assert not (await client.call_tool("echo", {"text": "f"})).is_error

        anyio.run(use)
        assert key not in it.said.read_text()
    assert reached(tmp_path) == ["e", "f"]


def test_a_session_is_of_whoever_began_it(tmp_path: Path) -> None:
    it = guarding(tmp_path)
    key, entry = new_entry("desk", ["decide"], [BOT])
    second, more = new_entry("more", ["decide"], [BOT])
    config = tmp_path / "service.toml"
    config.write_text(f"{entry}\n{more}")
    info = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "0"},
    }
    begin = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": info}
    with listening(it, "--config", str(config)) as url:
        sent = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "Authorization": f"Bearer {key}",
        }
        with urlopen(Request(url, json.dumps(begin).encode(), sent)) as answer:
            session = answer.headers["mcp-session-id"]
        said = {"Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-11-25"}
        body = call("x")
        del body["params"]["_meta"]
        assert post(url, body, {**said, "Authorization": f"Bearer {second}"})[0] == 404
        assert post(url + "/t-other", body, {**said, "Authorization": f"Bearer {key}"})[0] == 404
    assert reached(tmp_path) == []


@pytest.mark.parametrize("mode", MODES)
def test_the_task_comes_from_the_url_or_from_meta(tmp_path: Path, mode: str) -> None:
    it = guarding(tmp_path)
    with listening(it):
        pass  # which started a task, and has ended it
    ended = it.events("task")[0]["task"]["id"]

    async def use(url: str) -> None:
        async with Client(f"{url}/{ended}", mode=mode, cache=None) as client:
            over = await client.call_tool("echo", {"text": "ended"})
            assert over.is_error and "Nothing ran" in text_of(over)
        async with Client(url, mode=mode, cache=None) as client:
            none = await client.call_tool("echo", {"text": "none", "agpc/task": ended})
            assert none.is_error and "no task is named" in text_of(none)
            named = await client.call_tool("echo", {"text": "meta"}, meta={"agpc/task": ended})
            assert named.is_error and "no task is named" not in text_of(named)
            with pytest.raises(MCPError, match="no task is named"):
                await client.list_tools()

    with listening(it, own_task=False) as url:
        anyio.run(use, url)
    assert reached(tmp_path) == []


def test_nobody_has_to_say_who_they_are_on_the_loopback_alone(tmp_path: Path) -> None:
    it = guarding(tmp_path)
    command = [*it.command()]
    at = command.index("--")
    command[at:at] = ["--listen", "0.0.0.0:0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2 and "nobody would have to say who they are" in ended.stderr
