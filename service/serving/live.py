"""The core as the routes see it: also before there is a policy that loads, when nothing is decided.

Policies are taken up whole or not at all. One that does not compile leaves the active one where it is; where none is
active, the service is not ready and says why.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..config.models import Loaded
from ..core import SYSTEM, Adopt, Caller, Core, CoreSettings, Operation, Problem, View
from ..core.deciding.deciding import Judged
from ..core.operations.problem import unavailable
from ..http.telemetry import logs
from ..http.telemetry.metrics import Metrics
from ..policies.generation import Generation, GenerationError, from_stored, load_generation
from ..store import Generation as Row
from ..store import Request, Store, StoreError
from .answering import unanswered

NO_POLICY = "no policy is active"


class Live:
    """One process's core, and how it comes by its policies."""

    def __init__(
        self, loaded: Loaded, store: Store, settings: CoreSettings, metrics: Metrics
    ) -> None:
        """Begin without a policy."""
        self._loaded, self._store, self._settings, self._metrics = loaded, store, settings, metrics
        self._core: Core | None = None
        self._read: Generation | None = None
        self._adopting = asyncio.Lock()
        self.problems: str | None = None
        """Why the files that should be the policy are not."""

    @property
    def core(self) -> Core:
        """The core. Raises `Problem` where no policy was ever active."""
        if self._core is None:
            raise unavailable(f"{NO_POLICY}: come back with the same key")
        return self._core

    @property
    def generation(self) -> Generation:
        """The active policy. Raises `Problem` where there is none.

        If it is the one of the files, it is so with all of its directory, of which the store has what decides alone.
        """
        active, read = self.core.generation, self._read
        return read if read is not None and read.digest == active.digest else active

    @property
    def waiting(self) -> int:
        """How many operations wait for a turn."""
        return 0 if self._core is None else self._core.waiting

    async def do(self, operation: Operation) -> dict[str, Any]:
        """Do something once. Raises `Problem`."""
        return await self.core.do(operation)

    async def evaluate(self, request: Any) -> Any:
        """Decide, and record nothing. Raises `Problem`."""
        return await self.core.evaluate(request)

    async def possible(self, caller: Caller, task: str) -> dict[str, Any]:
        """Give what may ever be permitted in a task. Raises `Problem`."""
        return await self.core.possible(caller, task)

    async def renew(self) -> None:
        """Know the policy that is active. Raises `Problem`."""
        await self.core.renew()

    @contextmanager
    def view(self) -> Iterator[View]:
        """Look at one state of the store. Raises `StoreError`."""
        with self._store.reading() as reading:
            yield View(reading)

    def asked_now(self, view: View, question: Request, *, answered: bool = True) -> Judged | None:
        """Decide what an open question is about, as it would be now. Raises `Problem`."""
        return self.core.asked_now(view, question, answered=answered)

    def statement(self, view: View, question: Request, **said: str | None) -> dict[str, Any]:
        """Give what somebody signs with a passkey who says this. Raises `Problem`."""
        return self.core.statement(view, question, **said)

    def ready(self) -> list[str]:
        """Give why nothing can be decided now."""
        return [NO_POLICY] if self._core is None else self._core.ready()

    async def begin(self) -> None:
        """Take up the policies of the files; where they do not load, go on with what was active before."""
        if not await self.take_up("start"):
            found = await asyncio.to_thread(self._stored)
            if found is not None:
                self._core = Core(self._store, found, self._settings)
                logs.say(
                    logging.WARNING, "the policy of the store stays active", policy=found.digest
                )
            elif self._core is None:
                logs.say(logging.WARNING, "no policy is active: no call is taken until one loads")

    async def take_up(self, note: str, *, adopt: bool = True) -> bool:
        """Read the policies anew, and make them the active ones if they compile; tell whether they did.

        Of several workers one makes them active, and the others know them then.
        """
        async with self._adopting:
            settings = self._loaded.settings
            try:
                found = await asyncio.to_thread(
                    load_generation,
                    [self._loaded.path(each) for each in settings.policies],
                    mapping=settings.mapping and self._loaded.path(settings.mapping),
                    directory=settings.directory and self._loaded.path(settings.directory),
                )
            except GenerationError as error:
                if not adopt:
                    return False
                self._metrics.reloads.labels("refused").inc()
                self.problems = str(error)
                # What the compiler says of files that operators wrote, and no input of callers.
                logs.say(
                    logging.ERROR,
                    "the policies do not load"
                    + ("" if self._core is None else ": what was active stays"),
                    diagnostics=self.problems.splitlines()[:200],
                )
                return False
            self._read = found
            if not adopt:
                return True
            self.problems = None
            try:
                return await self._adopt(found, note)
            except Problem as problem:
                self._metrics.reloads.labels("failed").inc()
                logs.say(logging.ERROR, "the policies could not be made active", code=problem.code)
                if self._core is None:
                    self._core = Core(self._store, found, self._settings)
                return False

    async def _adopt(self, found: Generation, note: str) -> bool:
        core = self._core or Core(self._store, found, self._settings)
        self._core = core
        key = f"adopt-{secrets.token_hex(16)}"
        answer = await core.do(Adopt(caller=SYSTEM, key=key, generation=found, note=note))
        changed = answer.get("changed") is not False
        self._metrics.reloads.labels("changed" if changed else "same").inc()
        if changed:
            logs.say(logging.INFO, "policies are active", policy=found.digest, note=note)
            for each in unanswered(found.ir, self._loaded.settings)[:20]:
                logs.say(logging.WARNING, "a policy asks what nobody could answer", why=each)
        return True

    def _stored(self) -> Generation | None:
        """The policy that was active last, as the store has it."""
        try:
            with self._store.reading() as reading:
                digest = reading.head.generation
                row = None if digest is None else reading.get(Row, digest)
        except StoreError as error:
            logs.say_failure("the store cannot be read", error)
            return None
        if row is None:
            return None
        try:
            return from_stored(bytes(row.ir), bytes(row.mapping), bytes(row.directory))
        except GenerationError as error:
            logs.say_failure("the policy that was active last does not load", error)
            return None

    def stop(self) -> None:
        """Do what was asked before, and let the store go."""
        if self._core is None:
            self._store.close()
        else:
            self._core.stop()
