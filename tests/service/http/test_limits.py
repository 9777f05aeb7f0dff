"""Limits hold, answer as they should, and nobody is held for ever."""

from __future__ import annotations

import json
import resource
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from .processes import make_certificate
from .served import CALL, KEY, Served, callers, said_to_the_end, serving, wait_for

BODY = json.dumps(CALL).encode()


def head(length: int | None, *more: str, key: str = KEY["decide"]) -> bytes:
    lines = ["POST /v1/calls HTTP/1.1", "host: 127.0.0.1", f"authorization: Bearer {key}"]
    lines += ["content-type: application/json", *more]
    lines += ["transfer-encoding: chunked"] if length is None else [f"content-length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def limited(core: Any = None, **limits: Any) -> Any:
    return serving({"callers": callers(), "limits": limits}, core)


@pytest.fixture
def served() -> Iterator[Served]:
    with limited(
        body_bytes=2048, time="1s", header_time="1s", idle_time="1s", header_bytes=4096
    ) as found:
        yield found


@pytest.fixture
def served_with_tls(tmp_path: Path) -> Iterator[Served]:
    make_certificate(tmp_path)
    tls = {"cert": str(tmp_path / "cert.pem"), "key": str(tmp_path / "key.pem")}
    limits = {"header_time": "1s", "idle_time": "5m"}
    with serving({"callers": callers(), "tls": tls, "limits": limits}) as found:
        yield found


class TestHandshake:
    def test_one_that_does_not_begin_ends(self, served_with_tls: Served) -> None:
        with served_with_tls.connect() as connection:
            assert said_to_the_end(connection) == b""

    def test_one_that_stops_in_the_middle_ends(self, served_with_tls: Served) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        hello = ssl.create_default_context().wrap_bio(
            incoming, outgoing, server_hostname="localhost"
        )
        with suppress(ssl.SSLWantReadError):
            hello.do_handshake()
        with served_with_tls.connect() as connection:
            connection.sendall(outgoing.read()[:-1])
            assert said_to_the_end(connection) == b""

    def test_one_that_ends_is_answered(self, served_with_tls: Served, tmp_path: Path) -> None:
        trusted = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        with (
            served_with_tls.connect() as plain,
            trusted.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            assert said_to_the_end(connection).startswith(b"HTTP/1.1 200 ")  # type: ignore[arg-type]


class TestBody:
    def test_one_that_says_it_is_too_large_is_not_read(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(head(2049))
            answer = said_to_the_end(connection)
        assert answer.startswith(b"HTTP/1.1 413 ") and b"too_large" in answer

    def test_one_that_does_not_say_how_large_it_is_is_cut_off(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(head(None))
            connection.sendall(chunk(b" " * 2000) + chunk(b" " * 2000))
            answer = said_to_the_end(connection)
        assert answer.startswith(b"HTTP/1.1 413 ")

    def test_the_largest_is_taken(self, served: Served) -> None:
        content = BODY + b" " * (2048 - len(BODY))
        assert served.ask("POST", "/v1/calls", content=content, key=KEY["decide"]).status == 200

    def test_chunks_are_taken(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(head(None, "connection: close"))
            connection.sendall(
                b"".join(chunk(BODY[each : each + 7]) for each in range(0, len(BODY), 7))
            )
            connection.sendall(b"0\r\n\r\n")
            assert said_to_the_end(connection).startswith(b"HTTP/1.1 200 ")

    def test_nothing_is_read_of_who_has_no_key(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(head(None, key="agpk_wrong") + chunk(b"{"))
            answer = said_to_the_end(connection)  # though the body never ends
        assert answer.startswith(b"HTTP/1.1 401 ") and b"connection: close" in answer


class TestTime:
    def test_a_body_that_does_not_come_ends(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(head(len(BODY)) + BODY[:10])
            answer = said_to_the_end(connection)
        assert answer.startswith(b"HTTP/1.1 503 ") and b"retry-after" in answer
        assert served.core.asked == []

    def test_a_head_that_does_not_come_ends(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(b"POST /v1/calls HTTP/1.1\r\nhost: ")
            assert said_to_the_end(connection) == b""

    def test_a_head_byte_by_byte_ends(self, served: Served) -> None:
        with served.connect() as connection:
            connection.settimeout(0.1)
            for _ in range(200):
                try:
                    connection.sendall(b"a")
                    if connection.recv(1) == b"":
                        return
                except TimeoutError:
                    continue
                except OSError:
                    return
            pytest.fail("the connection was held")

    def test_a_connection_that_says_nothing_ends(self, served: Served) -> None:
        with served.connect() as connection:
            assert said_to_the_end(connection) == b""

    def test_a_connection_that_says_nothing_more_ends(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            assert said_to_the_end(connection).startswith(b"HTTP/1.1 200 ")

    def test_a_second_head_has_its_time_too(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /heal")
            assert said_to_the_end(connection).count(b"HTTP/1.1") == 1

    def test_work_that_takes_too_long_is_answered_and_still_done(self, served: Served) -> None:
        served.core.hold = threading.Event()
        answer = served.ask("POST", "/v1/calls", CALL, key=KEY["decide"])
        assert (answer.status, answer.json["code"]) == (503, "too_slow")
        served.core.hold.set()
        wait_for(lambda: len(served.core.asked) == 1)

    def test_half_a_connection_is_answered(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall((head(len(BODY)) + BODY) * 3)
            connection.shutdown(socket.SHUT_WR)
            answer = said_to_the_end(connection)
        assert answer.count(b"HTTP/1.1 200 ") == 3 and len(served.core.asked) == 3

    def test_half_a_request_is_not(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(head(len(BODY)) + BODY[:-1])
            connection.shutdown(socket.SHUT_WR)
            assert said_to_the_end(connection) == b""
        assert served.core.asked == []


class TestHead:
    def test_one_that_is_too_long_is_refused(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(
                b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 10_000 + b"\r\n\r\n"
            )
            assert said_to_the_end(connection).startswith(b"HTTP/1.1 431 ")

    def test_one_without_end_is_refused(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")
            connection.sendall(b"x: a\r\n" * 2000)
            assert said_to_the_end(connection).startswith(b"HTTP/1.1 431 ")

    def test_what_is_not_http_is_refused(self, served: Served) -> None:
        with served.connect() as connection:
            connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")
            assert said_to_the_end(connection).startswith(b"HTTP/1.1 400 ")

    @pytest.mark.parametrize(
        "more",
        [
            ("content-length: 5", "content-length: 6"),
            ("transfer-encoding: chunked", "content-length: 5"),
            ("host: y", "content-length: 5"),
            ("content-length: 5", "authorization: Bearer x"),
            ("content-type: text/plain", "content-length: 5", "content-type: application/json"),
        ],
        ids=["two lengths", "a length and chunks", "two hosts", "two keys", "two types"],
    )
    def test_what_two_readers_read_differently_is_refused(
        self, served: Served, more: tuple[str, str]
    ) -> None:
        lines = [
            "POST /v1/calls HTTP/1.1",
            "host: x",
            f"authorization: Bearer {KEY['decide']}",
            *more,
        ]
        with served.connect() as connection:
            connection.sendall(
                "\r\n".join([*lines, "", ""]).encode()
                + b"0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
            )
            answer = said_to_the_end(connection)
        assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1") == 1
        assert served.core.asked == []

    @pytest.mark.parametrize(
        "first",
        [
            "POST /v1/calls HTTP/1.1",
            "POST /v1/calls HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked",
            "CONNECT example.org:80 HTTP/1.1\r\nhost: x",
        ],
        ids=["no host", "chunks of HTTP/1.0", "a tunnel"],
    )
    def test_what_is_no_request_of_ours_is_refused(self, served: Served, first: str) -> None:
        with served.connect() as connection:
            connection.sendall(f"{first}\r\nx: y\r\n\r\n0\r\n\r\n".encode())
            assert said_to_the_end(connection).startswith(b"HTTP/1.1 400 ")
        assert served.core.asked == []


class TestUpgrade:
    """Who asks to go on in another protocol goes on in this one, and what is a body stays one."""

    H2C = ("connection: Upgrade, HTTP2-Settings", "upgrade: h2c", "http2-settings: AAEAAEAA")

    @pytest.mark.parametrize("cut", [0, 1, 20, None], ids=str)
    @pytest.mark.parametrize("is_chunked", [False, True])
    def test_the_body_is_read(self, served: Served, cut: int | None, is_chunked: bool) -> None:
        sent = head(None if is_chunked else len(BODY), *self.H2C)
        sent += chunk(BODY) + b"0\r\n\r\n" if is_chunked else BODY
        at = len(sent) if cut is None else sent.index(b"\r\n\r\n") + 4 + cut
        with served.connect() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(sent[:at])
            if cut is not None:
                wait_for(lambda: served.ask("GET", "/healthz").status == 200)
                connection.sendall(sent[at:])
            answer = said_to_the_end(connection)
        assert answer.startswith(b"HTTP/1.1 200 ") and answer.count(b"HTTP/1.1 ") == 1
        assert len(served.core.asked) == 1

    def test_a_body_is_never_another_request(self, served: Served) -> None:
        inner = head(len(BODY)) + BODY
        with served.connect() as connection:
            connection.sendall(head(len(inner), *self.H2C))
            wait_for(lambda: served.ask("GET", "/healthz").status == 200)
            connection.sendall(inner)
            answer = said_to_the_end(connection)
        assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1 ") == 1
        assert served.core.asked == []

    def test_requests_behind_one_another_are_all_answered(self, served: Served) -> None:
        one = head(len(BODY), *self.H2C) + BODY
        with served.connect() as connection:
            connection.sendall(one + head(len(BODY)) + BODY + one)
            answer = said_to_the_end(connection)
        assert answer.count(b"HTTP/1.1 200 ") == 3 and len(served.core.asked) == 3


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    with limited(rate=1, burst=2) as served:
        statuses = [served.ask("POST", "/v1/calls", CALL, key=KEY["decide"]) for _ in range(3)]
        assert [each.status for each in statuses][:3] == [200, 200, 429]
        assert int(statuses[2].headers["retry-after"]) >= 1
        assert served.ask("GET", "/v1/candidate", key=KEY["read"]).status == 404  # others may
        assert served.ask("GET", "/healthz").status == 200
        assert len(served.core.asked) == 2


def test_too_many_at_once_are_told_to_come_back() -> None:
    with limited(concurrency=2) as served:
        served.core.hold = threading.Event()
        waiting = [served.connect() for _ in range(2)]
        for number, each in enumerate(waiting):
            body = json.dumps({**CALL, "key": f"k{number}"}).encode()
            each.sendall(head(len(body), "connection: close") + body)
        wait_for(lambda: served.service.gate.inside == 2)
        answer = served.ask("POST", "/v1/calls", CALL, key=KEY["decide"])
        assert (answer.status, answer.json["code"]) == (503, "busy")
        assert answer.headers["retry-after"] == "1"
        assert served.ask("GET", "/healthz").status == 200
        served.core.hold.set()
        for each in waiting:
            assert said_to_the_end(each).startswith(b"HTTP/1.1 200 ")
            each.close()
        assert served.ask("POST", "/v1/calls", CALL, key=KEY["decide"]).status == 200


def test_what_a_client_hangs_up_on_is_done_once() -> None:
    with limited() as served:
        served.core.hold = threading.Event()
        with served.connect() as connection:
            connection.sendall(head(len(BODY)) + BODY)
            wait_for(lambda: served.service.gate.inside == 1)
        served.core.hold.set()
        wait_for(lambda: len(served.core.asked) == 1)
        wait_for(lambda: served.service.gate.inside == 0)
        assert len(served.core.asked) == 1


def test_what_a_client_hangs_up_in_is_not_done() -> None:
    with limited() as served:
        with served.connect() as connection:
            connection.sendall(head(len(BODY)) + BODY[:-1])
            wait_for(lambda: served.service.gate.inside == 1)
        wait_for(lambda: served.service.gate.inside == 0)
        assert served.core.asked == []


def test_idle_connections_are_in_nobody_s_way() -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    many = min(500, (soft - 200) // 2)
    with limited() as served:
        idle = [served.connect() for _ in range(many)]
        try:
            assert served.ask("POST", "/v1/calls", CALL, key=KEY["decide"]).status == 200
        finally:
            for each in idle:
                each.close()
