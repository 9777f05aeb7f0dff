"""Clients as processes that may be killed, forked by one that has imported and compiled everything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from .worker import Script, work

TESTS = Path(__file__).parents[2]
SERVE = f"import sys; sys.path.insert(0, {str(TESTS)!r}); from service.crash import forked; forked.serve()"


class Client:
    """One client at a time, in a process of its own."""

    def __init__(self) -> None:
        """Get ready."""
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        url: str,
        path: Path,
        scripts: Sequence[Script],
        *,
        kill_at: int = 0,
        kill_after: float | None = None,
    ) -> int:
        """Run it, killed at a statement or after some seconds, and give its status, which is negative then."""
        assert self._server.stdin is not None and self._server.stdout is not None
        asked = json.dumps([url, str(path), scripts, kill_at, kill_after])
        print(asked, file=self._server.stdin, flush=True)
        return int(self._server.stdout.readline())

    def close(self) -> None:
        """Let it go."""
        self._server.communicate()


def serve() -> None:
    """Fork a client for each line that is read, and print its status in the end."""
    import psycopg

    from . import desk

    assert psycopg.__version__
    desk.generation()
    for line in sys.stdin:
        url, path, scripts, kill_at, kill_after = json.loads(line)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work(url, Path(path), scripts, kill_at)
                status = 0
            finally:
                if status:
                    traceback.print_exc()
                os._exit(status)
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(
                child, signal.SIGKILL
            )  # it is not waited for yet, so that nobody else has its id
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
