"""A log as chunks of whole lines, in constant memory, whether it is plain, gzip or zstd."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from importlib import import_module
from typing import IO, Any

from ..structs import Struct

CHUNK = 1024 * 1024
LONGEST = 16 * 1024 * 1024
"""Bytes of one line; a longer one is malformed, and is passed over without keeping it."""
FREE, MOST_GROWTH = 256 * 1024 * 1024, 1000
"""A log may hold so many bytes whatever its size, and beyond them so many times the bytes that it came in."""
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class WholeLines(Struct):
    """Whole lines, and the number of the first one, from 1."""

    line: int
    content: bytes
    too_long: bool = False
    """Whether it stands for one line that is too long, and holds nothing of it."""


class Log:
    """The lines of a log; once they are read, `problem` says what kept those that follow from being read."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Take what is open for reading."""
        self._stream = stream
        self.problem: str | None = None

    def __iter__(self) -> Iterator[WholeLines]:
        """Read it to its end, or as far as it can be read."""
        try:
            yield from _chunks(self._stream)
        except _Unreadable as error:
            self.problem = str(error)
        except OSError as error:
            self.problem = f"it cannot be read: {error.strerror or error}"


class _Unreadable(Exception):
    """A log that cannot be read, or not to its end; the message says why, and what helps."""


def _chunks(stream: IO[bytes]) -> Iterator[WholeLines]:
    line, rest, is_skipping = 1, b"", False
    for read in _contents(_Source(stream)):
        if is_skipping:
            _, found, read = read.partition(b"\n")
            if not found:
                continue
            is_skipping = False
            line += 1
        content = rest + read
        end = content.rfind(b"\n") + 1
        if end:
            yield WholeLines(line, content[:end])
            line += content.count(b"\n")
        rest = content[end:]
        if len(rest) > LONGEST:
            yield WholeLines(line, b"", too_long=True)
            rest, is_skipping = b"", True
    if rest:
        yield WholeLines(line, rest)


class _Source:
    """The bytes that a log came in: what they begin with, and how many they were so far."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._first = self.magic = stream.read(4)
        self.count = 0

    def read1(self, size: int) -> bytes:
        """Read as a file does."""
        return self.read(size)

    def read(self, size: int = -1) -> bytes:
        """Read as a file does."""
        if self._first:
            end = len(self._first) if size < 0 else size
            found, self._first = self._first[:end], self._first[end:]
        else:
            found = self._stream.read(size)
        self.count += len(found)
        return found


def _contents(source: _Source) -> Iterator[bytes]:
    """What a log holds, in pieces."""
    total = 0
    opened, broken = _opened(source)
    while True:
        read, problem = _piece(opened, broken)
        if not read and problem is None:
            return
        total += len(read)
        if opened is not source and total > FREE + MOST_GROWTH * source.count:
            raise _Unreadable(
                f"it grows to more than {MOST_GROWTH} times its size, as what is made to fill a "
                "machine does; decompress it, and replay what comes of it"
            )
        yield read
        if problem is not None:
            raise _Unreadable(problem)


def _piece(opened: Any, broken: tuple[type[Exception], ...]) -> tuple[bytes, str | None]:
    """A piece of a log, and what is wrong right after it: what came before that is still read."""
    parts: list[bytes] = []
    size = 0
    problem = None
    while size < CHUNK:
        try:
            part = opened.read1(CHUNK - size)
        except EOFError:
            problem = "it ends before the end of what was compressed"
            break
        except broken as error:
            problem = f"it is not whole: {error}"
            break
        except OSError as error:
            problem = f"it cannot be read: {error.strerror or error}"
            break
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts), problem


def _opened(source: _Source) -> tuple[Any, tuple[type[Exception], ...]]:
    """Something to read from, and what it raises where the log is broken."""
    if source.magic.startswith(GZIP):
        return gzip.GzipFile(fileobj=source), (gzip.BadGzipFile, zlib.error)  # type: ignore[call-overload]
    if source.magic.startswith(ZSTD):
        found = zstd()
        if found is None:
            raise _Unreadable(
                "it is compressed with zstd, which this Python does not read: install `agpc[zstd]`"
            )
        return found.ZstdFile(source), (found.ZstdError,)
    return source, ()


def zstd() -> Any:
    """The module that reads zstd: of the standard library from Python 3.14, or its like; None without."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            pass
    return None
