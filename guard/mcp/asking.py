"""How a client can ask the person in front of it, in the words of either specification.

Since 2026 a server cannot ask on its own: it answers the call with what it wants to know, and the client makes the same
call again with the person's answer. Meanwhile the call waits here, known by a name that nobody can guess, that is good
once, for that call alone, and not for long.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import anyio
import mcp_types as types
from anyio.abc import TaskGroup
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from ...compiler.text.visible import visible
from ..enforcing.enforcement import Asked, Question, canonical
from .settings import ServerSettings

MOST_WAITING = 1_000
LONGEST = 20_000  # characters of a call that a form shows; of a longer one the page shows all
ANSWER = "answer"
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "confirm": {
            "type": "boolean",
            "title": "Yes, do exactly this",
            "default": False,
        }
    },
    "required": ["confirm"],
}
Context = ServerRequestContext[Any, Any]
Put: TypeAlias = Callable[[types.InputRequest], Awaitable[Any]]
"""Asks the client something, and gives its answer; None if there is none."""


class NotOfThisCall(MCPError):
    """A call goes on with a `requestState` that it was not given: it was changed, used before, or is another call's."""


def is_modern(ctx: Context) -> bool:
    """Whether a request came in the stateless form of the specification."""
    return ctx.protocol_version in MODERN_PROTOCOL_VERSIONS


def can_ask(ctx: Context, mode: str) -> bool:
    """Whether a client says that it can show a form, or open a URL."""
    capabilities = ctx.session.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    if elicitation is None:
        return False
    if mode == "url":
        return elicitation.url is not None
    return (
        elicitation.form is not None or elicitation.url is None
    )  # as it was before there were two


class ClientAsker:
    """Asks the person at a client: what is asked goes through `put`, which gives what the client answers."""

    def __init__(
        self,
        ctx: Context,
        user: str | None,
        put: Put,
    ) -> None:
        """Take whom the client acts for, if the operator says so."""
        self._user, self._put = user, put
        self._form, self._url = can_ask(ctx, "form"), can_ask(ctx, "url")

    @property
    def user(self) -> str | None:
        """Whom the client acts for."""
        return self._user

    async def confirm(self, question: Question, asked: Asked) -> bool | None:
        """Show the call as a form."""
        text = shown(asked)
        if not self._form or self._user is None or len(text) > LONGEST:
            return None
        params = types.ElicitRequestFormParams(message=text, requested_schema=FORM)
        result = await self._put(types.ElicitRequest(params=params))
        if not isinstance(result, types.ElicitResult) or result.action == "cancel":
            return None
        if result.action != "accept":
            return False
        said = (result.content or {}).get("confirm", False)
        return said if type(said) is bool else None  # what is no answer to the form is no refusal

    async def open(self, question: Question, asked: Asked) -> None:
        """Have the page opened. That the client says yes means that it was opened, and nothing else."""
        if self._url:
            params = types.ElicitRequestURLParams(
                message=f"A person has to look at a call of `{visible(asked.action)}` first.",
                url=question.url,
                elicitation_id=question.id,
            )
            await self._put(types.ElicitRequest(params=params))


def shown(asked: Asked) -> str:
    """Write a call so that whoever reads it sees exactly what will be done."""
    lines = [
        f"The agent {asked.task.agent} asks to do this, and the policy asks you first:",
        "",
        f"{asked.type}.{asked.action}",
    ]
    about = {} if asked.resource_id is None else {"id": asked.resource_id}
    for part in (about, asked.properties, asked.arguments):
        lines += [f"  {name}: {_value(value)}" for name, value in sorted(part.items())]
    return "\n".join(map(visible, lines))


def _value(value: Any) -> str:
    return canonical(value).decode()


async def ask_now(ctx: Context, request: types.InputRequest, settings: ServerSettings) -> Any:
    """Ask by a request of the guard's own, as the specifications before 2026 have it; None if there is no answer."""
    try:
        return await ctx.session.send_request(
            request,
            _ANSWERS[type(request)],
            request_read_timeout_seconds=settings.ask_within,
            metadata=ServerMessageMetadata(related_request_id=ctx.request_id),
        )
    except (MCPError, ValidationError, RuntimeError):
        return None


_ANSWERS: Mapping[type[Any], type[Any]] = {
    types.ElicitRequest: types.ElicitResult,
    types.CreateMessageRequest: types.CreateMessageResult,
    types.ListRootsRequest: types.ListRootsResult,
}


@dataclass(slots=True)
class _Going:
    """A call that goes on while its client is asked something."""

    fingerprint: bytes
    ctx: Context
    question: anyio.Event
    asked: Any = None
    answered: anyio.Event | None = None
    answer: Any = None
    result: Any = None
    error: BaseException | None = None
    scope: anyio.CancelScope | None = None


class Interrupted:
    """Calls that go on over several requests, each of which answers what the one before asked."""

    def __init__(self, group: TaskGroup, settings: ServerSettings) -> None:
        """Take the group in which they go on."""
        self._group, self._settings = group, settings
        self._waiting: dict[str, _Going] = {}

    async def begin(
        self,
        ctx: Context,
        fingerprint: bytes,
        work: Callable[[Put, Callable[[], Context]], Awaitable[Any]],
    ) -> dict[str, Any]:
        """Do some work that may ask, until it has a result or a question; it is told for which request it works now."""
        going = _Going(fingerprint, ctx, anyio.Event(), scope=anyio.CancelScope())

        async def run() -> None:
            assert going.scope is not None
            with going.scope:
                try:
                    going.result = await work(
                        lambda asked: self._put(going, asked), lambda: going.ctx
                    )
                except Exception as error:  # noqa: BLE001 -- whoever waits for the call gets it
                    going.error = error
            going.question.set()

        self._group.start_soon(run)
        return await self._next(going)

    async def resume(
        self, ctx: Context, fingerprint: bytes, state: str, responses: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """Go on with a call whose client has answered."""
        going = self._waiting.get(state)
        if going is None or not secrets.compare_digest(going.fingerprint, fingerprint):
            raise NotOfThisCall(
                types.INVALID_PARAMS,
                "this `requestState` is not of this call, was used, or is too old: make the call again without it",
            )
        del self._waiting[state]
        going.ctx = ctx
        going.answer = (responses or {}).get(ANSWER)
        assert going.answered is not None
        going.question = anyio.Event()
        going.answered.set()
        return await self._next(going)

    async def _next(self, going: _Going) -> dict[str, Any]:
        try:
            await going.question.wait()
        except anyio.get_cancelled_exc_class():
            assert going.scope is not None
            going.scope.cancel()
            raise
        if going.error is not None:
            raise going.error
        if going.asked is None:
            if going.result is None:
                raise MCPError(types.INTERNAL_ERROR, "the call was given up")
            return dict(going.result)
        state = secrets.token_urlsafe(32)
        self._waiting[state] = going
        request, going.asked = going.asked, None
        return {
            "resultType": "input_required",
            "inputRequests": {
                ANSWER: request.model_dump(by_alias=True, mode="json", exclude_none=True)
            },
            "requestState": state,
        }

    async def _put(self, going: _Going, asked: types.InputRequest) -> Any:
        """Ask, and wait for the request that brings the answer."""
        if len(self._waiting) >= MOST_WAITING:
            return None
        going.answered, going.answer, going.asked = anyio.Event(), None, asked
        going.question.set()
        try:
            with anyio.move_on_after(self._settings.ask_within):
                await going.answered.wait()
            return going.answer
        finally:
            if not going.answered.is_set():
                self._give_up(going)

    def _give_up(self, going: _Going) -> None:
        """Nobody waits for a call any more: whatever people say of it now, it is not made before it is asked again."""
        for state in [state for state, each in self._waiting.items() if each is going]:
            del self._waiting[state]
        assert going.scope is not None
        going.scope.cancel()
