"""Work for several processes, which find it by its name."""

from __future__ import annotations

import os
import signal
import time

from agpc.compiler.processes import begun

given_to: list[int] = []


def begin(more: int) -> None:
    begun()
    given_to.append(more)


def work(number: int) -> int:
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return number + given_to[0]


def slow(number: int) -> None:
    time.sleep(60)
