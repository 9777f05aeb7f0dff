"""Read requests from a stream: one document, or one request a line, each when it has come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from ...compiler.structs import Struct
from ...runtime.strict_json import NotJSON, read_request

__all__ = ["Line", "NotJSON", "read_document", "read_lines"]

MAX_BYTES = 64 * 1024 * 1024  # of one request
_BOM = b"\xef\xbb\xbf"
_READ = 1024 * 1024


class Line(Struct):
    """A request and the number of its line, from 1; `value` is None if there is a `problem`."""

    number: int
    value: Any
    problem: str | None = None


def read_lines(stream: IO[bytes]) -> Iterator[Line]:
    """Read one request a line, each when it has come; blank lines are passed over.

    A byte order mark at the start is passed over, too.
    """
    number = 0
    while line := stream.readline(MAX_BYTES + 1):
        number += 1
        too_long = len(line) > MAX_BYTES and not line.endswith(b"\n")
        if too_long:
            rest = line
            while rest and not rest.endswith(b"\n"):  # to its end, but without keeping it
                rest = stream.readline(_READ)
            yield Line(number, None, f"a request has at most {MAX_BYTES // 1024**2} MiB")
            continue
        if number == 1:
            line = line.removeprefix(_BOM)
        if content := line.rstrip(b" \t\r\n"):
            try:
                yield Line(number, read_request(content))
            except NotJSON as error:
                yield Line(number, None, str(error))


def read_document(stream: IO[bytes]) -> Any:
    """Read one request that may stand on several lines. Raises `NotJSON`."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise NotJSON(f"a request has at most {MAX_BYTES // 1024**2} MiB")
    return read_request(content.removeprefix(_BOM))
