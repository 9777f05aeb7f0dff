"""Read a request from JSON text, strictly: what two readers could read differently is refused.

`json.loads` takes the last of two equal keys, and another reader the first: then one of them decides a
call that the other does not make.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from .values import MAX_DEPTH, is_too_deep

MAX_DIGITS = 400  # of a number; a whole number with more than 309 is not a double


class NotJSON(ValueError):
    """A request that is not JSON, or is not JSON that every reader reads alike; the message says why."""


def read_request(text: str | bytes | bytearray) -> Any:
    """Read a JSON value (RFC 8259), which `decide` takes. Raises `NotJSON`.

    A key that stands twice in an object is refused, and so is what JSON has no words for (`NaN`), bytes
    that are not UTF-8, and a value with more than 64 levels. A number too large for a double is
    read as infinite, which no attribute takes.
    """
    try:
        whole = text.decode("utf-8") if isinstance(text, bytes | bytearray) else text
        if whole.startswith("\ufeff"):
            json.loads(whole)  # which says why not
        found = _DECODER.decode(whole)
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise NotJSON(f"not UTF-8: byte 0x{byte:02x} at {error.start}") from None
    except json.JSONDecodeError as error:
        said = f"{error.msg[0].lower()}{error.msg[1:]}".removesuffix(" at")
        raise NotJSON(f"not JSON: {said} at {where(error)}") from None
    except RecursionError:
        raise NotJSON(_TOO_DEEP) from None
    if type(found) in (dict, list) and is_too_deep(found):
        raise NotJSON(_TOO_DEEP)
    return found


_TOO_DEEP = f"nested too deeply: a request has at most {MAX_DEPTH} levels"


def where(error: json.JSONDecodeError) -> str:
    """Say where JSON is broken."""
    return (
        f"column {error.colno}"
        if error.lineno == 1
        else f"line {error.lineno} column {error.colno}"
    )


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of what was read of it. Raises `NotJSON` where a key stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise NotJSON(f"the key {json.dumps(key[:80])} stands twice in one object")
            seen.add(key)
    return found


def _refuse(word: str) -> NoReturn:
    raise NotJSON(f"not JSON: {word} is not a JSON number")


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=each_once, parse_constant=_refuse, parse_int=_whole_number
)
