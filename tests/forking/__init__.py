"""Processes of which the start is not what is tested: forked by one that has imported everything, in place of cold ones.

`agpc()` and `python(script)` begin a command line. What it starts is a stand-in of a few milliseconds, which hands its
arguments, environment, folder and standard streams to a process that is forked for it, passes on signals, and ends as it ends.
A stand-in that is killed takes that process along. Both are processes of their own, with nothing in common with the tests but
what they import.
"""

from __future__ import annotations

import atexit
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
COLD = [sys.executable, "-m", "agpc"]
"""What a user starts, which imports by itself: for tests of a start, of processes below it, and a few of everything."""
ISOLATED = ("-I", "-S")
"""A stand-in needs nothing that is installed, and begins at once."""


def agpc() -> list[str]:
    """Give the start of a command line that is `agpc`."""
    if sys.platform != "linux":
        return COLD
    return [*_stand_in(), "agpc"]


def python(script: Path) -> list[str]:
    """Give the start of a command line that is a Python program."""
    if sys.platform != "linux":
        return [sys.executable, str(script)]
    return [*_stand_in(), str(script)]


def _stand_in() -> list[str]:
    return [sys.executable, *ISOLATED, str(HERE / "stand_in.py"), str(_server())]


@cache
def scripts() -> Path:
    """Give a folder for the search path of a shell, in which `agpc` is found."""
    folder = _server().parent / "bin"
    folder.mkdir()
    script = folder / "agpc"
    words = " ".join(f"'{each}'" for each in agpc())
    script.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    script.chmod(0o755)
    return folder


@cache
def _server() -> Path:
    """Start what forks, which ends when these tests do, and give its socket."""
    folder = tempfile.TemporaryDirectory(prefix="agpc-forking-")
    path = Path(folder.name) / "socket"
    server = subprocess.Popen(
        [sys.executable, str(HERE / "server.py"), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # an interrupt of the tests is theirs
    )
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    atexit.register(_end, server, folder)
    return path


def _end(server: subprocess.Popen[bytes], folder: tempfile.TemporaryDirectory[str]) -> None:
    server.communicate()
    folder.cleanup()
