"""Connections: uvicorn's HTTP/1.1, with bounds on what comes before there is a request.

Without them a connection that sends nothing, or a head byte by byte, would be held for good, and a head without end
would be kept in memory.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ...config.limits import Limits
from ...identity.x509_svid import Chain, chain_of
from .parsing import Requests, is_ambiguous

CHAIN = "agpc.chain"
"""Where a request has the certificates of who sends it, which TLS has verified."""
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Connection(HttpToolsProtocol):
    """A connection. `limits` is set by `bounded`."""

    limits: Limits

    def __init__(self, *given: Any, **named: Any) -> None:
        """Begin before the head of the first request."""
        super().__init__(*given, **named)
        self.parser: Requests = Requests(self)  # type: ignore[assignment]
        self._head_bytes = 0
        self._in_head = True
        self._deadline: asyncio.TimerHandle | None = None
        self._chain: Chain = ()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the first head its time."""
        super().connection_made(transport)
        self._chain = chain_of(transport.get_extra_info("ssl_object"))
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the time."""
        self._head_came()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Answer what came whole before the other side said that it says no more; with TLS nobody can."""
        if (
            self.cycle is None
            or self.cycle.more_body
            or self.cycle.response_complete
            or self.transport.get_extra_info("sslcontext") is not None
        ):
            return None
        self.cycle.keep_alive = False
        return True

    def data_received(self, data: bytes) -> None:
        """Take what came, if the head that it is of is not too long."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if not self._in_head or not self._head_bytes or self.transport.is_closing():
            return
        if (
            self._deadline is None
        ):  # of a further request on this connection, of whose head there is a part
            self._await_head()
        if self._head_bytes > self.limits.header_bytes:
            self.transport.write(TOO_LONG)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a request, which has the certificates that the connection has shown."""
        super().on_message_begin()
        self.scope[CHAIN] = self._chain  # type: ignore[literal-required]

    def on_headers_complete(self) -> None:
        """Leave the head, which took no longer than it may."""
        if self.parser.get_method() == b"CONNECT":
            raise ValueError("this is no proxy")
        if self.parser.should_upgrade():
            return  # it is read again, as a request of HTTP/1.1
        if is_ambiguous(self.parser.get_http_version(), self.headers):
            raise ValueError("the head can be read in two ways")
        size = sum(len(name) + len(value) for name, value in self.headers) + len(self.url)
        self._in_head = False
        self._head_bytes = 0
        self._head_came()
        if size > self.limits.header_bytes:
            self.transport.write(TOO_LONG)
            self.transport.close()
            raise ValueError("the head is too long")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Come to the next head."""
        if self.parser.should_upgrade():
            return
        self._in_head = True
        super().on_message_complete()

    def _await_head(self) -> None:
        self._head_came()
        self._deadline = self.loop.call_later(self.limits.header_time, self._too_slow)

    def _head_came(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self._in_head and not self.transport.is_closing():
            self.transport.close()


def bounded(limits: Limits) -> type[Connection]:
    """Give the connections of a server with these limits."""
    return type("BoundedConnection", (Connection,), {"limits": limits})
