"""One governed call, from what was asked to what became of it.

INVARIANT: nothing is done that was not permitted and recorded before, and it is done once. What is done is done with
arguments made anew of what was decided. Whatever happens meanwhile, be it that nobody waits for the call any more, what
became of it is told, or it stays listed as a call of which nobody knows.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from ...runtime.facts import ABSENT
from ...runtime.values import NANOSECONDS, read_time
from . import denials
from .denials import Explain
from .enforcement import (
    Answer,
    Asked,
    Enforcement,
    Outcome,
    Question,
    Refused,
    Unavailable,
    settled,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator sets of a guard."""

    explain: Explain = "reasons"
    wait: float = 20.0
    """Seconds that a call waits for people, before the model is told to repeat it."""
    poll: float = 0.5
    """Seconds between two looks at what people have said."""
    longest_result: int = 1024 * 1024
    """Bytes of a result, as JSON, whose values are recorded."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What a tool gave back: `given` is passed on as it is, `value` is recorded."""

    given: Any
    value: Any = ABSENT
    """The result as JSON: structured content, or text. ABSENT where there is nothing of the kind."""
    failed: bool = False
    """Whether the tool itself said that it failed."""
    made_of: Callable[[Any], Any] | None = None
    """Makes what is passed on of another value, where a part of it may not be; None if that cannot be."""


@dataclass(frozen=True, slots=True)
class Result:
    """A call that ran, and what is passed on of it."""

    given: Any
    call: str
    answer: Answer


Perform: TypeAlias = Callable[[dict[str, Any]], Awaitable[Returned]]


class NotSent(Exception):
    """What `perform` raises where it is sure that the call was never sent; the cause is what its caller gets."""


class Lost(Exception):
    """What `perform` raises where nobody knows what became of the call: it stays listed. The cause is what its caller gets."""


class NotDone(Exception):
    """A call did not run; the message is for a model."""


class Denied(NotDone):
    """The policy denies the call, or it is not one that the policy declares."""

    def __init__(self, text: str, answer: Answer | None = None) -> None:
        """Keep the answer, if any rule was asked."""
        super().__init__(text)
        self.answer = answer


class Waiting(NotDone):
    """The call waits for people."""

    def __init__(self, text: str, question: Question | None, answer: Answer) -> None:
        """Keep what they are asked."""
        super().__init__(text)
        self.question, self.answer = question, answer


class NotNow(NotDone):
    """No decision could be had."""


class Withheld(Exception):
    """A call ran, and its result is not passed on; the message is for a model."""


class Asker(Protocol):
    """How a client can ask the person in front of it."""

    @property
    def user(self) -> str | None:
        """Whom the client acts for, as the operator says; None if nobody says so, and then nobody confirms here."""

    async def confirm(self, question: Question, asked: Asked) -> bool | None:
        """Show the call, and give what the person says; None if they say nothing, or the client cannot ask."""

    async def open(self, question: Question, asked: Asked) -> None:
        """Have the person see where the question is answered; give back at once if the client cannot."""


class Guard:
    """Governs calls by one enforcement."""

    def __init__(self, enforcement: Enforcement, settings: Settings | None = None) -> None:
        """Take what decides, and what the operator has set."""
        self.enforcement = enforcement
        self.settings = settings or Settings()
        self._going_on: set[asyncio.Future[Any]] = set()

    async def call(self, asked: Asked, perform: Perform, asker: Asker | None = None) -> Result:
        """Decide a call, do it once if it is permitted, and record what became of it.

        Raises `NotDone` where nothing ran, `Withheld` where it ran and the result is not passed on, and what `perform` raises.
        """
        key = new_key()
        try:
            asked = asked.settled()
            self._check(asked)
            answer = await self._decide(asked, key)
            if answer.effect == "challenge":
                answer = await self._ask(asked, key, answer, asker)
        except Refused as error:
            raise Denied(denials.malformed(str(error))) from None
        except Unavailable as error:
            raise NotNow(denials.not_now(str(error))) from None
        if answer.effect != "permit" or answer.call is None:
            raise Denied(denials.denied(answer, self.settings.explain), answer)
        return await self._do(asked, answer, answer.call, perform)

    async def close(self) -> None:
        """Wait for what is still to be recorded."""
        while self._going_on:
            await asyncio.wait(list(self._going_on))

    # --- Before ---------------------------------------------------------------------------------------

    def _check(self, asked: Asked) -> None:
        tool = self.enforcement.vocabulary.tool(asked.type, asked.action)
        mistake = None if tool is None else tool.mistake_in(asked.arguments)
        if mistake is not None:
            raise Refused("malformed", mistake)

    async def _decide(self, asked: Asked, key: str) -> Answer:
        """Decide; a call that is permitted after nobody waits for it any more is never sent, and that is recorded."""
        deciding = asyncio.ensure_future(self.enforcement.decide(asked, key))
        try:
            return await asyncio.shield(deciding)
        except asyncio.CancelledError:
            self._go_on(self._withdraw(deciding))
            raise

    async def _withdraw(self, deciding: asyncio.Future[Answer]) -> None:
        answer = await deciding
        if answer.effect == "permit" and answer.call is not None:
            await self._tell(answer.call, "withdrawn")

    async def _ask(self, asked: Asked, key: str, answer: Answer, asker: Asker | None) -> Answer:
        """Have people asked, and wait for what they say, but not for ever."""
        question = answer.question
        if question is None:
            raise Waiting(denials.denied(answer, self.settings.explain), None, answer)
        if asker is not None:
            await asker.open(question, asked)
        until = time.monotonic() + min(self.settings.wait, _seconds_to(question.expires_at))
        while answer.effect == "challenge" and time.monotonic() < until:
            await asyncio.sleep(min(self.settings.poll, max(0.0, until - time.monotonic())))
            answer = await self._decide(asked, key)
        if answer.effect == "challenge":
            text = denials.waiting(question, self.settings.explain)
            raise Waiting(text, answer.question or question, answer)
        return answer

    # --- The call ---------------------------------------------------------------------------------------

    async def _do(self, asked: Asked, answer: Answer, call: str, perform: Perform) -> Result:
        try:
            returned = await perform(settled(asked.arguments))
        except NotSent as error:
            await self._told(call, "withdrawn")
            raise (error.__cause__ or error) from None
        except Lost as error:
            raise (error.__cause__ or error) from None
        except asyncio.CancelledError:
            self._go_on(self._tell(call, "failed"))
            raise
        except BaseException:
            await self._told(call, "failed")
            raise
        outcome: Outcome = "failed" if returned.failed else "done"
        if not await self._told(call, outcome, returned.value):
            raise Withheld(denials.withheld("what became of the call could not be recorded"))
        return Result(returned.given, call, answer)

    # --- After ----------------------------------------------------------------------------------------

    async def _told(self, call: str, outcome: Outcome, result: Any = ABSENT) -> bool:
        """Tell what became of a call, also if nobody waits meanwhile; give whether it is recorded."""
        try:
            await asyncio.shield(self._go_on(self._tell(call, outcome, result)))
        except Unavailable:
            return False
        return True

    async def _tell(self, call: str, outcome: Outcome, result: Any = ABSENT) -> None:
        await self.enforcement.tell(call, outcome, f"outcome-{call}", result)

    def _go_on(self, work: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        """Do something to its end, whoever waits for it."""
        task = asyncio.ensure_future(work)
        self._going_on.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Future[Any]) -> None:
        self._going_on.discard(task)
        if not task.cancelled():
            task.exception()  # which who waits for it gets; nobody else can do anything about it


def new_key() -> str:
    """Make a key that nobody used before."""
    return f"g-{secrets.token_urlsafe(18)}"


def _seconds_to(text: str) -> float:
    at = read_time(text)
    return 0.0 if at is None else (at - time.time_ns()) / NANOSECONDS
