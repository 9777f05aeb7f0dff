"""A time for all of a connection: once it is over nobody waits on it any longer, whatever the other side does.

A timeout of a socket begins anew with every byte. It knows the standard library alone, for the client.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Timer
from typing import Self


class TimeLimit:
    """A time that runs in its `with`; `is_over` says whether it ended before that did."""

    def __init__(self, seconds: float) -> None:
        """Make one that runs from its `with` on."""
        self.is_over = False
        self._end: socket.socket | None = None
        """A handle of the connection that stays, whatever TLS and a reader of answers do with theirs."""
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Begin."""
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the connection be, which whoever has it closes."""
        self._timer.cancel()
        if self._end is not None:
            self._end.close()

    def on(self, connection: socket.socket) -> socket.socket:
        """Have the limit hold for a connection, before TLS begins on it, and give it back. Raises `TimeoutError`."""
        self._end = connection.dup()
        self.check()
        return connection

    def check(self) -> None:
        """Raise `TimeoutError` where the time is over."""
        if self.is_over:
            raise TimeoutError

    def _cut(self) -> None:
        self.is_over = True
        if self._end is not None:
            with suppress(OSError):
                self._end.shutdown(socket.SHUT_RDWR)
