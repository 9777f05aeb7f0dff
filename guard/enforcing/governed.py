"""One governed call, from what was asked to what became of it.

INVARIANT: nothing is done that was not permitted and recorded before, and it is done once. What is done is done with
arguments made anew of what was decided. Whatever happens meanwhile, be it that nobody waits for the call any more, what
became of it is told, or it stays listed as a call of which nobody knows.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..obligations.duties import CannotDo, Duties, Duty, Obligation
from ..obligations.known import Audit, RateHint, Redact
from . import denials
from .asking import Asker, Asking
from .denials import Explain
from .enforcement import (
    Answer,
    Asked,
    Enforcement,
    Outcome,
    Question,
    Refused,
    Task,
    Unavailable,
    settled,
)
from .results import NOTHING, RecordedResult, Returned, digest_of, fits, recorded
from .vocabulary import Tool

TRIES = 4
"""How often it is tried to tell what became of a call, before it stays listed without an outcome."""

FIRST_PAUSE = 0.1
"""Seconds before it is tried a second time; each later pause is four times as long."""
_NOT_RECORDED = "what became of it could not be recorded"
_A_PART = "a part of it may not be passed on"
_log = logging.getLogger(__name__)


def own_obligations() -> dict[str, Obligation]:
    """Give the duties that a guard does without any settings."""
    return {"audit": Audit(), "redact": Redact(), "rate_hint": RateHint()}


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator sets of a guard."""

    explain: Explain = "reasons"
    ask: float = 240.0
    """Seconds that the person in front of a client has to answer there."""
    wait: float = 45.0
    """Seconds that a call waits for people elsewhere, before the model is told to repeat it."""
    longest_result: int = 256 * 1024
    """Bytes of a result, as JSON, whose values are recorded."""
    obligations: Mapping[str, Obligation] = field(default_factory=own_obligations)
    """Who does which duty."""


@dataclass(frozen=True, slots=True)
class Result:
    """A call that ran, and what is passed on of it."""

    given: Any
    call: str
    answer: Answer
    hints: tuple[str, ...] = ()
    """Sentences for the agent that go with it."""


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
            asked, tool = self._read(asked)
        except Refused as error:
            what = [asked.type, asked.action, digest_of(dict(asked.arguments))]
            raise await self.refusal(asked.task, str(error), what) from None
        try:
            answer = await self._decide(asked, key)
            if answer.effect == "challenge":
                answer = await self._ask(asked, key, answer, asker)
        except Refused as error:
            raise Denied(denials.malformed(str(error))) from None
        except Unavailable as error:
            raise NotNow(denials.not_now(str(error))) from None
        if answer.effect != "permit" or answer.call is None:
            raise Denied(await self._why_not(asked, tool, answer), answer)
        duties = await self._oblige(asked, tool, answer, answer.call)
        returned = await self._do(asked, answer.call, perform, duties)
        return await self._pass_on(returned, tool, duties, answer, answer.call)

    async def refusal(self, task: Task | None, why: str, what: Any) -> Denied:
        """Record what is refused before it is decided, and give what says so."""
        await self.refused(task, why, what)
        return Denied(denials.malformed(why))

    async def refused(self, task: Task | None, why: str, what: Any) -> None:
        """Record it, as far as the store takes it and also if nobody waits meanwhile: refused it is in any case."""
        id = None if task is None else task.id
        noting = self.enforcement.refuse(id, why, what, new_key())
        try:
            await asyncio.shield(self._go_on(noting))
        except Unavailable as error:
            _log.error("something was refused, and that is not recorded: %s", error)

    async def close(self) -> None:
        """Wait for what is still to be recorded in this loop."""
        here = asyncio.get_running_loop()
        while going_on := [each for each in self._going_on if each.get_loop() is here]:
            await asyncio.wait(going_on)

    # --- Before ---------------------------------------------------------------------------------------

    def _read(self, asked: Asked) -> tuple[Asked, Tool | None]:
        """Give a call as it is decided, and what is called, if the arguments are those of it. Raises `Refused`."""
        asked = asked.settled()
        tool = self.enforcement.vocabulary.tool(asked.type, asked.action)
        mistake = None if tool is None else tool.mistake_in(asked.arguments)
        if mistake is not None:
            raise Refused("malformed", mistake)
        return asked, tool

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
        question, explain = answer.question, self.settings.explain
        if question is None:
            raise Denied(denials.unasked(answer, explain), answer)
        ask, wait = self.settings.ask, self.settings.wait
        asking = Asking(self.enforcement, asked, key, asker, ask=ask, wait=wait)
        answer = await asking.answered(answer, question, lambda: self._decide(asked, key))
        if answer.effect == "challenge":
            question = answer.question or question
            raise Waiting(denials.waiting(question, explain), question, answer)
        return answer

    async def _why_not(self, asked: Asked, tool: Tool | None, answer: Answer) -> str:
        """Tell a model why a call was denied, and what would not be."""
        explain, tools = self.settings.explain, self.enforcement.vocabulary.tools
        possible = None
        if explain != "nothing":
            try:
                found = await self.enforcement.possible(asked.task)
                possible = {tools[each].called for each in found if each in tools}
            except Unavailable:
                _log.info("nobody can say now what may be permitted in the task %s", asked.task.id)
        name = None if tool is None else tool.called
        return denials.denied(answer, explain, tool=name, possible=possible)

    async def _oblige(self, asked: Asked, tool: Tool | None, answer: Answer, call: str) -> Duties:
        """Do what a permit obliges to before the call; where that cannot be, the call is never sent."""
        try:
            each = [_duty(found, call, asked, tool) for found in answer.obligations]
            duties = Duties(self.settings.obligations, each)
            await duties.before()
        except CannotDo as error:
            await self._told(call, "withdrawn")
            raise Denied(denials.undone(str(error), self.settings.explain), answer) from None
        except BaseException:
            self._go_on(self._tell(call, "withdrawn"))
            raise
        return duties

    # --- The call ---------------------------------------------------------------------------------

    async def _do(self, asked: Asked, call: str, perform: Perform, duties: Duties) -> Returned:
        try:
            return await perform(settled(asked.arguments))
        except NotSent as error:
            await self._told(call, "withdrawn")
            raise (error.__cause__ or error) from None
        except Lost as error:
            raise (error.__cause__ or error) from None
        except Exception as error:
            # What it says reaches the agent, as a result would.
            text = str(error)
            said = recorded(Returned(None, text), None, self.settings.longest_result)
            if not await self._told(call, "failed", said):
                raise Withheld(denials.withheld(_NOT_RECORDED)) from None
            if await self._after(duties, text) is not text:
                raise Withheld(denials.withheld(_A_PART)) from None
            raise
        except BaseException:  # nobody waits for it any more
            self._go_on(self._tell(call, "failed"))
            raise

    # --- After ------------------------------------------------------------------------------------

    async def _pass_on(
        self, returned: Returned, tool: Tool | None, duties: Duties, answer: Answer, call: str
    ) -> Result:
        """Record a result, and pass on of it what may be."""
        said = recorded(returned, tool, self.settings.longest_result)
        is_whole = fits(returned, tool)
        if not is_whole:
            said = RecordedResult(digest=digest_of(returned.value))
        outcome: Outcome = "failed" if returned.failed else "done"
        if not await self._told(call, outcome, said):
            raise Withheld(denials.withheld(_NOT_RECORDED))
        if not is_whole:
            raise Withheld(denials.withheld("it is not what the policy declares, and has to be"))
        value = await self._after(duties, returned.value)
        if value is not returned.value:
            changed = returned.with_value(value)
            if changed is None:
                raise Withheld(denials.withheld(_A_PART))
            returned = changed
        return Result(returned.given, call, answer, duties.hints)

    @staticmethod
    async def _after(duties: Duties, value: Any) -> Any:
        try:
            return await duties.after(value)
        except CannotDo as error:
            raise Withheld(denials.withheld(str(error))) from None

    async def _told(self, call: str, outcome: Outcome, said: RecordedResult = NOTHING) -> bool:
        """Tell what became of a call, also if nobody waits meanwhile; give whether it is recorded."""
        try:
            await asyncio.shield(self._go_on(self._tell(call, outcome, said)))
        except Unavailable:
            return False
        return True

    async def _tell(self, call: str, outcome: Outcome, said: RecordedResult = NOTHING) -> None:
        """Tell it, a few times if it has to be: with one key, by which it is told once."""
        pause = FIRST_PAUSE
        for left in reversed(range(TRIES)):
            try:
                return await self.enforcement.tell(
                    call, outcome, f"outcome-{call}", said.result, said.digest
                )
            except Unavailable as error:
                if isinstance(error, Refused) or not left:
                    _log.error("what became of the call %s is not recorded: %s", call, error)
                    raise
            await asyncio.sleep(pause)
            pause *= 4

    def _go_on(self, work: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        """Do something to its end, whoever waits for it."""
        task = asyncio.ensure_future(work)
        self._going_on.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Future[Any]) -> None:
        self._going_on.discard(task)
        take_note(task)


def take_note(work: asyncio.Future[Any]) -> None:
    """Take note of how work ended that perhaps nobody waits for: who does gets it, and to others it is no fault."""
    if not work.cancelled():
        work.exception()


def _duty(found: Mapping[str, Any], call: str, asked: Asked, tool: Tool | None) -> Duty:
    rule, name, properties = found.get("id"), found.get("type"), found.get("properties")
    if type(rule) is not str or type(name) is not str or type(properties) is not dict:
        raise CannotDo("the policy obliges to something that cannot be read")
    return Duty(rule, name, properties, call, asked, tool)


def new_key() -> str:
    """Make a key that nobody used before."""
    return f"g-{secrets.token_urlsafe(18)}"
