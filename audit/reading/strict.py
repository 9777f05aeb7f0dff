"""Reads JSON of the trail: of one form alone, so that every byte of it means something."""

from __future__ import annotations

import json
import math
import secrets
from typing import Any

from ...runtime.strict_json import NotJSON, read_request

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class NotCanonical(ValueError):
    """Bytes that are not JSON in its canonical form; one sentence."""


def canonical(value: Any) -> bytes:
    """Write JSON with keys in order, no white space, and ASCII alone; a number that is infinite as `1e400`."""
    text = _encode(value)
    if "Infinity" in text:  # perhaps in a string
        mark = secrets.token_hex(16)
        text = _encode(_marked(value, mark))
        text = text.replace(f'"{mark}"', "1e400").replace(f'"-{mark}"', "-1e400")
    return text.encode("ascii")


def _marked(value: Any, mark: str) -> Any:
    if type(value) is dict:
        return {key: _marked(each, mark) for key, each in value.items()}
    if type(value) is list:
        return [_marked(each, mark) for each in value]
    if type(value) is float and math.isinf(value):
        return mark if value > 0 else f"-{mark}"
    return value


def read(data: bytes) -> dict[str, Any]:
    """Read an object of the trail that is written in the canonical form. Raises `NotCanonical`."""
    try:
        found = read_request(data)
    except NotJSON as error:
        raise NotCanonical(f"it is {error}") from None
    return _as_written(found, data)


def read_document(data: bytes) -> dict[str, Any]:
    """Read an object of any depth that is written in the canonical form. Raises `NotCanonical`."""
    try:
        return _as_written(json.loads(data), data)
    except (ValueError, RecursionError):
        raise NotCanonical("it is not JSON in the canonical form") from None


def _as_written(found: Any, data: bytes) -> dict[str, Any]:
    if canonical(found) != data:
        raise NotCanonical("it is not written in the canonical form")
    if type(found) is not dict:
        raise NotCanonical("it is no object")
    return found
