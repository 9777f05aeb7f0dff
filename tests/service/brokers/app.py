"""A stand-in for GitHub, written from the published API of Apps: it checks the App's token, narrows, and ends."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


@dataclass
class App:
    """An App that is installed once, on some repositories and with some permissions."""

    public: rsa.RSAPublicKey
    id: str = "Iv1.app"
    installation: int = 42
    repositories: tuple[str, ...] = ("parts", "shop", "secret")
    permissions: dict[str, str] = field(
        default_factory=lambda: {"contents": "write", "issues": "write", "metadata": "read"}
    )
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    change: dict[str, Any] = field(default_factory=dict)
    """What it says otherwise than it should."""
    url: str = ""

    def proved(self, authorization: str) -> bool:
        """Whether a token is one that the App signed, by the letter of the documentation."""
        head, body, signature = authorization.removeprefix("Bearer ").split(".")
        claims = json.loads(_bytes(body))
        if json.loads(_bytes(head)) != {"alg": "RS256", "typ": "JWT"}:
            return False
        try:
            self.public.verify(
                _bytes(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return False
        now = datetime.now(UTC).timestamp()
        is_fresh = claims["iat"] <= now < claims["exp"] <= now + 600
        return is_fresh and claims["iss"] == self.id

    def give(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Give a token for what is asked of what the App has."""
        order = ("read", "write", "admin")
        wanted = asked.get("permissions", self.permissions)
        names = asked.get("repositories", list(self.repositories))
        has = all(
            order.index(level) <= order.index(self.permissions.get(name, "read"))
            and name in self.permissions
            for name, level in wanted.items()
        )
        if not has or not set(names) <= set(self.repositories):
            return 422, {
                "message": "The permissions requested are not granted to this installation."
            }
        token = f"ghs_{len(self.tokens):036d}"
        ends = datetime.now(UTC) + timedelta(hours=1)
        found = {
            "token": token,
            "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permissions": {**wanted, "metadata": "read"},
            "repository_selection": "selected" if "repositories" in asked else "all",
            "repositories": [{"name": each, "full_name": f"acme/{each}"} for each in names],
            **self.change,
        }
        self.tokens[token] = found
        return 201, found


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@contextmanager
def github(public: rsa.RSAPublicKey) -> Iterator[App]:
    """Run it."""
    app = App(public)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            is_there = self.path == f"/app/installations/{app.installation}/access_tokens"
            if not is_there or self.headers["accept"] != "application/vnd.github+json":
                self.answer(404, {"message": "Not Found"})
            elif not app.proved(self.headers["authorization"]):
                self.answer(401, {"message": "A JSON web token could not be decoded"})
            else:
                self.answer(*app.give(json.loads(content)))

        def do_DELETE(self) -> None:
            token = self.headers["authorization"].removeprefix("Bearer ")
            if self.path == "/installation/token" and app.tokens.pop(token, None) is not None:
                app.ended.append(token)
                self.answer(204, None)
            else:
                self.answer(401, {"message": "Bad credentials"})

        def answer(self, status: int, body: Any) -> None:
            content = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    app.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        server.server_close()
        thread.join(30)
