"""Messages as they come off a wire: within bounds, and read strictly before anybody else reads them.

The SDK's reader takes the last of two equal keys, and a server may take the first: then one call is decided and another
is made. So every message is read here, and what goes on is made of what was read.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from math import isfinite
from typing import Any

from mcp_types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
)
from pydantic import ValidationError

from ...runtime.strict_json import NotJSON, read_request

MOST_FROM_CLIENTS = 4 * 2**20
"""Bytes of one message of a client, as many as the SDK takes over HTTP."""
MOST_FROM_SERVERS = 64 * 2**20
"""Bytes of one message of a server."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What came is no message, or not one that every reader reads alike: why, and which request it was, where it says."""

    code: int
    why: str
    id: RequestId | None = None

    def answer(self) -> JSONRPCError:
        """Give what the sender is told."""
        return error(self.id, self.code, self.why)


def error(id: RequestId | None, code: int, message: str, data: Any = None) -> JSONRPCError:
    """Give an answer that says what went wrong."""
    found = ErrorData(code=code, message=message)
    if data is not None:
        found.data = data
    return JSONRPCError(jsonrpc="2.0", id=id, error=found)


def read_message(text: bytes, *, mends: bool = False) -> JSONRPCMessage | Unreadable:
    """Read one message.

    What cannot be written again as it is, half of a character and a number beyond all numbers, is refused; where it
    `mends`, they become U+FFFD and null: a server may well have cut its text within a character.
    """
    try:
        found = read_request(text)
        if not _is_writable(found):
            if not mends:
                return Unreadable(PARSE_ERROR, "a string or a number in it cannot be written again")
            found = read_request(json.dumps(_mended(found)))
    except NotJSON as error:
        return Unreadable(PARSE_ERROR, str(error))
    if type(found) is not dict:
        return Unreadable(INVALID_REQUEST, "a message is one object, and no batch")
    id = found.get("id")
    named = id if type(id) in (int, str) else None
    params = found.get("params", {})
    if not isinstance(params, dict):
        return Unreadable(INVALID_REQUEST, "`params` is no object", named)
    if not isinstance(params.get("_meta", {}), dict):
        return Unreadable(INVALID_REQUEST, "`_meta` is no object", named)
    model = _model(found)
    if model is None:
        return Unreadable(INVALID_REQUEST, "this is no message of JSON-RPC 2.0", named)
    try:
        message: JSONRPCMessage = model.model_validate(found)
        return message
    except ValidationError:
        return Unreadable(INVALID_REQUEST, "this is no message of JSON-RPC 2.0", named)


def _is_writable(found: Any) -> bool:
    try:
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return True


def _mended(value: Any) -> Any:
    if type(value) is dict:
        return {_mended(name): _mended(each) for name, each in value.items()}
    if type(value) is list:
        return [_mended(each) for each in value]
    if type(value) is str:
        return _HALF.sub("\ufffd", value)
    return None if type(value) is float and not isfinite(value) else value


_HALF = re.compile("[\ud800-\udfff]")


def _model(found: dict[str, Any]) -> Any:
    """Say what a message is by the members that it has, and by no others: one that could be two things is none."""
    has = found.keys() & {"id", "method", "result", "error"}
    for kind, members in _KINDS:
        if has == members:
            return kind
    return None


_KINDS: tuple[tuple[Any, set[str]], ...] = (
    (JSONRPCRequest, {"id", "method"}),
    (JSONRPCNotification, {"method"}),
    (JSONRPCResponse, {"id", "result"}),
    (JSONRPCError, {"id", "error"}),
    (JSONRPCError, {"error"}),
)


def written(message: JSONRPCMessage) -> bytes:
    """Write a message as one line. Strings hold no line ends: JSON writes those as escapes."""
    return message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"


class Lines:
    """Bytes that come in pieces, taken apart into lines; one that is longer than the bound is given as None, once."""

    def __init__(self, most: int) -> None:
        """Bound the lines."""
        self._most = most
        self._kept = bytearray()
        self._skips = False

    def take(self, piece: bytes) -> list[bytes | None]:
        """Take a piece, and give the lines that end in it."""
        found: list[bytes | None] = []
        *ended, rest = piece.split(b"\n")
        for each in ended:
            if self._skips:
                self._skips = False
            elif len(self._kept) + len(each) > self._most:
                found.append(None)
            else:
                found.append(bytes(self._kept) + each)
            self._kept.clear()
        if not self._skips and len(self._kept) + len(rest) > self._most:
            self._kept.clear()
            self._skips = True
            found.append(None)
        elif not self._skips:
            self._kept += rest
        return found

    def last(self) -> bytes:
        """Give what came after the last end of a line."""
        found = bytes(self._kept)
        self._kept.clear()
        return found
