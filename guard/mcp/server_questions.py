"""What a server asks of the client while it works on a call: refused, unless the operator says that it is passed on.

A server can ask the client's model, the person, and what the client has open. No policy governs that, and a person
could take what a server asks for what the guard asks. Where it is passed on, it goes to the client whose call the server
works on, and nowhere if that cannot be told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import mcp_types as types
from mcp.client.session import ClientRequestContext
from pydantic import TypeAdapter, ValidationError

from .asking import Context, Put, can_ask
from .server_side.upstream import Faulty
from .settings import WHY, Passed, ServerSettings

MOST_ROUNDS = 10
_REQUESTS: TypeAdapter[dict[str, types.InputRequest]] = TypeAdapter(dict[str, types.InputRequest])
_NAMES: Mapping[type[Any], Passed] = {
    types.ElicitRequest: "elicitation",
    types.CreateMessageRequest: "sampling",
    types.ListRootsRequest: "roots",
}


class ServerQuestions:
    """Passes on what a server asks, or refuses it."""

    def __init__(self, settings: ServerSettings) -> None:
        """Take what is passed on."""
        self._settings = settings
        self._going_on: list[tuple[Context, Put]] = []

    def may_ask(self) -> bool:
        """Whether anything that a server asks is passed on."""
        return bool(self._settings.passes & {"sampling", "elicitation", "roots"})

    @contextmanager
    def during(self, ctx: Context, put: Put) -> Iterator[None]:
        """Take in that the server works on a call."""
        going = (ctx, put)
        self._going_on.append(going)
        try:
            yield
        finally:
            self._going_on.remove(going)

    async def put(self, _: ClientRequestContext | None, request: types.InputRequest) -> Any:
        """Answer what a server asks by a request of its own, which does not say for which call."""
        if len(self._going_on) != 1:
            return _refusal("it cannot be told for which call the server asks")
        ctx, put = self._going_on[0]
        return await self._passed(request, ctx, put)

    async def answered(
        self,
        send: Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]],
        ctx: Context,
        put: Put,
    ) -> dict[str, Any]:
        """Send a call, and again with what the server wants to know, until it answers. Raises `Faulty`."""
        answer = await send({})
        for _ in range(MOST_ROUNDS):
            if answer.get("resultType") != "input_required":
                return answer
            try:
                requests = _REQUESTS.validate_python(answer.get("inputRequests") or {})
            except ValidationError:
                raise Faulty(types.INTERNAL_ERROR, "what the server asks cannot be read") from None
            responses: dict[str, Any] = {}
            for name, each in requests.items():
                found = await self._passed(each, ctx, put)
                if isinstance(found, types.ErrorData):
                    raise Faulty(found.code, found.message)
                responses[name] = found.model_dump(by_alias=True, mode="json", exclude_none=True)
            more: dict[str, Any] = {"inputResponses": responses} if responses else {}
            if isinstance(answer.get("requestState"), str):
                more["requestState"] = answer["requestState"]
            answer = await send(more)
        raise Faulty(types.INTERNAL_ERROR, "the server asks and asks, and does not answer")

    async def _passed(self, request: types.InputRequest, ctx: Context, put: Put) -> Any:
        name = _NAMES[type(request)]
        if name not in self._settings.passes:
            return _refusal(f"{WHY[name]}: this is refused")
        if not _has(ctx, request):
            return _refusal(f"the client has no {name}")
        found = await put(request)
        return _refusal("the client gave no answer") if found is None else found


def _has(ctx: Context, request: types.InputRequest) -> bool:
    capabilities = ctx.session.client_capabilities
    if capabilities is None:
        return False
    match request:
        case types.ElicitRequest(params=params):
            return can_ask(
                ctx, "url" if isinstance(params, types.ElicitRequestURLParams) else "form"
            )
        case types.CreateMessageRequest():
            return capabilities.sampling is not None
        case types.ListRootsRequest():
            return capabilities.roots is not None


def _refusal(why: str) -> types.ErrorData:
    return types.ErrorData(code=types.INVALID_REQUEST, message=why)
