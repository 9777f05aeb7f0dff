"""A process that does scripts on a store, and writes down each answer that it has got: it may be killed at any time.

Started again it goes on: what it has an answer to is not asked again, all else is, by the same keys.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agpc.service.core.core import Core
from agpc.service.core.operations.operations import Operation
from agpc.service.core.operations.problem import Problem
from agpc.service.core.turns.state import CoreSettings
from agpc.service.store import Store, StoreError

from . import desk

SETTINGS = CoreSettings(secret=b"k" * 32)
TRIES = 200  # of one operation whose store cannot be used
PAUSE = 0.05  # seconds between them

Script = tuple[str, str]
"""The name of a script, and the order that it is about."""


class Got:
    """The answers that a client has got by their keys, in a file that outlives it."""

    def __init__(self, path: Path) -> None:
        """Read what there is. A line that was cut off was not got."""
        self._file = open(path, "ab+")  # noqa: SIM115 -- open as long as the process
        self._file.seek(0)
        self.answers: dict[str, dict[str, Any]] = {}
        whole = 0
        for line in self._file:
            if line.endswith(b"\n"):
                key, answer = json.loads(line)
                self.answers[key] = answer
                whole += len(line)
        self._file.truncate(whole)

    def add(self, key: str, answer: dict[str, Any]) -> None:
        """Write an answer down, before anybody goes on with it."""
        self._file.write(json.dumps([key, answer]).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.answers[key] = answer


def read_all(folder: Path) -> dict[str, dict[str, Any]]:
    """What all clients have got."""
    return {
        key: answer
        for path in sorted(folder.glob("*.got"))
        for key, answer in Got(path).answers.items()
    }


def killed_at(number: int) -> Callable[[str], None]:
    """A hook that kills the process at the statement of this number, and none if it is 0."""
    count = 0

    def hook(_: str) -> None:
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def work(url: str, path: Path, scripts: Sequence[Script], kill_at: int = 0) -> None:
    """Do scripts at the same time, and write down what was got."""
    asyncio.run(_work(url, Got(path), scripts, killed_at(kill_at)))


async def _work(url: str, got: Got, scripts: Sequence[Script], hook: Callable[[str], None]) -> None:
    with running(await opened(url, hook)) as core:
        await tried(core, desk.adopt())

        async def ask(key: str, make: Callable[[str], Operation]) -> dict[str, Any]:
            if key not in got.answers:
                got.add(key, await tried(core, make(key)))
            return got.answers[key]

        await asyncio.gather(*(desk.script(ask, name, order) for name, order in scripts))


async def opened(url: str, hook: Callable[[str], None]) -> Store:
    """Open a store, again as long as that fails."""
    for _ in range(TRIES):
        try:
            return Store(url, hook=hook)
        except StoreError:
            await asyncio.sleep(PAUSE)
    return Store(url, hook=hook)


async def tried(core: Core, operation: Operation) -> dict[str, Any]:
    """Do an operation, again by the same key as long as the store cannot be used."""
    for _ in range(TRIES):
        try:
            return await core.do(operation)
        except Problem as problem:
            if problem.status != 503:
                return {"problem": problem.status}
        await asyncio.sleep(PAUSE)
    raise TimeoutError(operation.key)


@contextmanager
def running(store: Store) -> Iterator[Core]:
    """A core on a store, which is stopped in the end."""
    core = Core(store, desk.generation(), SETTINGS)
    try:
        yield core
    finally:
        core.stop()
