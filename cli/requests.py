"""Read requests as JSON, strictly: what two readers could read differently is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, NoReturn

MAX_BYTES = 64 * 1024 * 1024  # of one request
MAX_DIGITS = 400  # of a number; a whole number with more than 309 is not a double
_BOM = b"\xef\xbb\xbf"
_READ = 1024 * 1024


class NotJSON(ValueError):
    """A request that is not JSON, or is not JSON that every reader reads alike; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
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
                yield Line(number, read_json(content))
            except NotJSON as error:
                yield Line(number, None, str(error))


def read_document(stream: IO[bytes]) -> Any:
    """Read one request that may stand on several lines. Raises `NotJSON`."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise NotJSON(f"a request has at most {MAX_BYTES // 1024**2} MiB")
    return read_json(content.removeprefix(_BOM))


def read_json(content: bytes) -> Any:
    """Read a JSON value (RFC 8259). Raises `NotJSON`.

    A key that stands twice in an object is refused, since readers differ in which one they take, and so
    is what JSON has no words for (`NaN`). A number too large for a double is read as infinite,
    which no attribute takes.
    """
    try:
        return json.loads(
            content.decode("utf-8"),
            object_pairs_hook=unique,
            parse_constant=refuse_constant,
            parse_int=read_whole_number,
        )
    except UnicodeDecodeError as error:
        raise NotJSON(f"not UTF-8: byte 0x{content[error.start]:02x} at {error.start}") from None
    except json.JSONDecodeError as error:
        raise NotJSON(
            f"not JSON: {error.msg[0].lower()}{error.msg[1:]} at {where(error)}"
        ) from None
    except RecursionError:
        raise NotJSON("nested too deeply") from None


def where(error: json.JSONDecodeError) -> str:
    """Say where JSON is broken."""
    return (
        f"column {error.colno}"
        if error.lineno == 1
        else f"line {error.lineno} column {error.colno}"
    )


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of pairs, or refuse a key that stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise NotJSON(f"the key {json.dumps(twice[:80])} stands twice in one object")
    return found


def refuse_constant(word: str) -> NoReturn:
    """Refuse `NaN`, `Infinity` and `-Infinity`, which are not JSON."""
    raise NotJSON(f"not JSON: {word} is not a JSON number")


def read_whole_number(digits: str) -> int | float:
    """Read a number without fraction or exponent; one that no double holds is infinite."""
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)
