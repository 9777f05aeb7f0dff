"""A server that answers what a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Says:
    """An answer: JSON, or bytes as they are; or what is done with the connection instead."""

    body: Any = None
    status: int = 200
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    does: Callable[[socket.socket], object] | None = None


def problem(status: int, code: str, detail: str, **headers: str) -> Says:
    told = {"type": "about:blank", "title": "no", "status": status, "detail": detail, "code": code}
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Says(told, status, "application/problem+json", fields)


@contextmanager
def scripted(*says: Says, tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[Asked]]]:
    """Serve answers one after the other, the last one again and again; give the address and what was asked."""
    asked: list[Asked] = []
    left = list(says)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append(Asked(self.command, self.path, headers, self.rfile.read(length)))
            said = left.pop(0) if len(left) > 1 else left[0]
            if said.does is not None:
                said.does(self.connection)
                self.close_connection = True
                return
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in {"content-type": said.type, **said.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        scheme = "http" if tls is None else "https"
        yield f"{scheme}://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
