"""Clients that do as little as a client can: one message after the other, and the time until its answer."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

TICKS = os.sysconf("SC_CLK_TCK")
HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "0"},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


class Client(Protocol):
    """One who calls a tool."""

    pid: int
    """Of the process that is asked."""

    def begin(self) -> None:
        """Begin a round, after one in which nothing was asked of it."""

    def call(self, text: str) -> float:
        """Call once, and give the seconds that it took."""

    def close(self) -> None:
        """Let go of all that was started."""


class OnStreams:
    """A client on standard input and output of what it has started."""

    def __init__(self, command: Sequence[str], said: Path) -> None:
        """Start it, and say hello."""
        with said.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        self.pid, self._id = self._process.pid, 0
        self._ask("initialize", HELLO)
        self._write(INITIALIZED)
        self._ask("tools/list", {})

    def begin(self) -> None:
        """It waits for what it is asked."""

    def call(self, text: str) -> float:
        """Call once."""
        begin = time.perf_counter()
        answer = self._ask("tools/call", {"name": "echo", "arguments": {"text": text}})
        taken = time.perf_counter() - begin
        check(answer, text)
        return taken

    def _ask(self, method: str, params: Any) -> dict[str, Any]:
        self._id += 1
        self._write({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            found: dict[str, Any] = json.loads(line)
            if found.get("id") == self._id:
                return found
        raise SystemExit("what is measured has ended")

    def _write(self, message: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End it."""
        self._process.communicate()


class ToDisk:
    """No client: what the disk takes for the two turns of a call, as SQLite writes them ahead."""

    pid = os.getpid()

    def __init__(self, folder: Path) -> None:
        """Make a file."""
        self._file = os.open(folder / "written", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def begin(self) -> None:
        """It waits for nobody."""

    def call(self, text: str) -> float:
        """Write twice, and have both last."""
        begin = time.perf_counter()
        for _ in range(2):
            os.write(self._file, text.encode().ljust(40_960))
            os.fdatasync(self._file)
        return time.perf_counter() - begin

    def close(self) -> None:
        """Let it go."""
        os.close(self._file)


class OverHTTP:
    """A client of Streamable HTTP, on one connection."""

    def __init__(
        self, command: Sequence[str], port: int, said: Path, *, others: Sequence[Any] = ()
    ) -> None:
        """Start a server, wait for it, and say hello."""
        with said.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log)
        self.pid, self._id, self._others = self._process.pid, 0, others
        self._session: str | None = None
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._connect()
        self._ask("initialize", HELLO)
        self._send(INITIALIZED)
        self._ask("tools/list", {})

    def _connect(self) -> None:
        until = time.monotonic() + 120
        while True:
            try:
                return self._connection.connect()
            except OSError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise SystemExit("what is measured does not listen") from None
                time.sleep(0.05)

    def begin(self) -> None:
        """Connect anew: the other side lets go of who says nothing."""
        self._connection.close()
        self._connection.connect()
        self._ask("tools/list", {})

    def call(self, text: str) -> float:
        """Call once."""
        begin = time.perf_counter()
        answer = self._ask("tools/call", {"name": "echo", "arguments": {"text": text}})
        taken = time.perf_counter() - begin
        check(answer, text)
        return taken

    def _ask(self, method: str, params: Any) -> dict[str, Any]:
        self._id += 1
        text = self._send({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        for line in text.splitlines():
            data = line.removeprefix("data:") if line.startswith("data:") else line
            if data.strip().startswith("{"):
                found: dict[str, Any] = json.loads(data)
                if found.get("id") == self._id:
                    return found
        raise SystemExit(f"there is no answer in {text[:200]!r}")

    def _send(self, message: Any) -> str:
        headers = {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": HELLO["protocolVersion"],
        }
        if self._session is not None:
            headers["mcp-session-id"] = self._session
        self._connection.request("POST", "/mcp", json.dumps(message), headers)
        response = self._connection.getresponse()
        self._session = response.getheader("mcp-session-id") or self._session
        return response.read().decode()

    def close(self) -> None:
        """End it."""
        self._connection.close()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        for each in self._others:
            each.close()


def check(answer: dict[str, Any], text: str) -> None:
    """See that a call was made."""
    if answer.get("result", {}).get("content") != [{"type": "text", "text": text}]:
        raise SystemExit(f"the call was not made: {answer}")


def processor_time(pid: int) -> float:
    """The seconds of processors that a process took until now, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
