"""What a service does beside answering: it publishes checkpoints, prunes, looks for changed policies, and counts."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from ..audit import checkpoints
from ..audit.export import ExportError, export
from ..config.models import Loaded
from ..core import SYSTEM, Lapse, Problem, Prune, Publish, Review
from ..http.telemetry import logs
from ..http.telemetry.metrics import Metrics
from ..identity.bundles import Bundles
from ..signals.polling import PollEndpoint
from ..signals.pushing import Pusher, Target
from ..store import StoreError
from .candidate import Candidate
from .hearing import Hearing
from .live import Live
from .notices import Notices
from .people import People
from .watching import watch

COMPARED = 500  # events that are read together for the candidate
PRUNE_EVERY = 3600.0
REVIEW_EVERY = 1.0
LAPSE_EVERY = 30.0
TELL_EVERY = 2.0


class Chores:
    """The chores of one process; of several workers the first does those that one does for all."""

    def __init__(
        self,
        loaded: Loaded,
        live: Live,
        metrics: Metrics,
        candidate: Candidate | None,
        bundles: Bundles,
        pusher: Pusher,
    ) -> None:
        """Keep what there is to see to."""
        self._pusher = pusher
        self._bundles = bundles
        self._candidate = candidate
        self._loaded, self._live, self._metrics = loaded, live, metrics
        self._stopping = asyncio.Event()
        self._asked = asyncio.Event()
        self._published = 0
        self._behind_since: float | None = None
        self._is_stuck = False
        """Whether publishing failed the last time, be it that an export holds more than the store, or another log."""
        self._tasks: list[asyncio.Task[None]] = []
        self._asked_for_all = False
        self.notices: Notices | None = None
        self.people: People | None = None
        """The people of the settings, whom the core has to know."""
        self.hearing: Hearing | None = None

    def begin(self, *, for_all: bool) -> None:
        """Begin. `for_all` does what one process does for all workers."""
        if self._candidate is not None:
            self._begin("comparing", self._compare)
        if self._bundles.all():
            self._begin("trusting", partial(self._refresh, self._bundles))
        hearing = self.hearing
        if hearing is not None and hearing.transmitters.all:
            self._begin("believing", partial(self._refresh, hearing.transmitters.bundles))
        if for_all:
            if self.notices is not None and self.notices.channels:
                self._begin("telling", lambda: self._regularly(TELL_EVERY, self._tell))
            self._begin("lapsing", lambda: self._regularly(LAPSE_EVERY, self.lapse))
            every = float(self._loaded.settings.audit.publish_every)
            self._begin("publishing", lambda: self._regularly(every, self.publish))
            if self._loaded.settings.audit.retention is not None:
                self._begin("pruning", lambda: self._regularly(PRUNE_EVERY, self.prune))
            for each in self._pusher.targets:
                self._begin(
                    "sending", partial(self._regularly, REVIEW_EVERY, partial(self.push, each))
                )
            for place in () if hearing is None else hearing.places:
                poll = partial(self._poll, place)
                self._begin("hearing", partial(self._regularly, place.every, poll))
            self._begin("reviewing", lambda: self._regularly(REVIEW_EVERY, self.review))
        if self._loaded.settings.reload.watch:
            self._begin("watching", self._watch)
        self._begin("reloading", lambda: self._reload_when_asked(adopt=for_all))

    def ask_for_policies(self) -> None:
        """Take up the policies again, and who may call and be asked, as SIGHUP asks."""
        self._asked_for_all = True
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

    async def review(self) -> None:
        """Look again at leases that what they rest on has changed for, until none is left."""
        try:
            while await asyncio.to_thread(self._has_leases_to_look_at):
                key = f"review-{secrets.token_hex(16)}"
                await self._live.do(Review(caller=SYSTEM, key=key))
        except (Problem, StoreError) as error:
            logs.say_failure("leases could not be looked at again", error)

    async def push(self, target: Target) -> None:
        """Send somebody what it wants to be told."""
        loop, pusher = asyncio.get_running_loop(), self._pusher
        try:
            await loop.run_in_executor(pusher.threads, pusher.push_to, self._live.core, target)
        except (Problem, StoreError) as error:
            logs.say_failure("events could not be sent", error)

    def _has_leases_to_look_at(self) -> bool:
        with self._live.view() as view:
            return view.has_leases_to_look_at()

    async def _tell(self) -> None:
        """Tell people of what waits for them."""
        if self.notices is not None:
            await self.notices.tell()

    async def lapse(self) -> None:
        """Let requests lapse whose time is over, and see that the core knows the people of the settings."""
        if self.people is not None and not self.people.are_known:
            await self.people.know()
        try:
            more = True
            while more:
                key = f"lapse-{secrets.token_hex(16)}"
                more = (await self._live.do(Lapse(caller=SYSTEM, key=key))).get("more") is True
        except Problem as error:
            logs.say_failure("requests could not lapse", error)

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
            if self._asked_for_all and self.people is not None:
                self._asked_for_all = False
                await self.people.read_again()

    async def _poll(self, place: PollEndpoint) -> None:
        """Fetch the events of a transmitter."""
        if self.hearing is not None:
            await self.hearing.poll(place)

    async def _refresh(self, bundles: Bundles) -> None:
        """Look at the bundles of trust domains as it is time, or as somebody shows a key that is in none."""
        while True:
            await asyncio.sleep(1)
            if any(each.is_due for each in bundles.all()):
                await asyncio.to_thread(bundles.refresh)

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
