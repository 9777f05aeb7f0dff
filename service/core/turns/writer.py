"""The thread that takes turns: operations that wait are done together, and answered when their turn has lasted."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..operations.operations import AcceptClock, Adopt
from ..operations.problem import Problem, unavailable
from .once import KeyedOperation

Answer: TypeAlias = "dict[str, object] | Problem"
Deliver: TypeAlias = Callable[[list[tuple[object, Answer]]], None]
"""Is given what was waited for, with its answers, in the thread of the writer."""
Take: TypeAlias = Callable[[Sequence[KeyedOperation]], list[Answer]]
"""Does operations in one turn."""

_log = logging.getLogger(__name__)


class Writer:
    """A queue and its thread. It is told to stop, and then does what was asked before."""

    def __init__(self, take: Take, deliver: Deliver, *, batch: int, waiting: int) -> None:
        """Begin to take turns."""
        self._take = take
        self._deliver = deliver
        self._batch = batch
        self._most = waiting
        self._waiting: deque[tuple[KeyedOperation, object]] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="agpc-turns", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many operations wait for a turn."""
        return len(self._waiting)

    def submit(self, asked: KeyedOperation, waiter: object) -> bool:
        """Put an operation in the queue; say whether there was none, so that somebody has to `wake` the thread.

        Raises `Problem` if there is no room, or no more turn.
        """
        with self._changed:
            if self._stopping:
                raise unavailable("the service is stopping")
            if len(self._waiting) >= self._most:
                raise unavailable("too many operations wait: come back with the same key")
            self._waiting.append((asked, waiter))
            return len(self._waiting) == 1

    def wake(self) -> None:
        """Have the thread look at the queue."""
        with self._changed:
            self._changed.notify()

    def stop(self) -> None:
        """Do what was asked before, and stop."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._stopping:
                    self._changed.wait()
                if not self._waiting:
                    return
                some = self._next()
            answers = self._done([each for each, _ in some])
            self._deliver(
                [(waiter, answer) for (_, waiter), answer in zip(some, answers, strict=True)]
            )

    def _next(self) -> list[tuple[KeyedOperation, object]]:
        """Take what fits into one turn: what changes the policy or the clock has one of its own."""
        some: list[tuple[KeyedOperation, object]] = []
        while self._waiting and len(some) < self._batch:
            if isinstance(self._waiting[0][0].operation, Adopt | AcceptClock):
                if not some:
                    some.append(self._waiting.popleft())
                break
            some.append(self._waiting.popleft())
        return some

    def _done(self, some: list[KeyedOperation]) -> list[Answer]:
        """Do operations in one turn; if one of them breaks it, each in a turn of its own."""
        try:
            return self._take(some)
        except Problem as problem:
            return [problem] * len(some)
        except Exception as error:  # noqa: BLE001 -- whatever it is, nobody waits for ever
            if len(some) > 1:
                return [self._done([each])[0] for each in some]
            _log.error("an operation failed", exc_info=error)
            return [
                Problem(500, "internal", "the operation failed, and nothing of it was recorded")
            ]
