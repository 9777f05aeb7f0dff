"""The server over Streamable HTTP: its answers within bounds, and no redirect to somewhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.client.streamable_http import streamable_http_client

from ..messages import MOST_FROM_SERVERS

CONNECT_WITHIN = 10.0
READ_WITHIN = 330.0
"""Seconds of silence in an answer, beyond what a call may take."""


@asynccontextmanager
async def remote_server(url: str, headers: Mapping[str, str]) -> AsyncIterator[Any]:
    """Give the messages of a server at a URL, and those for it. The `headers` are the guard's own, never a client's."""
    async with (
        httpx2.AsyncClient(
            headers=dict(headers),
            timeout=httpx2.Timeout(CONNECT_WITHIN, read=READ_WITHIN),
            follow_redirects=False,
            event_hooks={"response": [_bounded]},
        ) as client,
        streamable_http_client(
            url, http_client=client, max_sse_event_size=MOST_FROM_SERVERS
        ) as streams,
    ):
        yield streams


async def _bounded(response: httpx2.Response) -> None:
    """Bound what is read of an answer that is no stream of events."""
    if response.headers.get("content-type", "").lower().startswith("text/event-stream"):
        return
    read = response.stream
    response.stream = _Bounded(read)


class _Bounded(httpx2.AsyncByteStream):
    """A body that ends where it becomes too long."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = 0
        async for piece in self._inner:
            taken += len(piece)
            if taken > MOST_FROM_SERVERS:
                raise httpx2.ReadError("the answer is too long")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
