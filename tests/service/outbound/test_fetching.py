"""Requests that the service sends go where they may, are bounded, and follow nobody."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

import pytest

from agpc.service.outbound import addresses
from agpc.service.outbound.addresses import is_public
from agpc.service.outbound.fetching import NotFetched, Reach, fetch

from .other import answering, sent

HERE = Reach(private=True)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "no address"),
        *("::7f00:1", "::ffff:0:7f00:1", "64:ff9b:1::7f00:1", "64:ff9b:1:fffe::a9fe:a9fe", "fec0::1", "100::1", "5f00::1"),
    ],
)  # fmt: skip
def test_what_is_not_of_the_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_what_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "ftp://example.org/", "https://", "https://user@example.org/", "https://a:b@c/"),
        *("https://example.org/#x", "https://exämple.org/", "https://example.org:0/", "https://example.org:x/"),
        *("file:///etc/passwd", "https://example.org/ x", "https://example.org/\r\nx: y", "gopher://a", ""),
    ],
)  # fmt: skip
def test_what_is_no_url_to_ask(url: str) -> None:
    with pytest.raises(NotFetched):
        fetch(url, Reach())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "0"])
def test_addresses_of_this_machine_are_not_asked_unless_that_is_meant(host: str) -> None:
    asked: list[str] = []
    with answering(lambda handler: (asked.append(handler.path), sent(handler, b"x"))[1]) as here:
        port = here.rpartition(":")[2]
        with pytest.raises(NotFetched):
            fetch(f"https://{host}:{port}/", Reach())
        assert asked == []
        assert fetch(f"{here}/a?b=c", HERE).content == b"x"
        assert asked == ["/a?b=c"]


def test_a_name_that_leads_inside_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_up(host: str, port: int, **_: Any) -> list[Any]:
        found = ["93.184.216.34", "10.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", looked_up)
    with pytest.raises(NotFetched, match="none of the Internet"):
        fetch("https://example.org/", Reach())
    with pytest.raises(NotFetched, match="without TLS only this machine"):
        fetch("http://example.org/", HERE)


def test_a_redirect_is_an_answer() -> None:
    with answering(lambda handler: sent(handler, b"", 302, location="http://127.0.0.1:1/")) as here:
        found = fetch(here, HERE)
    assert (found.status, found.headers["location"]) == (302, "http://127.0.0.1:1/")


def test_an_answer_is_bounded_in_size() -> None:
    with answering(lambda handler: sent(handler, b"x" * 5000)) as here:
        with pytest.raises(NotFetched, match="more than 4096 bytes"):
            fetch(here, Reach(private=True, most=4096))
        assert len(fetch(here, Reach(private=True, most=5000)).content) == 5000


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"]
)
def test_an_answer_that_does_not_end_is_cut_off(head: bytes) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def drip() -> None:
        found, _ = listening.accept()
        found.recv(4096)
        found.sendall(head)
        while not done.wait(0.05):  # each byte would begin the time of a read anew
            try:
                found.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        with pytest.raises(NotFetched):
            fetch(
                f"http://127.0.0.1:{listening.getsockname()[1]}/", Reach(private=True, seconds=0.4)
            )
    finally:
        done.set()
        listening.close()
        thread.join()


def test_an_answer_that_ends_with_the_connection_is_bounded_in_time() -> None:
    """It drips, so that no read of it takes long, and is not cut off by anybody else."""
    over = threading.Event()

    def dripping(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            while not over.wait(0.05):
                handler.wfile.write(b" ")
                handler.wfile.flush()

    with answering(dripping) as here:
        guard = threading.Timer(60, over.set)
        guard.start()
        try:
            with pytest.raises(NotFetched, match="too long"):
                fetch(here, Reach(private=True, seconds=0.5))
            assert not over.is_set()
        finally:
            over.set()
            guard.cancel()
