"""Servers by others, each behind what `agpc import mcp` writes of it."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
import pytest
from forking import agpc
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError

from agpc.guard.mcp.serving import GOVERNED

from .guarding import Guarding, text_of
from .servers import npm_server, python_server

MODES = ["auto", "legacy"]


def server(name: str, folder: Path) -> Sequence[str]:
    match name:
        case "filesystem":
            return npm_server(name, str(folder))
        case "memory" | "everything":
            return npm_server(name)
        case _:
            return python_server(name)


def imported(command: Sequence[str], folder: Path) -> str:
    """The declarations that `agpc import mcp` writes of a server."""

    async def tools() -> list[Any]:
        parameters = StdioServerParameters(command=command[0], args=list(command[1:]))
        with (folder / "log").open("w") as log:
            async with Client(stdio_client(parameters, errlog=log)) as client:
                return (await client.list_tools()).tools

    listed = [
        each.model_dump(mode="json", by_alias=True, exclude_none=True) for each in anyio.run(tools)
    ]
    (folder / "tools.json").write_text(json.dumps({"tools": listed}))
    arguments = ["import", "mcp", str(folder / "tools.json"), "--package", "desk", "--tool", "it"]
    written = subprocess.run(
        [*agpc(), *arguments], capture_output=True, text=True, check=True
    ).stdout
    return written.replace("language 2\npackage desk\n", "")


@pytest.mark.parametrize("name", ["filesystem", "memory", "everything", "git", "fetch"])
def test_what_import_writes_is_what_the_guard_finds(tmp_path: Path, name: str) -> None:
    command = server(name, tmp_path)
    policy = imported(command, tmp_path) + "grant all { to bot for answer allow it.* }\n"
    it = Guarding(tmp_path, policy, command)

    async def use() -> None:
        async with it.client() as client:
            listed = [each.name for each in (await client.list_tools()).tools]
            assert listed == [
                each["name"] for each in json.loads((tmp_path / "tools.json").read_text())["tools"]
            ]

    anyio.run(use)
    assert "hidden" not in it.said.read_text()


MEMORY = """
tool memory {
    action create_entities(
        entities: [{ name: string, entityType: string, observations: [string] }],
    ) -> { entities: [{ name: string, entityType: string, observations: [string] }] }
    action delete_entities(entityNames: [string]) -> { success: bool, message: string }
    action read_graph
}
grant keeping {
    to bot
    for answer
    allow memory.create_entities, memory.read_graph
}
"""


@pytest.mark.parametrize("mode", MODES)
def test_memory_is_kept_and_not_lost(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = Guarding(tmp_path, MEMORY, npm_server("memory"))
    one = {"name": "Ann", "entityType": "person", "observations": ["leads"]}

    async def use() -> None:
        async with it.client(mode) as client:
            assert [each.name for each in (await client.list_tools()).tools] == [
                "create_entities",
                "read_graph",
            ]
            made = await client.call_tool("create_entities", {"entities": [one]})
            assert (made.structured_content or {})["entities"] == [one]
            worse = await client.call_tool("create_entities", {"entities": [{**one, "extra": 1}]})
            assert worse.is_error and "does not declare" in text_of(worse)
            assert (await client.call_tool("delete_entities", {"entityNames": ["Ann"]})).is_error
            graph = (await client.call_tool("read_graph", {})).structured_content or {}
            assert [each["name"] for each in graph["entities"]] == ["Ann"]

    monkeypatch.setenv("MEMORY_FILE_PATH", str(tmp_path / "memory.json"))
    anyio.run(use)
    assert (tmp_path / "memory.json").exists()


EVERYTHING = """
tool everything {
    action sum(a: number, b: number)
    action environment
    action work(duration?: number, steps?: number)
    action picture
}
dataset documents {
    name: string
    read action read
}
bind mcp {
    resource everything {
        sum = "get-sum"
        environment = "get-env"
        work = "trigger-long-running-operation"
        picture = "get-tiny-image"
    }
    resource documents "demo://resource/static/document/${name}" { read = "resources/read" }
}
grant using {
    to bot
    for answer
    allow everything.*
    allow documents.read when resource.name == "features.md"
}
"""
TEMPLATE = types.ResourceTemplateReference(uri="demo://resource/dynamic/text/{resourceId}")
FEATURES = "demo://resource/static/document/features.md"


@pytest.mark.parametrize("mode", MODES)
def test_tools_under_other_names_progress_and_pictures(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGPC_API_KEY", "agpk_of_the_guard")
    monkeypatch.setenv("OF_THE_SERVER", "yes")
    it = Guarding(tmp_path, EVERYTHING, npm_server("everything"))
    steps: list[float] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        steps.append(done)

    async def use() -> None:
        async with it.client(mode) as client:
            assert "5" in text_of(await client.call_tool("get-sum", {"a": 2, "b": 3}))
            environment = text_of(await client.call_tool("get-env", {}))
            assert "OF_THE_SERVER" in environment
            assert "AGPC_" not in environment and "agpk_" not in environment
            long = {"duration": 0.2, "steps": 4}
            await client.call_tool(
                "trigger-long-running-operation", long, progress_callback=progress
            )
            picture = await client.call_tool("get-tiny-image", {})
            assert "image" in [each.type for each in picture.content]

    anyio.run(use)
    assert steps == [1, 2, 3, 4]
    assert it.outcomes() == ["done"] * 4


@pytest.mark.parametrize("mode", MODES)
def test_a_resource_that_the_policy_binds_is_read_as_a_call(tmp_path: Path, mode: str) -> None:
    it = Guarding(tmp_path, EVERYTHING, npm_server("everything"))

    async def use() -> None:
        async with it.client(mode) as client:
            names = [
                str(each.uri).rpartition("/")[2]
                for each in (await client.list_resources()).resources
            ]
            assert "features.md" in names  # and others, of which nobody knows before they are read
            read = await client.read_resource(FEATURES)
            assert read.contents[0].text  # type: ignore[union-attr]
            for uri in (
                FEATURES.replace("features", "startup"),
                "demo://resource/dynamic/text/1",
                FEATURES.replace("features.md", "x/../features.md"),
                FEATURES.replace("features.md", "%2e%2e/features.md"),
                FEATURES + "?x=1",
            ):
                with pytest.raises(MCPError):
                    await client.read_resource(uri)
            with pytest.raises(MCPError, match="does not pass on"):
                await client.list_prompts()

    anyio.run(use)
    assert it.decisions() == [("read", "permit"), ("read", "deny")]
    assert it.outcomes() == ["done"] and len(it.events("refused")) == 5


def test_what_the_operator_allows_is_passed_on(tmp_path: Path) -> None:
    options = ("--allow", "prompts", "--allow", "resources")
    it = Guarding(tmp_path, EVERYTHING, npm_server("everything"), options)

    async def use() -> None:
        async with it.client() as client:
            names = [each.name for each in (await client.list_prompts()).prompts]
            assert "simple-prompt" in names
            assert (await client.get_prompt("args-prompt", {"city": "Rome"})).messages
            assert (await client.list_resource_templates()).resource_templates
            # What is bound is governed all the same, and so is whatever may be it by another name.
            for uri in (FEATURES.replace("features", "startup"), "demo://resource/dynamic/text/1"):
                with pytest.raises(MCPError):
                    await client.read_resource(uri)
            prompt = types.PromptReference(name="completable-prompt")
            told = await client.complete(prompt, {"name": "department", "value": "E"})
            assert told.completion.values == ["Engineering"]
            with pytest.raises(MCPError, match="what the policy governs"):
                await client.complete(TEMPLATE, {"name": "resourceId", "value": "1"})

    async def subscribe() -> None:
        async with it.client("legacy") as client:
            with pytest.raises(MCPError, match="what the policy governs"):
                await client.subscribe_resource(FEATURES)

    anyio.run(use)
    anyio.run(subscribe)
    assert [each["why"] for each in it.events("refused")][-2:] == [GOVERNED] * 2
    unbound = EVERYTHING.replace("demo://resource/static", "other://resource/static")
    (tmp_path / "unbound").mkdir()
    it = Guarding(tmp_path / "unbound", unbound, npm_server("everything"), options)

    async def read() -> None:
        async with it.client() as client:
            assert (await client.read_resource("demo://resource/dynamic/text/1")).contents
            told = await client.complete(TEMPLATE, {"name": "resourceId", "value": "1"})
            assert told.completion.values == ["1"]

    anyio.run(read)


GIT = """
tool git {
    action git_status(repo_path: string)
    action git_commit(repo_path: string, message: string)
    action git_add(repo_path: string, files: [string])
}
grant working {
    to bot
    for answer
    allow git.git_status, git.git_add
    allow git.git_commit require approval by "role:lead" within 1h
}
"""


def test_a_commit_waits_for_somebody(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    (repository / "a.txt").write_text("hello")
    it = Guarding(
        tmp_path, GIT, python_server("git", "--repository", str(repository)), ("--wait", "0")
    )

    async def use() -> None:
        async with it.client() as client:
            where = {"repo_path": str(repository)}
            assert "a.txt" in text_of(await client.call_tool("git_status", where))
            assert not (await client.call_tool("git_add", {**where, "files": ["a.txt"]})).is_error
            asked = await client.call_tool("git_commit", {**where, "message": "Say hello"})
            assert asked.is_error and "People answer at" in text_of(asked)

    anyio.run(use)
    log = subprocess.run(["git", "-C", str(repository), "log"], capture_output=True, check=False)
    assert log.returncode != 0  # there is no commit


FETCH = """
tool fetch {
    action fetch(url: url, max_length?: int, start_index?: int, raw?: bool)
}
grant looking {
    to bot
    for answer
    allow fetch.fetch when args.url.port == PORT and args.url.path == "/public"
}
"""


def test_pages_are_fetched_from_where_they_may_be(tmp_path: Path) -> None:
    asked: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(b"a page")

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        port = web.server_address[1]
        policy = FETCH.replace("PORT", str(port))
        it = Guarding(
            tmp_path, policy, python_server("fetch", "--ignore-robots-txt", "--allow-private-ips")
        )

        async def use() -> None:
            async with it.client() as client:
                base = f"http://127.0.0.1:{port}"
                assert "a page" in text_of(
                    await client.call_tool("fetch", {"url": f"{base}/public"})
                )
                assert (await client.call_tool("fetch", {"url": f"{base}/private"})).is_error
                assert (await client.call_tool("fetch", {"url": "no address"})).is_error

        anyio.run(use)
        web.shutdown()
    assert asked == ["/public"]
