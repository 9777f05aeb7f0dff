"""Messages on standard input and output: read in a thread of its own, so that waiting for them stops nothing."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from typing import BinaryIO

MAX_MESSAGE = 256 * 1024 * 1024
"""Bytes: more than any document that is read, far below the machine's memory."""
MAX_HEADER = 8 * 1024
ALIVE = 5.0
"""Seconds between two looks whether the editor is still there."""


class Garbage(Exception):
    """What comes is no message, and nobody knows where the next one begins."""


def read_message(stream: BinaryIO) -> bytes | None:
    """Read one message; None at the end. Raises `Garbage`."""
    length: int | None = None
    taken = 0
    while True:
        line = stream.readline(MAX_HEADER)
        if not line:
            return None
        taken += len(line)
        if taken > MAX_HEADER:
            raise Garbage("a header is too long")
        if not line.strip():
            if length is None:
                continue  # an empty line before a message
            break
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            text = value.strip()
            if not text.isdigit() or len(text) > 12 or int(text) > MAX_MESSAGE:
                raise Garbage("the length of a message is none, or too large")
            length = int(text)
    parts: list[bytes] = []
    while length > 0:
        part = stream.read(min(length, 1 << 20))
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


class Incoming:
    """The messages of a stream, in order; `came` is called when one is there, in the thread that reads."""

    def __init__(self, stream: BinaryIO, came: Callable[[], None]) -> None:
        """Begin to read, inside a running loop."""
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[bytes | Garbage | None] = asyncio.Queue()
        self._came = came
        reader = threading.Thread(target=self._read, args=(stream,), name="agpc input", daemon=True)
        reader.start()

    async def next(self) -> bytes | None:
        """The next message; None at the end. Raises `Garbage`."""
        found = await self._queue.get()
        if isinstance(found, Garbage):
            raise found
        return found

    @property
    def is_waiting(self) -> bool:
        """Whether there is a message already."""
        return not self._queue.empty()

    def _read(self, stream: BinaryIO) -> None:
        found: bytes | Garbage | None
        while True:
            try:
                found = read_message(stream)
            except Garbage as garbage:
                found = garbage
            except (OSError, ValueError):
                found = None
            self._came()
            try:
                self._loop.call_soon_threadsafe(self._queue.put_nowait, found)
            except RuntimeError:  # the loop has ended
                return
            if not isinstance(found, bytes):
                return


async def gone(process: int) -> None:
    """Wait for the end of a process: of an editor that died, the streams may be held open by others."""
    while is_running(process):
        await asyncio.sleep(ALIVE)


def is_running(process: int) -> bool:
    """Whether there is such a process, as far as can be told."""
    if os.name == "nt" or process <= 0:
        return True  # the end of the input says it there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
