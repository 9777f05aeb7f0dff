"""How long a request may take: one timer for all of them, as a timer for each would cost more than much of what they do."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any


class Deadlines:
    """Those who are at work, the first to have begun first: all have the same time."""

    def __init__(self, seconds: float) -> None:
        """Give each so many seconds."""
        self._seconds = seconds
        self._open: dict[Deadline, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, deadline: Deadline) -> None:
        """Begin the time of one."""
        loop = asyncio.get_running_loop()
        deadline.at = loop.time() + self._seconds
        self._open[deadline] = None
        if self._timer is None:
            self._timer = loop.call_at(deadline.at, self._look, loop)

    def end(self, deadline: Deadline) -> None:
        """Forget one."""
        self._open.pop(deadline, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop those whose time is over, and look again when that of the next is."""
        now = loop.time()
        while self._open and (first := next(iter(self._open))).at <= now:
            del self._open[first]
            first.stop()
        first_of_all = next(iter(self._open), None)
        self._timer = (
            None if first_of_all is None else loop.call_at(first_of_all.at, self._look, loop)
        )


class Deadline:
    """The time of what is done within: as `asyncio.timeout`, it raises `TimeoutError` when that is over."""

    __slots__ = ("_among", "_cancelling", "_is_over", "_task", "at")

    def __init__(self, among: Deadlines) -> None:
        """Be one of some."""
        self._among, self._is_over, self.at = among, False, 0.0

    def stop(self) -> None:
        """Cancel the task that is within."""
        self._is_over = True
        self._task.cancel()

    def __enter__(self) -> None:
        """Begin."""
        task: asyncio.Task[Any] | None = asyncio.current_task()
        assert task is not None
        self._task, self._cancelling = task, task.cancelling()
        self._among.begin(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End; a cancellation that is not ours goes on."""
        self._among.end(self)
        if (
            self._is_over
            and self._task.uncancel() <= self._cancelling
            and kind is not None
            and issubclass(kind, asyncio.CancelledError)
        ):
            raise TimeoutError from error
