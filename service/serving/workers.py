"""Several processes that serve one store on one socket, and the one that starts them, restarts them and ends them."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnProcess
from types import FrameType

from ..config.models import Loaded
from ..http.telemetry import logs
from ..page.sessions import shared as shared_sessions
from .process import CannotCompile, CannotServe, run

_AGAIN = 1.0  # seconds before a worker that died is started again
_FAILED = 3  # the status of a worker that cannot start


def serve(loaded: Loaded, sockets: list[socket.socket]) -> bool:
    """Serve with as many processes as the settings say; tell whether all ended in order. Raises `CannotServe`."""
    if loaded.settings.workers == 1:
        return run(loaded, sockets, 0)
    with _counted_together(), shared_sessions():
        return Workers(loaded, sockets).run()


class Workers:
    """The processes, and the signals that go to them."""

    def __init__(self, loaded: Loaded, sockets: list[socket.socket]) -> None:
        """Keep what they get."""
        self._loaded, self._sockets = loaded, sockets
        self._processes: dict[int, SpawnProcess] = {}
        self._stopping = 0

    def run(self) -> bool:
        """Run them until a signal ends them all."""
        logs.set_up(self._loaded.settings.logging)
        handlers = {signal.SIGTERM: self._stop, signal.SIGINT: self._stop}
        if hasattr(signal, "SIGHUP"):
            handlers[signal.SIGHUP] = self._reload
        before = {each: signal.signal(each, handler) for each, handler in handlers.items()}
        try:
            for number in range(self._loaded.settings.workers):
                self._start(number)
            self._watch()
        finally:
            for each in self._processes.values():
                if each.is_alive():
                    each.kill()
                each.join()
            for number, handler in before.items():
                signal.signal(number, handler)
        return all(each.exitcode == 0 for each in self._processes.values())

    def _start(self, number: int) -> None:
        process = multiprocessing.get_context("spawn").Process(
            target=_work, args=(self._loaded, self._sockets, number), name=f"agpc-{number}"
        )
        process.start()
        self._processes[number] = process

    def _watch(self) -> None:
        while True:
            alive = [each for each in self._processes.values() if each.is_alive()]
            if not alive:
                return
            for number, each in list(self._processes.items()):
                if each.is_alive() or self._stopping:
                    continue
                if each.exitcode == _FAILED:
                    self._stop(signal.SIGTERM, None)
                    raise CannotServe("a worker could not start: it said why")
                logs.say(logging.ERROR, "a worker died and is started again", status=each.exitcode)
                time.sleep(_AGAIN)
                if not self._stopping:
                    self._start(number)
            time.sleep(0.1)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Ask the workers to end; the second time at once."""
        self._stopping += 1
        for each in self._processes.values():
            if each.is_alive() and each.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(each.pid, signal.SIGTERM)

    def _reload(self, number: int, frame: FrameType | None) -> None:
        """Ask each to read the policies and who may call; the first makes the policies active."""
        for each in self._processes.values():
            if each.is_alive() and each.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(each.pid, signal.SIGHUP)


def _work(loaded: Loaded, sockets: list[socket.socket], number: int) -> None:
    """Be a worker."""
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        in_order = run(loaded, sockets, number)
    except CannotServe as error:
        told = error.problems if isinstance(error, CannotCompile) else []
        logs.say(logging.ERROR, "a worker cannot start", why=[*str(error).splitlines(), *told])
        os._exit(_FAILED)
    raise SystemExit(0 if in_order else 1)


def _end_with_the_parent() -> None:
    """End in order once whoever started this worker is gone, however that ended: nobody could bring it signals any more."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    logs.say(logging.ERROR, "what started this worker is gone, and so it ends")
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _counted_together() -> Iterator[None]:
    """Let the workers count into one directory."""
    name = "PROMETHEUS_MULTIPROC_DIR"  # as prometheus_client reads it, when it is imported
    directory = tempfile.mkdtemp(prefix="agpc-metrics-")
    before = os.environ.get(name)
    os.environ[name] = directory
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
        shutil.rmtree(directory, ignore_errors=True)
