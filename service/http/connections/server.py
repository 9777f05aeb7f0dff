"""uvicorn, as this service runs it: who ends it, and when."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

import uvicorn

from ...config.models import Loaded
from ...identity.x509_svid import AskingContext
from .connections import bounded

STOPS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def noted_stops() -> Iterator[list[int]]:
    """Note the signals that come before the server runs: what a handler raises inside the event loop is lost there.

    After the first, a second ends the process at once.
    """
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)
        for each in STOPS:
            signal.signal(each, signal.SIG_DFL)

    if threading.current_thread() is not threading.main_thread():
        yield came  # where nobody may take signals
        return
    before = {each: signal.signal(each, note) for each in STOPS}
    try:
        yield came
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class Server(uvicorn.Server):
    """A server that the first SIGTERM or SIGINT ends in order, and the second at once."""

    stops: Sequence[int] = ()
    """The signals that came before it ran."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; who begins TLS has the time of a head to end its handshake, of which uvicorn says nothing to the loop."""
        config = self.config
        if not config.is_ssl or sockets is None:
            await super().startup(sockets)
            return
        await super().startup([])
        protocol: Any = config.http_protocol_class
        made = partial(
            protocol, config=config, server_state=self.server_state, app_state=self.lifespan.state
        )
        loop = asyncio.get_running_loop()
        assert isinstance(config, Config)
        for each in sockets:
            self.servers.append(
                await loop.create_server(
                    made, sock=each, ssl=config.ssl, backlog=config.backlog,
                    ssl_handshake_timeout=config.handshake_time,
                )
            )  # fmt: skip

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals while it runs, and do not raise them again: an end in order is status 0."""
        if threading.current_thread() is not threading.main_thread():
            yield  # where nobody may take signals
            return
        before = {each: signal.signal(each, self.handle_exit) for each in STOPS}
        self.should_exit = self.should_exit or bool(self.stops)
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


class Config(uvicorn.Config):
    """uvicorn's settings."""

    handshake_time: float = 60
    """Seconds in which a handshake of TLS has to end."""

    def load_tls(self) -> None:
        """Read the certificate and its key, if there are any. Raises `OSError`."""
        if self.ssl_certfile is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile)


def configured(app: Any, loaded: Loaded, asking: AskingContext | None = None) -> Config:
    """Give uvicorn's own settings; TLS asks for certificates where there is somebody `asking`."""
    settings = loaded.settings
    tls = settings.tls
    own = tls is not None and tls.cert is not None and tls.key is not None
    config = Config(
        app,
        http=bounded(settings.limits),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here rests on where a request says that it comes from
        timeout_keep_alive=settings.limits.idle_time,
        timeout_graceful_shutdown=settings.limits.time + 5,
        backlog=4096,
        ssl_context_factory=None if asking is None else lambda _, own: asking.prepare(own()),
        ssl_certfile=str(loaded.path(tls.cert)) if own and tls and tls.cert else None,
        ssl_keyfile=str(loaded.path(tls.key)) if own and tls and tls.key else None,
    )
    config.handshake_time = settings.limits.header_time
    return config


def listening(host: str, port: int) -> socket.socket:
    """Listen, so that workers can share it. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Of connections that do not say that they are TCP asyncio leaves Nagle's algorithm on: 40 ms an answer.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(4096)
        found.setblocking(False)
    except BaseException:
        found.close()
        raise
    return found
