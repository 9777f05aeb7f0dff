"""Sessions of coding agents: each is a task, and each use of a tool one governed call, from before it to after it.

INVARIANT: a tool runs only if a call was permitted and recorded for this very use of it. The call waits, as a call that is being
made, until the client tells what became of it; what it never tells stays listed as a call of which nobody knows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ...compiler.text.visible import visible
from ...runtime.facts import ABSENT
from ..enforcing import denials
from ..enforcing.enforcement import Asked, NotStarted, Refused, Task, Unavailable, canonical
from ..enforcing.governed import Denied, Guard, Lost, NotDone, Result, Withheld, new_key, take_note
from ..enforcing.results import Returned
from . import answers
from .events import Event
from .tools import PACKAGE, Ungoverned, wanted

MOST_OPEN = 1_000
"""Uses of tools at once; more are refused."""
MOST_SESSIONS = 10_000
MOST_TASKS = 1_000
"""Tasks of one session, each begun after the one before it had ended."""
MOST_SHOWN = 8
LONGEST_SHOWN = 64
_UNGOVERNED = (
    "This call was not made: {why}. Nothing ran. Do not try to reach the same by another way."
)
_OVER = "The task of this session is over: once the person has said something more, another begins."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """Whose sessions they are, what for, and where."""

    agent: str
    intent: str
    root: str
    """The folder that the agent works in, by its one path."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    user: str | None = None
    package: str = PACKAGE
    allows: bool = False
    """Whether a permit also answers what the client would ask its person."""


class _Open:
    """A use of a tool that was permitted, and of which nothing more is known yet."""

    def __init__(self, event: Event) -> None:
        loop = asyncio.get_running_loop()
        self.sent = canonical(event.input)
        self.permitted: asyncio.Future[None] = loop.create_future()
        self.returned: asyncio.Future[Returned] = loop.create_future()
        self.call: asyncio.Task[Result] | None = None

    async def perform(self, arguments: dict[str, Any]) -> Returned:
        """Let the client make the call, and wait for what it says of it, unless nothing that it says counts any more."""
        if not self.returned.done():
            self.permitted.set_result(None)
        return await self.returned

    def lose(self, why: str) -> None:
        """Say that nobody knows what became of it."""
        if not self.returned.done():
            error = Lost(why)
            error.__cause__ = Withheld(denials.withheld(why))
            self.returned.set_exception(error)
            self.returned.exception()  # a call that is denied has nobody wait for it


class Sessions:
    """Answers events."""

    def __init__(self, guard: Guard, plan: Plan) -> None:
        """Take what governs, and whom."""
        self._guard, self._plan = guard, plan
        self._tasks: dict[str, Task] = {}
        self._starting: dict[str, asyncio.Lock] = {}
        self._open: dict[tuple[str, str], _Open] = {}

    async def answer(self, event: Event) -> dict[str, Any]:
        """Answer one event. Whatever goes wrong is a refusal."""
        try:
            match event.kind:
                case "said":
                    return await self._said(event)
                case "before":
                    return await self._before(event)
                case "after":
                    return await self._after(event)
                case "ended":
                    return await self._ended(event)
        except NotStarted as error:
            text = denials.denied(error.answer, self._guard.settings.explain)
        except Refused as error:
            text = denials.malformed(str(error))
        except Unavailable as error:
            text = denials.not_now(str(error))
        if event.kind == "before":
            return answers.denied(text)
        return answers.NOTHING if event.kind == "ended" else answers.blocked(text)

    async def close(self) -> None:
        """Let go of every call of which nothing is known. Tasks stay: their sessions may go on with another process."""
        for each in list(self._open.values()):
            each.lose("the hooks ended before its result came")
        calls = [each.call for each in self._open.values() if each.call is not None]
        if calls:
            await asyncio.wait(calls)
        self._open.clear()

    # --- Tasks ------------------------------------------------------------------------------------

    async def _task(self, event: Event) -> Task:
        """Give the task of a session, which is the same after the hooks were started anew. Raises `NotStarted`.

        INVARIANT: where it is over, be it that it drifted, only words of the person begin another; until then what the agent
        wants is decided in the one that is over, and denied.
        """
        session, is_said = _session(event), event.kind == "said"
        if len(self._starting) >= MOST_SESSIONS and session not in self._starting:
            raise Unavailable("there are too many sessions")
        async with self._starting.setdefault(session, asyncio.Lock()):
            task = self._tasks.get(session)
            if task is None or (is_said and not await self._is_active(task)):
                first_alone = event.kind in ("before", "after")
                task = self._tasks[session] = await self._begun(session, first_alone)
            return task

    async def _begun(self, session: str, first_alone: bool) -> Task:
        """Give the task of a session that is active, or the first that it has had, in whatever state."""
        plan, enforcement = self._plan, self._guard.enforcement
        for number in range(MOST_TASKS):
            task = await enforcement.start(
                plan.agent, plan.intent, plan.fields, user=plan.user, key=f"{session}-{number}"
            )
            if first_alone or await self._is_active(task):
                return task
        raise Unavailable("this session has had too many tasks")

    async def _is_active(self, task: Task) -> bool:
        return (await self._guard.enforcement.task(task.id)).state == "active"

    async def _move(self, session: str, state: Any, why: str) -> None:
        task = self._tasks.get(session)
        if task is not None:
            await self._guard.enforcement.move(task.id, state, new_key(), why)

    # --- Events -----------------------------------------------------------------------------------

    async def _said(self, event: Event) -> dict[str, Any]:
        task = await self._task(event)
        if event.prompt:  # a picture alone has no words
            await self._guard.enforcement.say(task.id, event.prompt, new_key())
        return answers.NOTHING

    async def _before(self, event: Event) -> dict[str, Any]:
        task, key = await self._task(event), (_session(event), event.use)
        if key in self._open:
            return await self._not(task, event, "it was asked about before, under the same id")
        if len(self._open) >= MOST_OPEN:
            return await self._not(task, event, "too many calls are being made")
        try:
            type_, found = wanted(
                event, self._guard.enforcement.vocabulary, self._plan.root, self._plan.package
            )
        except Ungoverned as error:
            if error.unknown:  # the model is not told, and the record has a digest alone: the operator has to see it
                _log.warning("%s: %s", error, ", ".join(map(_shown, error.unknown[:MOST_SHOWN])))
            return await self._not(task, event, str(error))
        asked = Asked(task, type_, found.action, found.arguments, properties=found.properties)
        opened = self._open[key] = _Open(event)
        call = opened.call = asyncio.ensure_future(self._guard.call(asked, opened.perform))
        call.add_done_callback(take_note)
        try:
            both: set[asyncio.Future[Any]] = {call, opened.permitted}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        except (
            asyncio.CancelledError
        ):  # nobody waits for the answer: whether the client goes on is not known
            opened.lose("nobody waited for the decision")
            call.add_done_callback(lambda _: self._open.pop(key, None))
            raise
        if not call.done():
            return answers.permitted(event.client, allows=self._plan.allows)
        self._open.pop(key, None)  # the session may have ended meanwhile
        try:
            call.result()
        except NotDone as error:
            is_over = isinstance(error, Denied) and not await self._is_active(task)
            return answers.denied(f"{error} {_OVER}" if is_over else str(error))
        except Exception as error:  # noqa: BLE001 -- whatever it is, nothing runs
            _log.error("a call could not be decided (%s)", type(error).__name__)
        return answers.denied(denials.not_now("it could not be decided"))

    async def _not(self, task: Task, event: Event, why: str) -> dict[str, Any]:
        """Refuse what is no call of the policy, and have that recorded."""
        await self._guard.enforcement.refuse(
            task.id,
            f"a use of a tool: {why}",
            {"tool": event.tool, "input": event.input},
            new_key(),
        )
        return answers.denied(_UNGOVERNED.format(why=why))

    async def _after(self, event: Event) -> dict[str, Any]:
        session = _session(event)
        opened = self._open.get((session, event.use))
        if opened is None or opened.call is None or not opened.permitted.done():
            why = "a result of a call that was not decided here"
            if opened is not None:  # it is being decided, and is not permitted any more
                why = "a result of a call that was not decided yet"
                opened.lose(why)
            await self._guard.enforcement.refuse(
                (await self._task(event)).id, why, {"tool": event.tool}, new_key()
            )
            return answers.blocked(denials.withheld(why))
        del self._open[session, event.use]
        if canonical(event.input) != opened.sent:
            why = "what ran is not what was decided: something changed its input"
            opened.lose(why)
            with suppress(Exception):
                await opened.call
            await self._move(session, "drifted", why)
            return answers.blocked(denials.withheld(why))
        value = event.result if event.result is not None else ABSENT
        opened.returned.set_result(Returned(None, value, event.failed))
        try:
            result = await opened.call
        except Withheld as error:
            return answers.blocked(str(error))
        return answers.told(event, " ".join(result.hints)) if result.hints else answers.NOTHING

    async def _ended(self, event: Event) -> dict[str, Any]:
        session = _session(event)
        await self._task(event)
        for key in [each for each in self._open if each[0] == session]:
            opened = self._open.pop(key)
            opened.lose("the session ended before its result came")
            if opened.call is not None:
                await asyncio.wait([opened.call])
        try:
            await self._move(session, "ended", "the session has ended")
        finally:
            self._tasks.pop(session, None)
            self._starting.pop(session, None)
        return answers.NOTHING


def _session(event: Event) -> str:
    """Name a session, whatever characters its id has."""
    return f"{event.client}-{sha256(event.session.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _shown(name: str) -> str:
    """Write a name that nobody has checked."""
    return f"`{visible(name[:LONGEST_SHOWN])}{'…' if len(name) > LONGEST_SHOWN else ''}`"
