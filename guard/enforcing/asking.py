"""What happens with a call that people are asked about: it waits for them, but not for ever."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from ...runtime.values import NANOSECONDS, read_time
from .enforcement import Answer, Asked, Enforcement, Question, Unavailable

FIRST_LOOK = 0.25
LAST_LOOK = 2.0
"""Seconds between two looks at what people have said: they grow from the first to the last."""

_log = logging.getLogger(__name__)

Decide = Callable[[], Awaitable[Answer]]


class Asker(Protocol):
    """How a client can ask the person in front of it. Whatever fails here leaves the question open, and nothing else."""

    @property
    def user(self) -> str | None:
        """Whom the client acts for, as the operator says; None if nobody says so, and then nobody confirms here."""

    async def confirm(self, question: Question, asked: Asked) -> bool | None:
        """Show the call, and give what the person says; None if they say nothing, or the client cannot ask."""

    async def open(self, question: Question, asked: Asked) -> None:
        """Have the person see where the question is answered; give back at once if the client cannot."""


class Asking:
    """One call that people are asked about."""

    def __init__(
        self,
        enforcement: Enforcement,
        asked: Asked,
        key: str,
        asker: Asker | None,
        *,
        ask: float,
        wait: float,
    ) -> None:
        """Take whom to ask: for so many seconds who is in front of the client, and then so many others."""
        self._enforcement, self._asked, self._key = enforcement, asked, key
        self._asker, self._ask, self._wait = asker, ask, wait

    async def answered(self, answer: Answer, question: Question, decide: Decide) -> Answer:
        """Give what is decided once people have said something, or when the time is over."""
        until = time.monotonic() + min(self._ask, _seconds_to(question.expires_at))
        asker, user = self._asker, self._asked.task.user
        if asker is not None:
            may_confirm = question.asks_user and user is not None and asker.user == user
            if may_confirm and await self._confirm(asker, str(user), question, until):
                answer = await decide()
            if answer.effect == "challenge":
                await self._within(asker.open(question, self._asked), until)
        until = time.monotonic() + min(self._wait, _seconds_to(question.expires_at))
        pause = FIRST_LOOK
        while answer.effect == "challenge" and time.monotonic() < until:
            await asyncio.sleep(min(pause, max(0.0, until - time.monotonic())))
            pause = min(LAST_LOOK, pause * 1.5)
            answer = await decide()
        return answer

    async def _confirm(self, asker: Asker, user: str, question: Question, until: float) -> bool:
        """Ask the user, and hand over what they say; tell whether they said anything."""
        said = await self._within(asker.confirm(question, self._asked), until)
        if type(said) is not bool:
            return False
        verdict, key = ("approve" if said else "refuse"), f"confirm-{self._key}"
        try:
            await self._enforcement.confirm(question.id, user, verdict, key)  # type: ignore[arg-type]
        except Unavailable as error:  # then the page is left
            _log.warning("what the user says cannot be handed over: %s", error)
            return False
        return True

    async def _within(self, asking: Awaitable[bool | None], until: float) -> bool | None:
        """Wait for a client, which may fail, hang, or be gone."""
        try:
            return await asyncio.wait_for(asking, max(0.0, until - time.monotonic()))
        except Exception as error:  # noqa: BLE001 -- whatever it is, the question stays open
            _log.info("the client asks nobody (%s)", type(error).__name__)
            return None


def _seconds_to(text: str) -> float:
    at = read_time(text)
    return 0.0 if at is None else (at - time.time_ns()) / NANOSECONDS
