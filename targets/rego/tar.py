"""Read a tar archive of plain files from a stream, strictly and within bounds.

What two readers could read differently is refused: an archive that is verified here and read elsewhere
has to be one thing. That leaves the formats that `opa build`, GNU tar and Python write (POSIX and GNU,
with long names), and out of them what describes other than plain files. INVARIANT: nothing is read
because a header says that it is there before its size is known to be within the bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from ...compiler.structs import Struct

BLOCK = 512
MOST_EXTENSION = 64 * 1024  # bytes of a long name or a record of attributes, which precede a file
_POSIX, _GNU = b"ustar\x0000", b"ustar  \x00"
_RECORD = re.compile(rb"([1-9][0-9]{0,6}) ([^=\x00\n]+)=")
_SIZE = re.compile(rb"[0-9]{1,15}")
_PLAIN, _DIRECTORY, _ATTRIBUTES, _FOR_ALL, _LONG_NAME, _SPARSE = b"0", b"5", b"x", b"g", b"L", b"S"
_HARMLESS = re.compile(rb"mtime|atime|ctime|uid|gid|uname|gname|comment|LIBARCHIVE\..*|SCHILY\..*")


class TarError(Exception):
    """An archive that is broken, too large, or not one thing to all readers, and why."""


class Stream(Protocol):
    """What bytes come from; fewer than are asked for only at the end."""

    def read(self, size: int, /) -> bytes:
        """Give the next bytes."""
        ...


class _Header(Struct):
    name: bytes
    size: int
    kind: bytes


def members(stream: Stream, most: int) -> Iterator[tuple[str, bytes]]:
    """Give the plain files of an archive, of together at most so many bytes. Raises `TarError`."""
    name: bytes | None = None
    size: int | None = None
    while (header := _header(stream)) is not None:
        if header.kind in (_ATTRIBUTES, _FOR_ALL, _LONG_NAME):
            if header.size > MOST_EXTENSION:
                raise TarError("has a name or attributes that are too long")
            content = _content(stream, header.size)
            named, sized = (
                (content.rstrip(b"\x00"), None)
                if header.kind == _LONG_NAME
                else _attributes(content)
            )
            if header.kind == _FOR_ALL and (named is not None or sized is not None):
                raise TarError("has one name or size for several files")
            if (named is not None and name is not None) or (sized is not None and size is not None):
                raise TarError("has a file with two names or sizes")
            name, size = (name if named is None else named), (size if sized is None else sized)
            continue
        called = _text(header.name if name is None else name)
        length = header.size if size is None else size
        name = size = None
        if header.kind == _DIRECTORY and not length:
            continue
        if header.kind != _PLAIN or called.endswith("/"):
            raise TarError(f"has `{called}`, which is not a plain file")
        if length > most:
            raise TarError("is too large for a bundle")
        most -= length
        yield called, _content(stream, length)
    if name is not None or size is not None:
        raise TarError("ends before a file that it announces")


def _header(stream: Stream) -> _Header | None:
    """Read the next header; None at the end, after which there is nothing but zeros."""
    block = stream.read(BLOCK)
    if len(block) < BLOCK:
        raise TarError("is not a .tar.gz archive, or is cut off")
    if not any(block):
        _to_the_end(stream)
        return None
    if _octal(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * ord(" "):
        raise TarError("is not a .tar.gz archive")
    name = block[:100].split(b"\x00")[0]
    if block[257:265] == _POSIX and block[508:] != b"tar\x00":
        prefix = block[345:500].split(b"\x00")[0]
        name = prefix + b"/" + name if prefix else name
    elif block[156:157] == _SPARSE:
        raise TarError("has a file with holes, which is not a plain file")
    elif block[257:265] != _GNU or any(block[345:500]):
        raise TarError("is an archive of an uncommon kind: make it with `tar --format=posix`")
    kind = block[156:157]
    if kind == b"\x00":  # as was written long ago
        kind = _DIRECTORY if name.endswith(b"/") else _PLAIN
    return _Header(name, _octal(block[124:136]), kind)


def _to_the_end(stream: Stream) -> None:
    while rest := stream.read(64 * BLOCK):
        if any(rest):
            raise TarError("goes on after its end")


def _octal(field: bytes) -> int:
    digits = field.strip(b" \x00")
    if not re.fullmatch(rb"[0-7]{0,11}", digits):  # more are gigabytes, or written in another way
        raise TarError("is too large for a bundle, or is not a .tar.gz archive")
    return int(digits or b"0", 8)


def _content(stream: Stream, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size or len(stream.read(-size % BLOCK)) < -size % BLOCK:
        raise TarError("is not a .tar.gz archive, or is cut off")
    return content


def _attributes(content: bytes) -> tuple[bytes | None, int | None]:
    """Read the name and the size in a record of attributes (pax), and refuse others that matter."""
    found: dict[bytes, bytes] = {}
    while content:
        start = _RECORD.match(content)
        if start is None:
            raise TarError("has attributes that are broken")
        record, content = content[: int(start[1])], content[int(start[1]) :]
        if len(record) != int(start[1]) or record[-1:] != b"\n" or len(record) <= start.end():
            raise TarError("has attributes that are broken")
        if start[2] in found:
            raise TarError("has an attribute twice")
        found[start[2]] = record[start.end() : -1]
    name, size = found.pop(b"path", None), found.pop(b"size", None)
    for key in found:
        if not _HARMLESS.fullmatch(key):
            shown = key.decode("utf-8", "replace")
            raise TarError(f"has a file with the attribute `{shown}`, which is not a plain file")
    if size is not None and not _SIZE.fullmatch(size):
        raise TarError("is too large for a bundle, or has attributes that are broken")
    if name is not None and not name:
        raise TarError("has a file without a name")
    return name, None if size is None else int(size)


def _text(name: bytes) -> str:
    if not name or b"\x00" in name:
        raise TarError("has a file without a name, or with a NUL in it")
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        shown = name.decode("utf-8", "backslashreplace")
        raise TarError(f"has a file `{shown}`, whose name is not UTF-8") from None
