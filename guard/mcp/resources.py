"""Resources: read as calls where the policy binds them, passed on where the operator says so, and refused else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mcp_types as types
from mcp.shared.exceptions import MCPError

from ..enforcing.enforcement import Asked, Enforcement, Task, Unavailable
from ..enforcing.governed import Guard, NotDone, Withheld
from ..enforcing.results import Returned
from .asking import ClientAsker, Context, ask_now
from .bound_resources import BoundResource, BoundResources
from .records import RefusalRecorder
from .results import contents
from .server_side.upstream import Faulty, Gone, Upstream, sending
from .settings import ServerSettings
from .tasks import NOT_LENT, NoTask, Tasks

REFUSED = -32002
"""What servers answer for a resource that they do not have."""


class Resources:
    """Governs `resources/list` and `resources/read`."""

    def __init__(
        self,
        guard: Guard,
        tasks: Tasks,
        places: BoundResources,
        upstream: Upstream,
        records: RefusalRecorder,
        settings: ServerSettings,
    ) -> None:
        """Take the parts."""
        self._guard, self._tasks, self._places = guard, tasks, places
        self._upstream, self._records, self._settings = upstream, records, settings

    @property
    def _enforcement(self) -> Enforcement:
        return self._guard.enforcement

    async def list(self, ctx: Context, params: types.PaginatedRequestParams) -> dict[str, Any]:
        """List what may be read: of what is bound the part that may ever be permitted."""
        answer = await asked(self._upstream, "resources/list", cursor_of(params))
        if "resources" in self._settings.passes and not self._places:
            return answer
        task = await self._task(ctx, params)
        try:
            possible = await self._enforcement.possible(task)
        except Unavailable as error:
            raise MCPError(types.INTERNAL_ERROR, str(error)) from None
        kept, source = [], self._records.source(ctx)
        for each in answer.get("resources") or ():
            place = self._places.find(each["uri"]) if isinstance(each.get("uri"), str) else None
            is_listed = (
                self._passes(each.get("uri"))
                if place is None
                else place.tool.capability in possible and source.may_call(place.tool.capability)
            )
            if is_listed:
                kept.append(each)
        return {**answer, "resources": kept, "cacheScope": "private"}

    async def read(self, ctx: Context, params: types.ReadResourceRequestParams) -> dict[str, Any]:
        """Read one."""
        task = await self._task(ctx, params)
        place = self._places.find(params.uri)
        if place is None:
            if self._passes(params.uri):
                return await asked(self._upstream, "resources/read", {"uri": params.uri})
            await self._records.refused(task, "a resource that the policy does not bind", params)
            raise MCPError(REFUSED, "This resource was not read: the policy binds no such place.")
        if not self._records.source(ctx).may_call(place.tool.capability):
            await self._records.refused(task, NOT_LENT, params)
            raise MCPError(REFUSED, f"This resource was not read: {NOT_LENT}.")
        return await self._governed(ctx, params.uri, task, place)

    def _passes(self, uri: Any) -> bool:
        return "resources" in self._settings.passes and self._places.is_free(uri)

    async def _governed(
        self, ctx: Context, uri: str, task: Task, place: BoundResource
    ) -> dict[str, Any]:
        tool = place.tool
        call = Asked(
            task, tool.type, tool.action, {}, place.id, place.properties, self._settings.context
        )

        async def perform(_: Mapping[str, Any]) -> Returned:
            with sending():
                return contents(await self._upstream.complete("resources/read", {"uri": uri}))

        user = task.user if self._settings.confirms else None
        asker = None
        if ctx.session.can_send_request:  # in the stateless form the page alone is asked

            async def put(request: types.InputRequest) -> Any:
                return await ask_now(ctx, request, self._settings)

            asker = ClientAsker(ctx, user, put)
        try:
            result = await self._guard.call(call, perform, asker)
        except (NotDone, Withheld) as error:
            raise MCPError(REFUSED, str(error)) from None
        except Gone as error:
            raise MCPError(types.INTERNAL_ERROR, f"the server does not answer: {error}") from None
        except Faulty as error:
            raise MCPError(error.code, error.message, error.data) from None
        given: dict[str, Any] = result.given
        return given

    async def _task(self, ctx: Context, params: Any) -> Task:
        try:
            return await self._tasks.of(self._records.source(ctx), (ctx.params or {}).get("_meta"))
        except NoTask as error:
            await self._records.refused(None, str(error), params)
            raise MCPError(types.INVALID_PARAMS, str(error)) from None
        except Unavailable as error:
            raise MCPError(types.INTERNAL_ERROR, str(error)) from None


def cursor_of(params: types.PaginatedRequestParams) -> dict[str, Any]:
    """Give what a list is asked for with."""
    return {} if params.cursor is None else {"cursor": params.cursor}


async def asked(upstream: Upstream, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Pass something on as it is. Raises `MCPError`."""
    try:
        return await upstream.complete(method, params)
    except Gone as error:
        raise MCPError(types.INTERNAL_ERROR, f"the server does not answer: {error}") from None
    except Faulty as error:
        raise MCPError(error.code, error.message, error.data) from None
