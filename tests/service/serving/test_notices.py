"""People are told once of each request, through each channel, of nothing that an agent wrote."""

from __future__ import annotations

import asyncio
import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agpc.service.config.models import Loaded, Settings
from agpc.service.http.telemetry.metrics import Metrics
from agpc.service.serving import mailing
from agpc.service.serving.notices import Notices, notice

from ..core.desk import POLICY, Desk, opened, policy


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    text = POLICY.replace(
        "allow vault.put, vault.look", 'allow vault.put require approval by "role:keeper"'
    )
    with opened(sqlite_url, policy(text)) as desk:
        yield desk


@contextmanager
def hook(status: int = 200) -> Iterator[tuple[str, list[bytes]]]:
    """What listens for a webhook, and what it was sent."""
    sent: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("location", f"http://127.0.0.1:{server.server_address[1]}/other")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/T0/secret", sent
        server.shutdown()


@contextmanager
def post() -> Iterator[tuple[int, list[str]]]:
    """A mail server that takes all, and what it was sent."""
    mails: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    text = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        text += part
                    mails.append(text.decode())
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1], mails
        server.shutdown()


def notices(desk: Desk, folder: Path, told: dict[str, Any]) -> tuple[Notices, Metrics]:
    metrics = Metrics()
    settings = Settings.model_validate({"notices": told})
    loaded = Loaded(settings=settings, root=folder)
    return Notices(loaded, desk.core, metrics, "https://agp.example"), metrics  # type: ignore[arg-type]


def webhook(folder: Path, url: str, name: str = "leads", **more: Any) -> dict[str, Any]:
    (folder / name).write_text(url)
    return {"name": name, "url": {"file": name}, "private": True, **more}


def asks(desk: Desk) -> str:
    task = desk.start(said="secret words")["task"]["id"]
    desk.call(task, "vault", "put", secret="4711-secret")
    return str(desk.call(task, "shop", "refund", order="o-7", amount=4711)["request"]["id"])


def test_each_request_is_told_once_through_each_channel(desk: Desk, tmp_path: Path) -> None:
    with hook() as (url, sent), post() as (port, mails):
        mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "agp@acme.example",
                "to": ["leads@acme.example", "ops@acme.example"]}  # fmt: skip
        leads = webhook(tmp_path, url, roles=["role:lead"])
        found, metrics = notices(desk, tmp_path, {"webhooks": [leads], "mail": mail})
        asyncio.run(found.tell())
        assert sent == mails == []
        id = asks(desk)
        for _ in range(3):
            asyncio.run(found.tell())
        again, _ = notices(desk, tmp_path, {"webhooks": [leads], "mail": mail})
        asyncio.run(again.tell())  # another process, or after a restart
    (text,) = [json.loads(each)["text"] for each in sent]  # the keeper's is not for this channel
    assert f"https://agp.example/requests/{id}" in text and "role:lead" in text
    assert len(mails) == 2 and "Subject: desk.vault.put waits for people" in mails[0]
    everything = f"{sent}{mails}"
    assert all(each not in everything for each in ("4711", "secret words", "o-7", "user:joe"))
    assert b'agpc_notices_total{channel="leads",result="sent"} 1.0' in metrics.text()


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_fails_is_counted_and_not_tried_again(desk: Desk, tmp_path: Path, status: int) -> None:
    with hook(status) as (url, sent):
        found, metrics = notices(desk, tmp_path, {"webhooks": [webhook(tmp_path, url)]})
        asks(desk)
        for _ in range(2):
            asyncio.run(found.tell())
    assert len(sent) == 2  # two requests, each once; no redirect was followed
    assert b'agpc_notices_total{channel="leads",result="failed"} 2.0' in metrics.text()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "https://10.0.0.1/", "file:///etc/passwd", "x"]
)
def test_a_private_address_is_asked_only_where_the_settings_say_so(
    desk: Desk, tmp_path: Path, url: str
) -> None:
    entry = webhook(tmp_path, url, private=False)
    found, metrics = notices(desk, tmp_path, {"webhooks": [entry]})
    asks(desk)
    asyncio.run(found.tell())
    assert b'agpc_notices_total{channel="leads",result="failed"} 2.0' in metrics.text()


def test_mail_goes_to_the_host_of_the_settings_wherever_that_is_and_not_in_the_clear(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server for mail is often one of a private network; whom nobody but an operator can name needs no check of its address."""
    asked = []
    with post() as (port, mails):

        def connected(address: tuple[str, int], *more: Any, **named: Any) -> socket.socket:
            asked.append(address)
            return connect(("127.0.0.1", port), *more, **named)

        connect = socket.create_connection
        monkeypatch.setattr(socket, "create_connection", connected)
        mail = {"host": "10.0.0.25", "sender": "agp@acme.example", "to": ["leads@acme.example"]}
        found, metrics = notices(desk, tmp_path, {"mail": mail})
        asks(desk)
        asyncio.run(found.tell())
    assert asked == [("10.0.0.25", 587)] * 2
    assert mails == []  # the server has no TLS
    assert b'agpc_notices_total{channel="mail",result="failed"} 2.0' in metrics.text()


@pytest.mark.parametrize(
    "end", ["\r\nHost: evil.example", "\nX: y", " HTTP/1.1\r\nX: y", "\x00", "\u00e9"]
)
def test_a_url_ends_no_line_and_is_told_to_nobody(
    desk: Desk, tmp_path: Path, end: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with hook() as (url, sent):
        (tmp_path / "leads").write_bytes(f"{url}{end}x".encode())
        entry = {"name": "leads", "url": {"file": "leads"}, "private": True}
        found, metrics = notices(desk, tmp_path, {"webhooks": [entry]})
        asks(desk)
        asyncio.run(found.tell())
        asyncio.run(found.tell())
    assert sent == []
    assert b'agpc_notices_total{channel="leads",result="failed"} 2.0' in metrics.text()
    told = capfd.readouterr()
    assert "secret" not in told.out + told.err and "evil" not in told.out + told.err


@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_mail_server_that_says_a_little_now_and_then_is_not_waited_for(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    monkeypatch.setattr(mailing, "LONGEST", 0.5)
    hung_up = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for _ in range(200):
                try:
                    self.wfile.write(b"220-wait\r\n" if security == "none" else b"")
                    self.connection.settimeout(0.05)
                    with suppress(TimeoutError):
                        if self.connection.recv(4096) == b"":
                            raise OSError
                except OSError:
                    hung_up.set()
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        mail = {"host": "127.0.0.1", "port": server.server_address[1], "security": security,
                "sender": "agp@acme.example", "to": ["leads@acme.example"]}  # fmt: skip
        found, metrics = notices(desk, tmp_path, {"mail": mail})
        asks(desk)
        asyncio.run(found.tell())
        assert hung_up.wait(60)
        server.shutdown()
    assert b'agpc_notices_total{channel="mail",result="failed"} 2.0' in metrics.text()


def test_no_name_leads_anywhere() -> None:
    told = {"id": "q-7", "agent": "spiffe://a/\u202e<!channel>\r\nBcc: x", "capability": "p.t.do\nX: y",
            "requirements": [{"type": "approval", "by": ["role:\u200b"]}], "expires_at": "t"}  # fmt: skip
    subject, text = notice(told, "https://agp.example")
    assert "\n" not in subject + text and "\r" not in text and text.isascii()


@pytest.mark.parametrize(
    "told",
    [
        {"webhooks": [{"name": "a", "url": "https://hooks.example/secret"}]},
        {"mail": {"host": "mail.example", "security": "none", "sender": "a@b", "to": ["c@d"]}},
        {"mail": {"host": "mail.example", "sender": "a@b\nBcc: x@y", "to": ["c@d"]}},
        {"mail": {"host": "mail.example", "sender": "a@b", "to": []}},
        {"mail": {"host": "mail.example", "sender": "a@b", "to": ["c@d"], "user": "x"}},
    ],
)
def test_settings_that_would_leak_are_refused(told: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="notices"):
        Settings.model_validate({"notices": told})
