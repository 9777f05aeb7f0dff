"""Whatever a client sends, nothing ends the server but the client's going, and that does."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from forking import COLD
from lsprotocol import types

from lsp.editor import Editor, started
from lsp.policies import SMALL

pytestmark = pytest.mark.asyncio
PATIENCE = 60


class Raw:
    """A server that is spoken to in bytes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    def send(self, message: Any) -> None:
        """Send JSON, or bytes as a message."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def answer(self, id: Any) -> dict[str, Any]:
        """Wait for the answer to a request, past all that is told beside it."""
        assert self.process.stdout is not None
        while True:
            length = 0
            while (
                line := await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
            ).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert length, "the server has ended"
            found: dict[str, Any] = json.loads(await self.process.stdout.readexactly(length))
            if "method" not in found and found.get("id") == id:
                return found

    async def ask(self, id: Any, method: str, params: Any = None) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        self.send({"jsonrpc": "2.0", "id": id, "method": method, "params": params or {}})
        return await self.answer(id)

    async def begin(self, process: int | None = None) -> None:
        """Initialize the server."""
        await self.ask("begin", "initialize", {"processId": process, "capabilities": {}})
        self.send({"jsonrpc": "2.0", "method": "initialized", "params": {}})


async def raw() -> Raw:
    pipe = asyncio.subprocess.PIPE
    return Raw(
        await asyncio.create_subprocess_exec(
            *COLD, "lsp", "--stdio", stdin=pipe, stdout=pipe, stderr=pipe
        )
    )


async def ended(server: Raw) -> int:
    return await asyncio.wait_for(server.process.wait(), PATIENCE)


async def test_what_is_no_message_is_answered_in_words_and_passed_over() -> None:
    server = await raw()
    assert (await server.ask(1, "textDocument/hover"))["error"]["code"] == -32002
    await server.begin()
    garbage: list[Any] = [
        b"no json", b"\xff\xfe", b"[" * 100_000, b"null", [], [1], "text", {},
        {"jsonrpc": "1.0", "id": 1, "method": "x"}, {"jsonrpc": "2.0"}, {"jsonrpc": "2.0", "id": []},
        {"jsonrpc": "2.0", "method": 5}, {"jsonrpc": "2.0", "method": "agpc/nothing"},
        {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": 1}},
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": None},
        {"jsonrpc": "2.0", "id": "never asked", "result": 1},
        {"jsonrpc": "2.0", "id": 9, "error": {"code": 1, "message": "m"}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 77}},
        {"jsonrpc": "2.0", "method": "$/setTrace", "params": {"value": "?"}},
    ]  # fmt: skip
    for each in garbage:
        server.send(each)
    assert (await server.ask(2, "agpc/nothing"))["error"]["code"] == -32601
    assert (await server.ask(3, "initialize", {"capabilities": {}}))["error"]["code"] == -32600
    wrong = await server.ask(4, "workspace/executeCommand", {"command": 5})
    assert wrong["error"]["code"] == -32602
    assert "traceback" not in json.dumps(wrong).lower()
    assert "error" not in await server.ask(5, "shutdown")
    assert (await server.ask(6, "shutdown"))["error"]["code"] == -32600
    server.send({"jsonrpc": "2.0", "method": "exit"})
    assert await ended(server) == 0
    assert server.process.stderr is not None
    assert await server.process.stderr.read() == b""


@pytest.mark.parametrize(
    "header",
    [b"Content-Length: 99999999999999\r\n\r\n", b"Content-Length: -5\r\n\r\n", b"x" * 100_000],
)
async def test_a_header_that_is_none_ends_the_server_in_order(header: bytes) -> None:
    server = await raw()
    await server.begin()
    assert server.process.stdin is not None and server.process.stderr is not None
    server.process.stdin.write(header)
    assert await ended(server) == 1
    assert await server.process.stderr.read() == b""


async def test_the_end_of_the_input_ends_the_server() -> None:
    server = await raw()
    await server.begin()
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert await ended(server) == 1


async def test_exit_without_shutdown_ends_it_too() -> None:
    server = await raw()
    await server.begin()
    server.send({"jsonrpc": "2.0", "method": "exit"})
    assert await ended(server) == 1


@pytest.mark.skipif(os.name == "nt", reason="the end of the input says it there")
async def test_the_death_of_the_editor_ends_the_server_though_its_streams_stay_open() -> None:
    sleep = (sys.executable, "-c", "import time; time.sleep(600)")
    other = await asyncio.create_subprocess_exec(*sleep)
    server = await raw()
    await server.begin(other.pid)
    other.send_signal(signal.SIGKILL)
    await other.wait()
    assert await ended(server) == 1


async def test_addresses_of_all_kinds_are_documents(editor: Editor) -> None:
    """Each of which nobody else knows is a set of its own; a set that has files tells of them by their address."""
    odd = ["untitled:Untitled-1", "vscode-notebook-cell:/a/b#c1", "file:///c%3A/policies/a.agp", "x:", "",
           "file://server/share/a.agp", "file:///a%00b.agp", "git:/a.agp?ref=main", "file:", "no scheme",
           "file:///%ff%fe.agp", "file://[::1", "https://a.example/x.agp"]  # fmt: skip
    for uri in odd:
        editor.texts[uri], editor.versions[uri] = SMALL, 1
        item = types.TextDocumentItem(uri, "agp", 1, SMALL.replace("to  bot", "to  nobody_here"))
        editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    for uri in odd:
        await editor.until(lambda uri=uri: editor.codes(uri, "agpc") == ["AGP1101"])
    for uri in odd:
        editor.close(uri)
        await editor.until(lambda uri=uri: editor.codes(uri) == [])


async def test_names_with_odd_characters_are_told_of_by_their_address(editor: Editor) -> None:
    names = ["a b.agp", "a%20b.agp", "a#b.agp", "a?b.agp", "ä𝄞.agp", "a;b&c=d+e.agp", "[x].agp"]
    for number, name in enumerate(names):
        editor.write(name, f"language 2\npackage p{number}\nset s{number} = nowhere\n")
    uri = editor.open(names[0])
    for name in names:
        await editor.until(lambda name=name: editor.codes(editor.uri(name), "agpc"))
    assert editor.published[uri].version == 1


async def test_files_that_cannot_be_read_say_so_and_hide_nothing(editor: Editor) -> None:
    (editor.folder / "latin.agp").write_bytes(b"package p # \xe4\n")
    (editor.folder / "loop").symlink_to(editor.folder)
    (editor.folder / "dangling.agp").symlink_to(editor.folder / "nowhere")
    (editor.folder / "directory.agp").mkdir()
    editor.write("other.agp", "language 2\npackage other\nset s = nowhere\n")
    uri = editor.open("a.agp", SMALL.replace("to  bot", "to  nobody_here"))
    await editor.until(lambda: editor.codes(uri, "agpc") == ["AGP1101"])
    await editor.until(lambda: editor.diagnostics(editor.uri("latin.agp")))
    [said] = editor.diagnostics(editor.uri("latin.agp"))
    assert "not UTF-8" in said.message
    assert editor.codes(editor.uri("other.agp"), "agpc")


async def test_places_and_versions_that_are_none_break_nothing(editor: Editor) -> None:
    uri = editor.open("a.agp", SMALL)
    most = 2**31 - 1
    far = types.Position(most, most)
    for start, end in (
        (far, far),
        (types.Position(3, 500), types.Position(1, 0)),
        (types.Position(0, 0), far),
    ):
        editor.change(uri, types.TextDocumentContentChangePartial(types.Range(start, end), "# 𝄞\n"))
    editor.versions[uri] = -5
    editor.write_over(uri, SMALL.replace("to  bot", "to  nobody_here"))
    await editor.until(lambda: editor.codes(uri, "agpc") == ["AGP1101"])
    other = editor.uri("never_opened.agp")
    editor.versions[other] = 1
    editor.change(other, types.TextDocumentContentChangeWholeDocument("x"))
    editor.close(other)
    editor.write_over(uri, SMALL)
    await editor.until(lambda: editor.codes(uri, "agpc") == [])


async def test_a_document_of_megabytes_is_answered(editor: Editor) -> None:
    uri = editor.open("a.agp", "language 2\npackage p\n" + "# 𝄞 nothing at all\n" * 300_000)
    await editor.until_told(uri)
    editor.change(uri, types.TextDocumentContentChangePartial(
        types.Range(types.Position(0, 0), types.Position(0, 0)), "x"))  # fmt: skip
    await editor.until_told(uri)
    assert "AGP1001" in editor.codes(uri)


async def test_many_documents(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    async with started(folder) as editor:
        for number in range(200):
            editor.write(f"f{number}.agp", f"language 2\npackage p{number}\nset s = nowhere\n")
        uris = [editor.open(f"f{number}.agp") for number in range(200)]
        for uri in uris:
            await editor.until(lambda uri=uri: editor.codes(uri, "agpc"))
