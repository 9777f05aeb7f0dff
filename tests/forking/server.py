"""Forks a process for each stand-in that asks for one: `python server.py SOCKET`. It ends when its input does.

What a process would do at its start it does here once: it imports. Nothing else is shared: each process has its own
environment, folder, streams and signals.
"""

from __future__ import annotations

import atexit
import gc
import marshal
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

IMPORTED = (
    "agpc.audit.verify",
    "agpc.cli.checking",
    "agpc.cli.process",
    "agpc.cli.table",
    "agpc.cli.commands.guard.guard",
    "agpc.cli.commands.service.audit",
    "agpc.cli.commands.service.serve",
    "agpc.cli.commands.writing.check",
    "agpc.compiler.analysis.run",
    "agpc.compiler.check.compiling.compile",
    "agpc.compiler.check.project.settings_file",
    "agpc.guard.enforcing.embedded",
    "agpc.guard.enforcing.remote",
    "agpc.guard.hooks.hook",
    "agpc.guard.hooks.running",
    "agpc.guard.mcp.client_side.door",
    "agpc.guard.mcp.running",
    "agpc.lsp.server",
    "agpc.service.http.app",
    "agpc.service.http.connections.server",
    "jsonschema",
    "mcp.server",
    "mcp.server.stdio",
    "sqlite3",
)
MOST = 1024 * 1024
STREAMS = 3


class Forking:
    """The processes that are there, each with the stand-in that asked for it."""

    def __init__(self, path: str) -> None:
        """Listen."""
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listening.bind(path)
        self._listening.listen(128)
        self._waiting = selectors.DefaultSelector()
        self._running: dict[int, socket.socket] = {}
        self._on(self._listening, self._asked)

    def serve(self) -> None:
        """Fork until there is nobody left to fork for."""
        self._on(sys.stdin, self._end)
        print("ready", flush=True)
        while True:
            for key, _ in self._waiting.select():
                key.data()

    def _on(self, what: socket.socket | int | object, do: Callable[[], None]) -> None:
        self._waiting.register(what, selectors.EVENT_READ, do)  # type: ignore[arg-type]

    def _end(self) -> None:
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os._exit(0)

    def _asked(self) -> None:
        """Fork for a stand-in."""
        stand_in, _ = self._listening.accept()
        wanted, streams, _, _ = socket.recv_fds(stand_in, MOST, STREAMS)
        if len(streams) != STREAMS:  # it was killed before it had asked
            stand_in.close()
            return
        pid = os.fork()
        if pid == 0:
            for each in (self._listening, stand_in, *self._running.values()):
                each.detach()  # what is open is closed by its number, of which others will make use
            become(streams, *marshal.loads(wanted))
        for stream in streams:
            os.close(stream)
        self._running[pid] = stand_in
        ended = os.pidfd_open(pid)
        self._on(stand_in, lambda: self._told(pid))
        self._on(ended, lambda: self._ended(pid, ended))

    def _told(self, pid: int) -> None:
        """Pass on a signal; a stand-in that is gone was killed."""
        stand_in = self._running[pid]
        try:
            told = stand_in.recv(1)
        except ConnectionError:
            told = b""
        if not told:
            self._waiting.unregister(stand_in)
        # It is not waited for yet: the id is its own.
        os.kill(pid, told[0] if told else signal.SIGKILL)

    def _ended(self, pid: int, ended: int) -> None:
        """Tell a stand-in how its process has ended."""
        stand_in = self._running.pop(pid)
        self._waiting.unregister(ended)
        os.close(ended)
        if stand_in in self._waiting.get_map():
            self._waiting.unregister(stand_in)
        _, status = os.waitpid(pid, 0)
        told = os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True)
        with stand_in, suppress(OSError):  # it was killed
            stand_in.send(told)


def become(
    streams: list[int], arguments: list[str], environment: dict[str, str], folder: str, umask: int
) -> None:
    """Be the process that a stand-in stands for."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(STREAMS, 1024)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(0, encoding="utf-8"),
        os.fdopen(1, "w", encoding="utf-8"),
        os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace"),
    )
    # Whoever takes them from `sys` finds them open, as in every process.
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    os.chdir(folder)
    os.umask(umask)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    status = 1
    try:
        status = run(arguments)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 -- as Python does at the end of a process
        traceback.print_exc()
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def run(arguments: list[str]) -> int:
    """Run `agpc` or a Python program."""
    program, *_ = sys.argv = arguments
    if program == "agpc":
        from agpc.cli import command

        command()
    sys.path.insert(0, os.path.dirname(program))
    runpy.run_path(program, run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this file
    forking = Forking(sys.argv[1])
    for name in IMPORTED:
        import_module(name)
    import_module("agpc.grammar").tables()  # which all who read a policy read first
    gc.collect()
    gc.freeze()  # what is there stays where it is, in all of them
    forking.serve()
