"""Calls that a gateway makes: decided when it asks about the request, told of when it asks about the response.

The two questions have nothing in common that the gateway made. So a call that may be made gets a name that nobody can
guess, which the gateway keeps beside the request and says with the response.

INVARIANT: a name is good once. A call whose response never comes stays in the trail as one of which nobody knows.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..enforcing.denials import not_now, withheld
from ..enforcing.governed import Lost, NotNow, NotSent, Perform, Result, Withheld, take_note
from ..enforcing.results import Returned
from ..enforcing.vocabulary import Tool

MOST_OPEN = 10_000
NO_RESPONSE = "the gateway gave no response that could be read"
Work: TypeAlias = Callable[[Callable[[Tool], Perform]], Awaitable[Result]]
"""Makes a call through a guard, with what performs it."""


@dataclass(slots=True)
class Open:
    """A call that was decided, and waits for its response."""

    work: asyncio.Future[Result]
    answered: asyncio.Future[Returned]
    tool: Tool
    about: tuple[str, ...]
    """The method and the servers, which the response has to be of as well."""


class OpenCalls:
    """The calls that wait for their responses."""

    def __init__(self, answer_within: float, most: int = MOST_OPEN) -> None:
        """Take for how many seconds a response is waited for."""
        self._within, self._most = answer_within, most
        self._open: dict[str, Open] = {}
        self._deciding = 0

    async def begin(self, work: Work, about: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
        """Have a call decided, and give its name with the arguments that were. Raises `NotDone`."""
        if len(self._open) + self._deciding >= self._most:
            raise NotNow(not_now("too many calls wait for their responses"))
        loop = asyncio.get_running_loop()
        decided: asyncio.Future[tuple[Tool, dict[str, Any]]] = loop.create_future()
        answered: asyncio.Future[Returned] = loop.create_future()

        def perform(tool: Tool) -> Perform:
            async def made(arguments: dict[str, Any]) -> Returned:
                decided.set_result((tool, arguments))
                try:
                    return await asyncio.wait_for(answered, self._within)
                except TimeoutError:
                    raise Lost from Withheld(withheld(NO_RESPONSE))

            return made

        going = asyncio.ensure_future(work(perform))
        going.add_done_callback(take_note)
        self._deciding += 1
        try:
            both: tuple[asyncio.Future[Any], ...] = (going, decided)
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:  # the gateway waits no more, and has sent nothing
            if decided.done():
                answered.set_exception(NotSent())
            else:
                going.cancel()
            raise
        finally:
            self._deciding -= 1
        if not decided.done():
            await going  # which raises why it was not
            raise NotNow(not_now("the call was not decided"))
        tool, arguments = decided.result()
        name = secrets.token_urlsafe(24)
        self._open[name] = Open(going, answered, tool, about)
        going.add_done_callback(lambda _: self._open.pop(name, None))
        return name, arguments

    def take(self, name: Any, about: tuple[str, ...]) -> Open | None:
        """Give the call whose response this is, once; None if it is that of none."""
        found = self._open.pop(name, None) if isinstance(name, str) else None
        if found is not None and (found.about != about or found.answered.done()):
            self.lose(found)
            return None
        return found

    @staticmethod
    async def end(call: Open, returned: Returned) -> Result:
        """Record what a call gave back, and give what is passed on. Raises `Withheld`."""
        call.answered.set_result(returned)
        return await asyncio.shield(call.work)

    @staticmethod
    def lose(call: Open) -> None:
        """Let a call stay one of which nobody knows."""
        if not call.answered.done():
            error = Lost()
            error.__cause__ = Withheld(withheld(NO_RESPONSE))
            call.answered.set_exception(error)

    async def close(self) -> None:
        """Wait no more."""
        calls = list(self._open.values())
        for each in calls:
            self.lose(each)
        await asyncio.gather(*(each.work for each in calls), return_exceptions=True)
