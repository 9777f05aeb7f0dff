"""A file of lines that grows, and goes on in a new one from a size on.

A line is with the system before its answer leaves: what ends this process loses none, and only what ends the machine
may. Several processes may write to one file: each batch is one write at its end.
"""

from __future__ import annotations

import logging
import os
import re
import select
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from ..core.operations.problem import Problem

MOST_BYTES = 64 * 1024 * 1024  # of one file
KEPT = 16  # older files
STANDARD_OUTPUT = "-"
_log = logging.getLogger(__name__)
_PUT_AWAY = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{9}-[0-9]+")  # what stands behind the name
_LOOK = 256  # batches between two looks at whether another process has begun a new file


class DecisionLog:
    """Where lines go: a file, or with `-` the standard output.

    Where they cannot be written nothing is answered, unless it is `lossy`: then `lost` is told how many there were.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        lossy: bool = False,
        lost: Callable[[int], None] = lambda count: None,
        most_bytes: int = MOST_BYTES,
        kept: int = KEPT,
    ) -> None:
        """Begin. The file is opened with the first line."""
        self._path = None if os.fspath(path) == STANDARD_OUTPUT else Path(path)
        self._lossy, self._lost = lossy, lost
        self._most_bytes, self._kept = most_bytes, kept
        self._file: int | None = None
        self._batches = 0
        self._is_whole = True  # what was written last

    def write(self, lines: Sequence[bytes]) -> None:
        """Write lines, each without its end. Raises `Problem` (503) where they have to be written, and cannot."""
        if not lines:
            return
        try:
            if self._path is None:
                self._to_standard_output(lines)
            else:
                self._to_file(b"\n".join(lines) + b"\n")
        except OSError as error:
            self.close()
            if not self._lossy:
                _log.warning("the decision log cannot be written", exc_info=error)
                raise Problem(
                    503, "no_decision_log", "the decision log cannot be written now"
                ) from None
            self._lost(len(lines))

    def close(self) -> None:
        """Let the file go."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _to_file(self, content: bytes) -> None:
        assert self._path is not None
        if self._file is None or self._batches % _LOOK == 0:
            self._look(self._path)
        assert self._file is not None
        self._batches += 1
        if not self._is_whole:
            content = b"\n" + content  # what a full disk left of a line is a line of its own
        written = os.write(self._file, content)
        self._is_whole = written == len(content)
        if not self._is_whole:
            raise OSError("a line was written in part")

    def _look(self, path: Path) -> None:
        """Have the file open that stands at the path, and begin a new one if it is large."""
        if self._file is not None:
            own = os.fstat(self._file)
            if _is_at(path, own):
                if own.st_size < self._most_bytes:
                    return
                self._put_away(path)
            self.close()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        self._file = os.open(path, flags, 0o600)
        if os.fstat(self._file).st_size >= self._most_bytes:
            self._put_away(path)
            self.close()
            self._file = os.open(path, flags, 0o600)

    def _put_away(self, path: Path) -> None:
        """Name a file by the time, which no two share, and remove the oldest that are too many."""
        now = time.time_ns()
        second = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now // 1_000_000_000))
        with suppress(FileNotFoundError):  # another process did it at the same time
            os.rename(path, f"{path}.{second}.{now % 1_000_000_000:09}-{os.getpid()}")
        older = sorted(
            each
            for each in path.parent.iterdir()
            if each.name.startswith(f"{path.name}.")
            and _PUT_AWAY.fullmatch(each.name, len(path.name) + 1)
        )
        for each in older[: max(0, len(older) - self._kept)]:
            each.unlink(missing_ok=True)

    def _to_standard_output(self, lines: Sequence[bytes]) -> None:
        """Write a line at a time, and only where somebody takes it: a reader who sleeps stops no evaluation for good."""
        file = sys.stdout.fileno()
        poll = select.poll()
        poll.register(file, select.POLLOUT)
        for each in lines:
            if not poll.poll(0):
                raise BlockingIOError
            os.write(file, each + b"\n")


def _is_at(path: Path, own: os.stat_result) -> bool:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return False
    return (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)
