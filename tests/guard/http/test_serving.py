"""The doors over HTTP, of servers of MCP and of hooks: nobody holds them by sending nothing, slowly, or without end."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from agpc.guard.http import serving
from agpc.guard.http.serving import Receive, Scope, Send, server_of, whole_body
from agpc.service.config.limits import Limits

MOST = 64
HEAD = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"


async def door(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer whether a body came whole."""
    body = await whole_body(receive, MOST)
    status = 413 if body is None else 200
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": body or b""})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    told: dict[str, Any] = {"time": "1s", "header_time": "1s", "header_bytes": 4096}
    monkeypatch.setattr(serving, "LIMITS", Limits.model_validate(told))
    server, listener = server_of(door), socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


def said(port: int, *sent: bytes) -> bytes:
    """What comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for each in sent:
            connection.sendall(each)
        found = b""
        while piece := connection.recv(4096):
            found += piece
        return found


def test_what_comes_whole_is_answered(port: int) -> None:
    answer = said(port, HEAD + b"content-length: 5\r\n\r\nhe", b"llo")
    assert answer.startswith(b"HTTP/1.1 200 ") and b"hello" in answer


@pytest.mark.parametrize("sent", [b"", HEAD, HEAD + b"x: ", b"POST"])
def test_a_head_that_does_not_end_is_not_waited_for(port: int, sent: bytes) -> None:
    assert said(port, sent) == b""


def test_a_head_that_is_too_long_is_refused(port: int) -> None:
    assert said(port, HEAD + b"x: " + b"y" * 4096).startswith(b"HTTP/1.1 431 ")


def test_a_head_that_can_be_read_in_two_ways_is_refused(port: int) -> None:
    two = HEAD + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello!"
    assert said(port, two).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("body", [b"", b"hell"])
def test_a_body_that_does_not_come_whole_is_not_waited_for(port: int, body: bytes) -> None:
    assert said(port, HEAD + b"content-length: 5\r\n\r\n" + body).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_is_too_long_is_refused(port: int) -> None:
    chunks = b"transfer-encoding: chunked\r\n\r\n" + (b"40\r\n" + b"x" * 64 + b"\r\n") * 2
    assert said(port, HEAD + chunks).startswith(b"HTTP/1.1 413 ")
