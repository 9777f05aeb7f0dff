"""Sees to it that a server ends with its guard although the guard had no time to end it, since it was killed.

A process of its own waits until a pipe closes whose other end the guard alone holds, which happens however the guard ends. It ends the
whole group of the server, in the way that the guard does: what a server has started does not go on either.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PROGRAM = """
import os, signal, sys, time
group, grace = int(sys.argv[1]), float(sys.argv[2])
os.read(0, 1)
for number in (signal.SIGTERM, signal.SIGKILL):
    time.sleep(grace)
    try:
        os.killpg(group, number)
    except OSError:
        break
"""


@contextmanager
def watched(group: int, grace: float) -> Iterator[None]:
    """Have a process group watched until the block ends, when its end is the guard's own business."""
    if sys.platform == "win32":
        yield
        return
    reading, writing = os.pipe()  # which no other program that is started inherits
    try:
        watcher = subprocess.Popen(
            # Isolated, and without what is installed: it needs nothing, and begins at once.
            [sys.executable, "-I", "-S", "-c", PROGRAM, str(group), str(grace)],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    try:
        yield
    finally:
        with suppress(OSError):
            watcher.kill()
        watcher.wait()
        os.close(writing)
