"""What a core of the guard's own needs beside answering: its trail is signed, and questions whose time is over lapse.

A service beside it does the same; whoever comes first has done it for both.
"""

from __future__ import annotations

import asyncio
import logging
import secrets

from ...service.core import SYSTEM, Core, Lapse, Problem, Publish
from ...service.store import StoreError

_log = logging.getLogger(__name__)


class Keeping:
    """Looks after the store of a core, from now on and once more at the end."""

    def __init__(self, core: Core, every: float) -> None:
        """Begin: look after it every so many seconds."""
        self._core, self._every = core, every
        self._signed = 0
        self._task = asyncio.get_running_loop().create_task(self._regularly(), name="agpc-keeping")

    async def end(self) -> None:
        """Look after it for the last time."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._once()

    async def _regularly(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self._once()

    async def _once(self) -> None:
        try:
            if await asyncio.to_thread(self._size) == self._signed:
                return
            await self._core.do(Lapse(caller=SYSTEM, key=_key("lapse")))
            answer = await self._core.do(Publish(caller=SYSTEM, key=_key("publish")))
            self._signed = answer["size"]
        except (Problem, StoreError) as error:
            _log.warning("the trail could not be signed: %s", error)

    def _size(self) -> int:
        with self._core.view() as view:
            return view.head.seq


def _key(what: str) -> str:
    return f"{what}-{secrets.token_hex(16)}"
