"""Addresses of services: what is none is refused, and a key goes nowhere in clear."""

from __future__ import annotations

import pytest

from agpc.cli.input.service import DEFAULT as SAID
from agpc.service.client.address import DEFAULT, NotAnAddress, read_address


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://agpc.acme.example:443/", "https://agpc.acme.example"),
        ("https://agpc.acme.example/a/b/", "https://agpc.acme.example/a/b"),
        ("http://[::1]:9", "http://[::1]:9"),
        ("HTTPS://ACME.example", "https://acme.example"),
    ],
)
def test_an_address_is_read(text: str, read: str) -> None:
    assert str(read_address(text)) == read


@pytest.mark.parametrize(
    "text",
    [
        "", "localhost:8080", "ftp://a", "http://", "http://:80", "http://a:b", "http://a:99999", "http://a b",
        "http://joe:secret@a", "http://joe@a", "http://a?x", "http://a#x", "http://аcme.example", "http://a\r\nb",
        "http://[::1", "file:///etc/passwd", "http://a\0",
    ],
)  # fmt: skip
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(NotAnAddress):
        read_address(text)


@pytest.mark.parametrize(
    ("text", "is_secure"),
    [
        ("http://127.0.0.1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]", True),
        ("http://localhost", True),
        ("https://acme.example", True),
        ("http://acme.example", False),
        ("http://127.0.0.1.acme.example", False),
        ("http://10.0.0.1", False),
        ("http://localhost.acme.example", False),
        ("http://0.0.0.0", False),
    ],
)
def test_only_this_machine_and_https_are_secure(text: str, is_secure: bool) -> None:
    assert read_address(text).is_secure is is_secure


def test_the_help_names_the_default() -> None:
    assert SAID == DEFAULT
