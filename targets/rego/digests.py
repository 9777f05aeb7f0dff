"""The digest of a bundle's file, as OPA computes it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from ...runtime.strict_json import each_once

HASHES = {  # by their names in a signature; MD5 and SHA-1, which OPA knows as well, prove nothing
    "SHA-224": "sha224",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}
_STRUCTURED = {".manifest", "data.json", "data.yaml", "data.yml"}
_ESCAPED = re.compile('["\\\\\x00-\x1f\u2028\u2029]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class DigestError(Exception):
    """A file whose digest cannot be told, and why."""


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


def digest(name: str, content: bytes, algorithm: str = "SHA-256") -> str:
    """Give a file's digest in hexadecimal: of the bytes, or, for data, of what they mean.

    The digest of data is that of its JSON without white space, with sorted keys and with numbers as
    they are written. Raises `DigestError`.
    """
    found = hashlib.new(HASHES[algorithm])
    if name.rpartition("/")[2] not in _STRUCTURED:
        found.update(content)
        return found.hexdigest()
    try:
        for part in _canonical(_parse(content)):
            found.update(part.encode("utf-8"))
    except RecursionError:
        raise DigestError("is nested too deeply") from None
    except ValueError as error:
        raise DigestError(f"is not JSON: {error}") from None
    return found.hexdigest()


def _parse(content: bytes) -> Any:
    return json.loads(
        content.decode("utf-8-sig"),
        object_pairs_hook=each_once,
        parse_constant=_constant,
        parse_float=_Number,
        parse_int=_Number,
    )


def _constant(name: str) -> None:
    raise DigestError(f"has {name}, which is not JSON")


def _canonical(value: Any) -> Iterator[str]:
    match value:
        case _Number():
            yield str(value)
        case str():
            yield _string(value)
        case dict():
            yield "{"
            for at, key in enumerate(sorted(value)):
                yield f"{',' if at else ''}{_string(key)}:"
                yield from _canonical(value[key])
            yield "}"
        case list():
            yield "["
            for at, each in enumerate(value):
                yield "," if at else ""
                yield from _canonical(each)
            yield "]"
        case _:
            yield json.dumps(value)


def _string(value: str) -> str:
    """Write a string as Go's encoder does; it reads an unpaired surrogate as U+FFFD."""
    whole = re.sub("[\ud800-\udfff]", "\ufffd", value)
    return f'"{_ESCAPED.sub(_escape, whole)}"'


def _escape(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"
