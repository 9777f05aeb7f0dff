"""A door over HTTP: a request's body read whole, and a server that somebody else ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TypeAlias

import uvicorn

from ...service.config.limits import Limits
from ...service.http.connections.connections import bounded

LIMITS = Limits()
"""Those of the service: of a head its size and its time, and of a body its time."""
LAST_ANSWERS = 2
"""Seconds that answers under way get, when the guard ends."""
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def whole_body(receive: Receive, most: int) -> bytes | None:
    """Read a body whole; None if it is too long, or does not come whole and in time."""
    body = bytearray()
    try:
        async with asyncio.timeout(LIMITS.time):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                body += message.get("body", b"")
                if len(body) > most:
                    return None
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        return None


class Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


def server_of(door: Any) -> Server:
    """Make the server of a door."""
    return Server(
        uvicorn.Config(
            door,
            http=bounded(LIMITS),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=LIMITS.idle_time,
            timeout_graceful_shutdown=LAST_ANSWERS,
        )
    )


def url_of(listener: Any) -> str:
    """Give the URL at which a listener is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
