"""Calls of tools: found in the catalogue, decided, sent as they were decided, and recorded with what they gave back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import anyio
import mcp_types as types
from mcp.shared.exceptions import MCPError

from ..enforcing.denials import not_now, withheld
from ..enforcing.enforcement import Asked, Task, Unavailable
from ..enforcing.governed import Guard, Lost, NotDone, NotSent, Withheld
from ..enforcing.results import Returned
from .asking import (
    ClientAsker,
    Context,
    Interrupted,
    NotOfThisCall,
    Put,
    ask_now,
    can_ask,
    is_modern,
)
from .catalogue import Catalogue, Entry, Hidden
from .checking import fits
from .records import RefusalRecorder
from .results import hinted, returned, told
from .server_questions import ServerQuestions
from .server_side.upstream import COMPLETE, Faulty, Gone, Progress, Upstream, sending
from .settings import ServerSettings
from .tasks import NOT_LENT, NoTask, Tasks

NOT_CALLED = "This call was not made: {why}. Nothing ran."


class Calls:
    """Governs `tools/call`."""

    def __init__(
        self,
        guard: Guard,
        tasks: Tasks,
        catalogue: Catalogue,
        upstream: Upstream,
        questions: ServerQuestions,
        interrupted: Interrupted,
        records: RefusalRecorder,
        settings: ServerSettings,
    ) -> None:
        """Take the parts."""
        self._guard, self._tasks, self._catalogue = guard, tasks, catalogue
        self._upstream, self._questions = upstream, questions
        self._interrupted, self._records, self._settings = interrupted, records, settings

    async def call(self, ctx: Context, params: types.CallToolRequestParams) -> dict[str, Any]:
        """Answer one call. What keeps it from being made is told to the model as a result that says so."""
        try:
            task = await self._tasks.of(self._records.source(ctx), (ctx.params or {}).get("_meta"))
            if params.request_state is not None:
                if not is_modern(ctx):
                    raise MCPError(
                        types.INVALID_PARAMS, "`requestState` is not of this specification"
                    )
                return await self._interrupted.resume(
                    ctx,
                    self._fingerprint(ctx, task, params),
                    params.request_state,
                    params.input_responses,
                )
            entry = await self._listed(params.name, task)
            if isinstance(entry, Hidden):
                await self._records.refused(
                    task, f"a tool that cannot be called: {entry.why}", params
                )
                return told(NOT_CALLED.format(why=entry.why))
            if not self._records.source(ctx).may_call(entry.tool.capability):
                await self._records.refused(task, NOT_LENT, params)
                return told(NOT_CALLED.format(why=NOT_LENT))
            return await self._made(ctx, task, entry, params)
        except NotOfThisCall:
            why = "a `requestState` that this call was not given"
            await self._records.refused(task, why, params)
            raise
        except NoTask as error:
            await self._records.refused(None, str(error), params)
            return told(NOT_CALLED.format(why=error))
        except (NotDone, Withheld) as error:
            return told(str(error))
        except Unavailable as error:
            return told(not_now(str(error)))
        except Gone as error:
            return told(
                f"The server does not answer ({error}). What became of this call is not known."
            )
        except Faulty as error:
            raise MCPError(error.code, error.message, error.data) from None

    async def _made(
        self, ctx: Context, task: Task, entry: Entry, params: types.CallToolRequestParams
    ) -> dict[str, Any]:
        arguments = params.arguments or {}

        async def now(request: types.InputRequest) -> Any:
            return await ask_now(ctx, request, self._settings)

        if not is_modern(ctx):
            return await self._governed(ctx, task, entry, arguments, now)
        if not (can_ask(ctx, "form") or can_ask(ctx, "url") or self._questions.may_ask()):
            return await self._governed(ctx, task, entry, arguments, now)

        async def work(put: Put, current: Any) -> dict[str, Any]:
            return await self._governed(ctx, task, entry, arguments, put, current)

        return await self._interrupted.begin(ctx, self._fingerprint(ctx, task, params), work)

    async def _governed(
        self,
        ctx: Context,
        task: Task,
        entry: Entry,
        arguments: dict[str, Any],
        put: Put,
        current: Any = None,
    ) -> dict[str, Any]:
        user = task.user if self._settings.confirms else None
        asked = Asked(
            task,
            entry.tool.type,
            entry.tool.action,
            arguments,
            context=self._settings.context,
        )

        altered = self._guard.enforcement.vocabulary.altered

        async def report(progress: float, total: float | None, message: str | None) -> None:
            now = ctx if current is None else current()
            # Where a result may be altered, what is said of it on the way is not passed on.
            said = None if entry.tool.capability in altered else message
            await now.session.report_progress(progress, total, said)

        wants = "progressToken" in ((ctx.params or {}).get("_meta") or {})

        async def perform(decided: dict[str, Any]) -> Returned:
            with self._questions.during(ctx, put):
                return await self._sent(task, entry, decided, report if wants else None, ctx, put)

        result = await self._guard.call(asked, perform, ClientAsker(ctx, user, put))
        return hinted(result.given, result.hints)

    async def _sent(
        self,
        task: Task,
        entry: Entry,
        decided: Mapping[str, Any],
        progress: Progress | None,
        ctx: Context,
        put: Put,
    ) -> Returned:
        # While a person was asked the server may have put another tool in its place.
        try:
            again = await self._found_again(entry, task)
        except anyio.get_cancelled_exc_class() as gone:
            raise NotSent from gone
        params: dict[str, Any] = {"name": again.name, "arguments": dict(decided)}
        try:
            with sending():
                answer = await self._questions.answered(
                    lambda more: self._upstream.ask("tools/call", {**params, **more}, progress),
                    ctx,
                    put,
                )
        except Faulty as error:  # which reaches the model, and is recorded with what it says
            said = told(error.message)
            return Returned(said, error.message, failed=True, made_of=told)
        if answer.get("resultType", COMPLETE) != COMPLETE:
            why = "the server has not answered, but promises that it will"
            raise Lost from Withheld(withheld(why))
        if answer.get("isError") is not True and not fits(answer, again.listed.output_schema):
            why = "it is not what the server itself declares that the tool gives back"
            raise Lost from Withheld(withheld(why))
        return returned(answer, entry.tool)

    async def _listed(self, name: str, task: Task) -> Entry | Hidden:
        """Give a tool; one of a server that does not list any now cannot be called, which is no call that got lost."""
        try:
            return await self._catalogue.find(name, task.id)
        except (Gone, Faulty) as error:
            return Hidden(name, f"the server does not list its tools ({error})")

    async def _found_again(self, entry: Entry, task: Task) -> Entry:
        again = await self._listed(entry.name, task)
        if isinstance(again, Hidden) or again.definition != entry.definition:
            why = (
                again.why
                if isinstance(again, Hidden)
                else "the server has put another in its place"
            )
            raise NotSent from NotDone(NOT_CALLED.format(why=why))
        return again

    def _fingerprint(self, ctx: Context, task: Task, params: types.CallToolRequestParams) -> bytes:
        """What a call that goes on has to be the same in: who calls, in which task, which tool, with what."""
        caller = self._records.source(ctx).caller
        what = [caller, task.id, params.name, params.arguments or {}]
        return sha256(json.dumps(what, sort_keys=True).encode()).digest()
