"""What a service does beside answering: it publishes checkpoints, prunes, looks for changed policies, and counts."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from ..audit import checkpoints
from ..audit.export import ExportError, export
from ..config.models import Loaded
from ..core import SYSTEM, Problem, Prune, Publish
from ..http import logs
from ..http.metrics import Metrics
from ..store import StoreError
from .candidate import Candidate
from .live import Live
from .watching import watch

COMPARED = 500  # events that are read together for the candidate
PRUNE_EVERY = 3600.0


class Chores:
    """The chores of one process; of several workers the first does those that one does for all."""

    def __init__(
        self, loaded: Loaded, live: Live, metrics: Metrics, candidate: Candidate | None
    ) -> None:
        """Keep what there is to see to."""
        self._candidate = candidate
        self._loaded, self._live, self._metrics = loaded, live, metrics
        self._stopping = asyncio.Event()
        self._asked = asyncio.Event()
        self._published = 0
        self._behind_since: float | None = None
        self._is_stuck = False
        """Whether publishing failed the last time, be it that an export holds more than the store, or another log."""
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, *, for_all: bool) -> None:
        """Begin. `for_all` does what one process does for all workers."""
        if self._candidate is not None:
            self._begin("comparing", self._compare)
        if for_all:
            every = float(self._loaded.settings.audit.publish_every)
            self._begin("publishing", lambda: self._regularly(every, self.publish))
            if self._loaded.settings.audit.retention is not None:
                self._begin("pruning", lambda: self._regularly(PRUNE_EVERY, self.prune))
        if self._loaded.settings.reload.watch:
            self._begin("watching", self._watch)
        self._begin("reloading", lambda: self._reload_when_asked(adopt=for_all))

    def ask_for_policies(self) -> None:
        """Take up the policies again, as SIGHUP asks."""
        self._asked.set()

    async def end(self) -> None:
        """Stop, and publish what is left."""
        self._stopping.set()
        self._asked.set()
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._tasks:
            await self.publish()

    async def publish(self) -> None:
        """Sign a checkpoint if there is news, and write the files of the log."""
        try:
            size = await asyncio.to_thread(self._sizes)
            if size > self._published:
                key = f"publish-{secrets.token_hex(16)}"
                await self._live.do(Publish(caller=SYSTEM, key=key))
                await asyncio.to_thread(self._sizes)
            directory = self._loaded.settings.audit.export
            if directory is not None:
                await asyncio.to_thread(self._export, self._loaded.path(directory))
            self._is_stuck = False
        except (Problem, StoreError, ExportError, OSError, ValueError) as error:
            self._is_stuck = True
            logs.say_failure("the log could not be published", error)

    async def prune(self) -> None:
        """Let old bodies go."""
        retention = self._loaded.settings.audit.retention
        assert retention is not None
        before = time.time_ns() - retention * 10**9
        try:
            more = True
            while more:
                key = f"prune-{secrets.token_hex(16)}"
                answer = await self._live.do(Prune(caller=SYSTEM, key=key, before=before))
                more = answer.get("more") is True
        except Problem as error:
            logs.say_failure("old bodies could not be pruned", error)

    def refresh(self) -> None:
        """Bring the gauges up to now."""
        self._metrics.queue.set(self._live.waiting)
        try:
            size = self._sizes()
        except (StoreError, ValueError):  # or the latest checkpoint is none
            return
        behind = size - self._published
        self._metrics.events.set(size)
        self._metrics.unpublished.set(behind)
        if not behind and not self._is_stuck:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = time.monotonic()
        since = self._behind_since
        self._metrics.unpublished_seconds.set(0 if since is None else time.monotonic() - since)

    def _sizes(self) -> int:
        """How many events there are; how many are published is remembered."""
        with self._live.view() as view:
            note = view.checkpoint()
            self._published = 0 if note is None else checkpoints.read(note).size
            return view.head.seq

    def _export(self, directory: Path) -> None:
        with self._live.view() as view:
            if view.checkpoint() is not None:
                export(view, directory)

    async def _compare(self) -> None:
        """Let the candidate decide what is recorded from now on."""
        candidate = self._candidate
        assert candidate is not None
        candidate.seen = await asyncio.to_thread(self._sizes)

        def look() -> None:
            with self._live.view() as view:
                candidate.read(view.events(candidate.seen, candidate.seen + COMPARED))

        while True:
            before = candidate.seen
            await asyncio.to_thread(look)
            if candidate.seen < before + COMPARED:
                await asyncio.sleep(1)

    async def _watch(self) -> None:
        """Ask for the policies when their files change."""
        settings = self._loaded.settings
        named = [*settings.policies, *filter(None, (settings.mapping, settings.directory))]
        paths = [self._loaded.path(each) for each in named]
        await watch(paths, settings.reload.settle * 1000, self._asked.set)

    async def _reload_when_asked(self, *, adopt: bool) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            if self._stopping.is_set():
                return
            await self._live.take_up("reload", adopt=adopt)

    async def _regularly(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await do()

    def _begin(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        async def guarded() -> None:
            while not self._stopping.is_set():
                try:
                    return await work()
                except Exception as error:  # noqa: BLE001 -- one failure does not end a chore for good
                    logs.say_failure("a chore failed and begins anew", error, chore=what)
                    await asyncio.sleep(5)

        self._tasks.append(asyncio.create_task(guarded(), name=f"agpc-{what}"))
        logs.say(logging.DEBUG, "a chore begins", chore=what)
