"""Where a service is: an address, read strictly, since a key is sent there."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT = "http://127.0.0.1:8080"
_PORTS = {"http": 80, "https": 443}


class NotAnAddress(ValueError):
    """A text that is no address of a service; the message says why, and what to write."""


@dataclass(frozen=True, slots=True)
class Address:
    """A scheme, a host, a port, and the path that all others are below."""

    scheme: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        """The address as it is written, with its port if that is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    @property
    def is_secure(self) -> bool:
        """Whether what is sent can be read by the service alone."""
        return self.scheme == "https" or is_loopback(self.host)


def read_address(text: str) -> Address:
    """Read an address. Raises `NotAnAddress`.

    >>> str(read_address("https://agpc.acme.example/governance/"))
    'https://agpc.acme.example/governance'
    """
    if not text.isascii() or not text.isprintable() or " " in text:
        raise NotAnAddress(
            "it has a character that no address has: write a host of other letters as `xn--…`"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise NotAnAddress(f"{error}".lower()) from None
    if parts.scheme not in _PORTS:
        raise NotAnAddress(f"it begins with neither `https://` nor `http://`: write `{DEFAULT}`")
    if "@" in parts.netloc:
        raise NotAnAddress("it names a person: the key stands in AGPC_API_KEY or a file")
    if not parts.hostname:
        raise NotAnAddress("it names no host")
    if parts.query or parts.fragment:
        raise NotAnAddress("it has a query or a fragment: write it up to its path")
    return Address(
        parts.scheme,
        parts.hostname,
        _PORTS[parts.scheme] if port is None else port,
        parts.path.rstrip("/"),
    )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
