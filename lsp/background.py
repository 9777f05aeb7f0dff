"""The analysis, in a thread of its own: it gives way to whatever an author waits for, and to the next edit."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from typing import Any

from ..compiler.analysis.answers import Answers
from ..compiler.ir import nodes as ir
from ..compiler.structs import Struct

log = logging.getLogger(__name__)


class Cancelled(BaseException):
    """What is worked on is no longer wanted. No `Exception`, so that nobody takes it for an answer."""


class PausingAnswers(Answers):  # type: ignore[misc]  # no struct itself
    """Answers between which the analysis gives way.

    INVARIANT: it does so only before an answer is looked for, so that what is kept is whole whenever it stops.
    """

    def __init__(self, pause: Callable[[], None]) -> None:
        """Keep what to do between two answers."""
        Answers.__init__(self)
        self._pause = pause

    def world(self, policy: ir.Policy, asked: object) -> Any:
        """Give way first."""
        self._pause()
        return Answers.world(self, policy, asked)

    def keep(self, question: Hashable, rules: tuple[ir.Rule, ...], make: Callable[[], Any]) -> Any:
        """Give way first."""
        self._pause()
        return Answers.keep(self, question, rules, make)


class Job(Struct, frozen=False):
    """Something to do for a policy set; a later one for the same set takes its place."""

    key: str
    work: Callable[[], Any]
    then: Callable[[Any], None]
    cancelled: bool = False


class Background:
    """Does one job at a time, the latest first, while nobody waits for an answer."""

    def __init__(self) -> None:
        """Start the thread."""
        self._jobs: dict[str, Job] = {}
        self._now: Job | None = None
        self._lock = threading.Condition()
        self._free = threading.Event()
        self._free.set()
        threading.Thread(target=self._run, name="agpc analysis", daemon=True).start()

    def hold(self) -> None:
        """Stop at the next answer: somebody waits."""
        self._free.clear()

    def release(self) -> None:
        """Go on."""
        self._free.set()

    def start(self, key: str, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do something, and `then` tell of it in this thread; what was to be done for the set is not."""
        with self._lock:
            self._cancel(key)
            self._jobs[key] = Job(key, work, then)
            self._lock.notify()

    def cancel(self, key: str) -> None:
        """Do nothing more for a set."""
        with self._lock:
            self._cancel(key)

    def _cancel(self, key: str) -> None:
        self._jobs.pop(key, None)
        if self._now is not None and self._now.key == key:
            self._now.cancelled = True

    def pause(self) -> None:
        """Give way. Raises `Cancelled` where the job is no longer wanted."""
        now = self._now
        if now is not None and now.cancelled:
            raise Cancelled
        if not self._free.is_set():
            self._free.wait()
            if now is not None and now.cancelled:
                raise Cancelled

    def _run(self) -> None:
        while True:
            with self._lock:
                self._now = None
                while not self._jobs:
                    self._lock.wait()
                self._now = job = self._jobs.pop(next(reversed(self._jobs)))
            try:
                self.pause()
                job.then(job.work())
            except Cancelled:
                log.debug("cancelled: %s", job.key)
            except Exception:  # of the analysis: the editor goes on without its findings
                log.exception("the analysis of %s failed", job.key)
