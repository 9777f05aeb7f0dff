"""Ports for processes that are told where to listen."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress

GIVEN_AWAY = 32_768
"""From here on a kernel gives ports to connections, and to whoever listens at none in particular."""


def free_port() -> int:
    """Give a port that nobody has, nor gets of the kernel before the process listens there.

    It is not drawn by `random`, which draws the same in all processes of tests while Hypothesis runs.
    """
    while True:
        port = GIVEN_AWAY - 1 - secrets.randbelow(20_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
