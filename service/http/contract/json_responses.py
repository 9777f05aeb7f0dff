"""Answers in JSON, as they leave the service."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

_JSON_HEADERS = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))


def json_response(value: dict[str, Any], status: int = 200) -> Response:
    """Write JSON, in ASCII, which nobody may keep."""
    return Written(json.dumps(value, separators=(",", ":")).encode("ascii"), status, _JSON_HEADERS)


class Written(Response):
    """An answer whose headers are at hand as they are sent, but for its length."""

    def __init__(self, body: bytes, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Take it as it is."""
        self.status_code, self.background, self.body = status, None, body
        self.raw_headers = [(b"content-length", b"%d" % len(body)), *headers]
