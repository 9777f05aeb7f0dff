"""The reader of HTTP/1.1, which nobody gets out of HTTP/1.1.

llhttp leaves the body of a request unread that asks to go on in another protocol (`Upgrade: h2c`, which some clients
send with their first request), and takes what comes then for the next request: whoever writes a body would write
a request, and its answer would be taken for that of the next one. Here such a request is read as any other.
"""

from __future__ import annotations

from typing import Protocol

from httptools import HttpParserUpgrade, HttpRequestParser

_ONCE = (b"host", b"authorization", b"content-type", b"content-encoding")
"""Headers by which two readers understand two things where they stand twice."""


class ParserEvents(Protocol):
    """Who is told what was read; all that llhttp tells, and what was read last."""

    url: bytes
    headers: list[tuple[bytes, bytes]]


class Requests:
    """A parser as uvicorn uses it."""

    def __init__(self, reading: ParserEvents) -> None:
        """Begin before the first request."""
        self._reading = reading
        self._parser = self._new()

    def _new(self) -> HttpRequestParser:
        parser = HttpRequestParser(self._reading)
        if hasattr(parser, "set_dangerous_leniencies"):  # as uvicorn has it
            parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    def feed_data(self, data: bytes) -> None:
        """Read on. Raises `HttpParserError`."""
        while True:
            try:
                return self._parser.feed_data(data)
            except HttpParserUpgrade as error:
                rest = data[error.args[0] :]
                head = self._head()
                self._parser = self._new()
                self._parser.feed_data(head)
                data = rest

    def _head(self) -> bytes:
        """Write the head that was read once more, without what asks for another protocol."""
        lines = [b"%s %s HTTP/%s" % (self.get_method(), self._reading.url, self._version())]
        for name, value in self._reading.headers:
            if name == b"connection":
                kept = [each.strip() for each in value.split(b",")]
                value = b", ".join(each for each in kept if each.lower() != b"upgrade")
            if name != b"upgrade":
                lines.append(b"%s: %s" % (name, value))
        return b"\r\n".join([*lines, b"", b""])

    def _version(self) -> bytes:
        return self.get_http_version().encode("ascii")

    def get_method(self) -> bytes:
        """Give the method of the latest request."""
        return self._parser.get_method()

    def get_http_version(self) -> str:
        """Give its version."""
        return self._parser.get_http_version()

    def should_keep_alive(self) -> bool:
        """Whether the connection outlives it."""
        return self._parser.should_keep_alive()

    def should_upgrade(self) -> bool:
        """Whether its head asks for another protocol, so that it is about to be read again."""
        return self._parser.should_upgrade()


def is_ambiguous(version: str, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether whoever stands in front may have read another request than we do.

    >>> is_ambiguous("1.1", [(b"host", b"a")]), is_ambiguous("1.1", []), is_ambiguous("1.0", [(b"host", b"a")] * 2)
    (False, True, True)
    """
    names = [name for name, _ in headers]
    return (
        any(names.count(each) > 1 for each in _ONCE)
        or (version == "1.0" and b"transfer-encoding" in names)
        or (version != "1.0" and b"host" not in names)
    )
