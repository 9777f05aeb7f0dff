"""The id that a caller gives a request, `X-Request-ID`: it is echoed, and the decision log has it."""

from __future__ import annotations

import re
from collections.abc import Mapping

REQUEST_ID = "x-request-id"
_PRINTABLE = re.compile(r"[!-~](?:[ -~]{0,254}[!-~])?")


def request_id_of(headers: Mapping[str, str]) -> str:
    """Give it, if it is printable and has at most 256 characters; else nothing.

    >>> request_id_of({"x-request-id": "a-1"}), request_id_of({"x-request-id": "a\\n"}), request_id_of({})
    ('a-1', '', '')
    """
    found = headers.get(REQUEST_ID, "")
    return found if _PRINTABLE.fullmatch(found) else ""
