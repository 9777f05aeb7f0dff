"""Where hooks knock: one address on this machine, for who knows the secret, and nothing for a browser."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ..enforcing.enforcement import Unavailable
from ..enforcing.governed import new_key
from ..http.serving import Receive, Scope, Send, server_of, url_of, whole_body
from .events import CLIENTS, MOST, Unreadable, read_event
from .proof import ANSWERED, AskedLately, answered, is_of
from .sessions import Sessions

PATH = "/hooks/"
SECRET_BYTES = 32


class SecretProblem(Exception):
    """The file with the secret cannot be used; the message says why."""


def secret_in(path: Path, *, make: bool) -> str:
    """Read the secret that hooks and their server share, or make one. Raises `SecretProblem`."""
    try:
        if make and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with open(made, "w", encoding="ascii") as file:
                file.write(os.urandom(SECRET_BYTES).hex() + "\n")
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            read = file.read(1024).decode("ascii", "replace").strip()
    except OSError as error:
        raise SecretProblem(f"`{path}` cannot be read: {error.strerror or error}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretProblem(f"`{path}` is there for others to read: chmod 600")
    if len(read) < SECRET_BYTES or not read.isalnum():
        raise SecretProblem(f"`{path}` holds no secret")
    return read


class Door:
    """The application."""

    def __init__(
        self, sessions: Sessions, secret: str, refuse: Callable[..., Awaitable[None]]
    ) -> None:
        """Take who answers, and where it is recorded that something was refused unread."""
        self._sessions, self._refuse = sessions, refuse
        self._secret, self._asked = secret, AskedLately(secret)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        status, answer, once = await self._answer(scope, receive)
        body = json.dumps(answer).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        if once is not None:
            proof = answered(self._secret, once, body)
            headers.append((ANSWERED.encode(), proof.encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, scope: Scope, receive: Receive
    ) -> tuple[int, dict[str, Any], str | None]:
        """Give a status, an answer, and the name of the question if it was proved."""
        named: str = scope["path"].removeprefix(PATH)
        client = next((each for each in CLIENTS if PATH + each == scope["path"]), None)
        if client is None or named != client or scope["method"] != "POST":
            return *_problem(404, "there is nothing here"), None
        headers = [(name.lower(), value) for name, value in scope["headers"]]
        given = [value for name, value in headers if name == b"authorization"]
        asked = self._asked.read(scope["path"], given[0]) if len(given) == 1 else None
        if asked is None:
            return *_problem(401, "nothing proves that a hook asks, or it has asked before"), None
        if any(name in (b"origin", b"sec-fetch-mode") for name, _ in headers):
            return *_problem(403, "this is nothing for a browser"), None
        once, digest = asked
        body = await whole_body(receive, MOST)
        if body is None:
            return *_problem(413, f"an event has at most {MOST} bytes"), once
        if not is_of(body, digest):
            return *_problem(401, "it is not what was proved"), None
        try:
            return 200, await self._sessions.answer(read_event(client, body)), once
        except Unreadable as error:
            return *await self._unreadable(str(error), body), once

    async def _unreadable(self, why: str, body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            await self._refuse(
                None, f"an event of a hook: {why}", body.decode("utf-8", "replace"), new_key()
            )
        except Unavailable:
            return _problem(503, "nothing can be recorded now")
        return _problem(400, f"the event cannot be read: {why}")


def _problem(status: int, why: str) -> tuple[int, dict[str, Any]]:
    return status, {"status": status, "detail": why}


async def serve(door: Door, listener: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve until a signal comes."""
    server = server_of(door)
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, setattr, server, "should_exit", True)
    ready(url_of(listener))
    await server.serve([listener])
