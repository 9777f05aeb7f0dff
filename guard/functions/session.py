"""A task with a guard, for programs whose tools are their own functions: begun in one line, and ended with it."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

from ...service.config.read import ConfigError, read_settings
from ..enforcing.embedded import Embedded
from ..enforcing.enforcement import CannotEnforce, Enforcement, NotStarted, Task, Unavailable
from ..enforcing.governed import Guard, Settings, new_key
from ..enforcing.remote import Remote
from ..enforcing.settings import SettingsError, settings_of
from ..obligations.duties import undone

_log = logging.getLogger(__name__)

PathLike: TypeAlias = "str | os.PathLike[str]"
T = TypeVar("T")


class Session:
    """A task that an agent works on, and the guard of its calls. It ends with the block that it is opened for.

    Its core is its own, in a store beside `agpc serve` or without one; with `service` it is that of a service, whose key
    stands in `AGPC_API_KEY` or in a file.
    """

    def __init__(
        self,
        policies: PathLike | Sequence[PathLike],
        *,
        agent: str,
        intent: str,
        fields: Mapping[str, Any] | None = None,
        user: str | None = None,
        said: str | None = None,
        store: str | None = None,
        config: PathLike | None = None,
        service: str | None = None,
        key_file: PathLike | None = None,
    ) -> None:
        """Begin: start the task. Raises `CannotEnforce`, and `NotStarted` where the policy does not let it start.

        `store` is a URL like `sqlite:///agpc.db`, `config` the file `service.toml`.
        """
        paths = [policies] if isinstance(policies, str | os.PathLike) else list(policies)
        self._loop = _Loop()
        self._enforcement: Enforcement | None = None
        try:
            self.guard = self._loop.run(self._begin(paths, store, config, service, key_file))
            enforcement, given = self.guard.enforcement, dict(fields or {})
            starting = enforcement.start(agent, intent, given, user=user, said=said, key=new_key())
            try:
                self.task: Task = self._loop.run(starting)
            except NotStarted as error:
                mistake = enforcement.vocabulary.mistake_in_start(agent, intent, given)
                raise NotStarted(error.answer, mistake) from None
        except BaseException:
            self._stop()
            raise

    async def _begin(
        self,
        policies: Sequence[PathLike],
        store: str | None,
        config: PathLike | None,
        service: str | None,
        key_file: PathLike | None,
    ) -> Guard:
        flags = {"policies": [os.path.abspath(each) for each in policies], "store": store}
        try:
            loaded = read_settings(None if config is None else Path(config), flags)
            settings: Settings = settings_of(loaded)
        except ConfigError as error:
            raise CannotEnforce("\n".join(error.problems)) from None
        except SettingsError as error:
            raise CannotEnforce(str(error)) from None
        if service is None:
            self._enforcement = await Embedded.begin(loaded)
        else:
            self._enforcement = await Remote.begin(policies, service, key_file=key_file)
        for each in undone(settings.obligations, self._enforcement.vocabulary.duties):
            _log.warning("%s", each)
        return Guard(self._enforcement, settings)

    def say(self, text: str) -> None:
        """Hand over what the person said. Raises `Unavailable`."""
        self.run(self.guard.enforcement.say(self.task.id, text, new_key()))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something of the guard's from a thread that has no loop."""
        return self._loop.run(work)

    @property
    def closed_to_calls(self) -> str | None:
        """Why no call can be begun in this thread now; None if one can."""
        return self._loop.closed

    def close(self) -> None:
        """End the task, once what became of its calls is recorded."""
        if self._loop.is_open:
            try:
                self.run(self._end())
            finally:
                self._stop()

    async def _end(self) -> None:
        await self.guard.close()
        enforcement = self.guard.enforcement
        try:
            await enforcement.move(self.task.id, "ended", new_key(), "the session has ended")
        except Unavailable:  # it is ended by hand, or has ended already
            return

    def _stop(self) -> None:
        if self._enforcement is not None:
            self._loop.run(self._enforcement.close())
        self._loop.close()

    def __enter__(self) -> Self:
        """Give the session."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """End the task."""
        self.close()


class _Loop:
    """A loop in a thread of its own, for callers that have none."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="agpc-guard", daemon=True
        )
        self._thread.start()
        self.is_open = True

    @property
    def closed(self) -> str | None:
        """Why nothing can be done in this thread now; None if it can."""
        if not self.is_open:
            return "the session has ended"
        if threading.current_thread() is self._thread:
            return "the guard would wait for itself: call it from another thread"
        return None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something, and wait for it; who gives up waiting has it cancelled."""
        if (why := self.closed) is not None:
            work.close()
            raise Unavailable(why)
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End the thread."""
        if self.is_open:
            self.is_open = False
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
