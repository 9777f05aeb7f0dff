"""Guards that listen, and requests to them that are written by hand."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .guarding import Guarding

NEW = {"MCP-Protocol-Version": "2026-07-28"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
HEADERS = {**NEW, "Mcp-Method": "tools/call", "Mcp-Name": "echo"}


@contextmanager
def listening(it: Guarding, *more: str, own_task: bool = True) -> Iterator[str]:
    """A guard that listens on a port of its own, and the URL of it."""
    command = it.command()
    if not own_task:
        at = command.index("--agent")
        del command[at : at + 4]
    at = command.index("--") if "--" in command else len(command)
    command[at:at] = ["--listen", "127.0.0.1:0", *more]
    with it.said.open("w") as log:
        process = subprocess.Popen(command, stderr=log, stdin=subprocess.DEVNULL)
    try:
        yield _url(it, process)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def _url(it: Guarding, process: subprocess.Popen[bytes]) -> str:
    for _ in range(2400):
        found = re.search(r"listening on (http://\S+)", it.said.read_text())
        if found:
            return found[1]
        assert process.poll() is None, it.said.read_text()
        time.sleep(0.05)
    raise AssertionError(it.said.read_text())


def post(url: str, body: bytes | dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
    """Send something by hand."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    try:
        with urlopen(Request(url, data, {**sent, **headers})) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except HTTPError as error:
        with error:
            text = error.read()
        is_json = error.headers.get_content_type() == "application/json"
        return error.code, json.loads(text) if is_json else text


def call(text: str, **more: Any) -> dict[str, Any]:
    params = {"name": "echo", "arguments": {"text": text}, "_meta": META, **more}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def reached(folder: Path) -> list[str]:
    file = folder / "calls"
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(each)["arguments"]["text"] for each in lines]
