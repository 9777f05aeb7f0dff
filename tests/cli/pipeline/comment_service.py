"""An interface that keeps comments, as GitHub and GitLab have one, on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BOT = {"login": "github-actions[bot]", "type": "Bot"}
TOKEN = "secret-token"


class Service:
    """An interface that keeps comments, as either of the two hosts does."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str]] = []
        self.refuse: int | None = None
        self.redirect: str | None = None
        self.garbage: bytes | None = None
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, _, query = self.path.partition("?")
                page = (
                    int(dict(each.split("=") for each in query.split("&"))["page"]) if query else 1
                )
                if path.endswith("/user"):
                    return self.answer({"id": 5})
                return self.answer(service.comments[100 * (page - 1) : 100 * page])

            def do_POST(self) -> None:
                mine = {"user": BOT, "author": {"id": 5}}
                service.comments.append({"id": 1000 + len(service.comments), **mine, **self.sent()})
                self.answer(service.comments[-1])

            def do_PATCH(self) -> None:
                id = int(self.path.rsplit("/", 1)[1])
                (found,) = [each for each in service.comments if each["id"] == id]
                found |= self.sent()
                self.answer(found)

            do_PUT = do_PATCH

            def sent(self) -> dict[str, Any]:
                found = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert isinstance(found, dict)
                return found

            def answer(self, found: object) -> None:
                service.asked.append((self.command, self.path.partition("?")[0]))
                held = (self.headers["Authorization"], self.headers["PRIVATE-TOKEN"])
                status = (
                    401 if TOKEN not in (str(held[0]).removeprefix("Bearer "), held[1]) else 200
                )
                status = service.refuse if service.refuse and self.command != "GET" else status
                content = json.dumps(found).encode() if service.garbage is None else service.garbage
                self.send_response(302 if service.redirect else status)
                if service.redirect:
                    self.send_header("Location", service.redirect)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"


@contextmanager
def serving() -> Iterator[Service]:
    """A service that answers until the end of the block."""
    made = Service()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        thread.join()
        made.server.server_close()
