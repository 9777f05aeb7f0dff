"""The guard as the client's server: which methods there are, and what each of them does."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mcp_types as types
from mcp.server import NotificationOptions, Server
from mcp.server.models import InitializationOptions
from mcp.server.session import ServerSession
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import x_mcp_header_map
from mcp.shared.message import SessionMessage

from ..enforcing.enforcement import Enforcement, Unavailable
from ..enforcing.governed import Guard
from .asking import Context
from .bound_resources import BoundResources, may_complete
from .calls import Calls
from .catalogue import Catalogue
from .messages import error
from .notes import Notes
from .records import RefusalRecorder
from .resources import REFUSED, Resources, asked, cursor_of
from .server_side.upstream import Faulty, Gone, Upstream, named
from .settings import ServerSettings
from .tasks import NoTask, Tasks

GOVERNED = "about what the policy governs, or what is not passed on"
FRESH = 30_000
"""Milliseconds for which a client may keep a list of tools: calls are decided whenever they are made."""
MOST_CLIENTS = 1_000
INSTRUCTIONS = (
    "Every call is decided by a policy before it is made. A call that is denied was not made: it says why, and repeating it"
    " or reaching the same by another way does not help."
)
_COMPLETE: Mapping[str, Any] = {"resultType": "complete"}
_PRIVATE: Mapping[str, Any] = {**_COMPLETE, "ttlMs": 0, "cacheScope": "private"}
_BESIDE = {
    **dict.fromkeys(("tools/list", "prompts/list", "resources/list"), _PRIVATE),
    **dict.fromkeys(("resources/templates/list", "resources/read"), _PRIVATE),
}
"""What the newest specification wants in an answer, and servers of older ones do not say."""

_NOT_PASSED = {"meta", "input_responses", "request_state"}


@dataclass(frozen=True, slots=True)
class ServingParts:
    """What serves a client."""

    guard: Guard
    tasks: Tasks
    catalogue: Catalogue
    upstream: Upstream
    calls: Calls
    resources: Resources
    records: RefusalRecorder
    settings: ServerSettings
    places: BoundResources
    notes: Notes


class Front(Server[Any]):
    """The server that a client sees."""

    def __init__(self, parts: ServingParts) -> None:
        """Serve what the settings pass on, and tools."""
        self._parts = parts
        passes = parts.settings.passes
        theirs = parts.upstream.capabilities
        server = parts.upstream.server
        self._bus = InMemorySubscriptionBus()
        self._clients: deque[ServerSession] = deque(maxlen=MOST_CLIENTS)
        texts = [INSTRUCTIONS]
        if "prompts" in passes and parts.upstream.instructions:
            texts.append(parts.upstream.instructions)
        super().__init__(
            server.name if server is not None else "server",
            version=server.version if server is not None else "",
            title=server.title if server is not None else None,
            instructions="\n\n".join(texts),
            get_tool_input_schema=parts.catalogue.input_schema,
            on_subscriptions_listen=ListenHandler(self._bus),
        )
        self._add("tools/list", types.PaginatedRequestParams, self._list_tools)
        self._add("tools/call", types.CallToolRequestParams, parts.calls.call)
        self.add_notification_handler(
            "notifications/initialized", types.NotificationParams, self._initialized
        )
        if theirs.resources is not None and ("resources" in passes or bool(parts.places)):
            self._add("resources/list", types.PaginatedRequestParams, parts.resources.list)
            self._add("resources/read", types.ReadResourceRequestParams, parts.resources.read)
        if theirs.resources is not None and "resources" in passes:
            self._pass("resources/templates/list", types.PaginatedRequestParams)
            if theirs.resources.subscribe:
                self._pass("resources/subscribe", types.SubscribeRequestParams, self._is_free)
                self._pass("resources/unsubscribe", types.UnsubscribeRequestParams, self._is_free)
        if theirs.prompts is not None and "prompts" in passes:
            self._pass("prompts/list", types.PaginatedRequestParams)
            self._pass("prompts/get", types.GetPromptRequestParams)
        if theirs.completions is not None and passes & {"prompts", "resources"}:
            self._pass(
                "completion/complete",
                types.CompleteRequestParams,
                lambda given: may_complete(given.ref, passes, parts.places),
            )
        if theirs.logging is not None and "logging" in passes:
            self._pass("logging/setLevel", types.SetLevelRequestParams)

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """Say that lists may change."""
        options = NotificationOptions(True, True, True)
        return super().create_initialization_options(options, experimental_capabilities, extensions)

    @property
    def records(self) -> RefusalRecorder:
        """Where what is refused is recorded."""
        return self._parts.records

    @property
    def enforcement(self) -> Enforcement:
        """What decides."""
        return self._parts.guard.enforcement

    @property
    def upstream(self) -> Upstream:
        """The server."""
        return self._parts.upstream

    async def headers_of(self, name: str) -> frozenset[str]:
        """Give the headers that a call of a tool may repeat its arguments in, without what they all begin with."""
        try:
            await self._parts.catalogue.read()
        except (Gone, Faulty):
            return frozenset()
        schema = self._parts.catalogue.input_schema(name)
        found = {} if schema is None else x_mcp_header_map(dict(schema))
        return frozenset(each.lower() for each in found.values())

    async def answer(self, message: SessionMessage) -> SessionMessage | None:
        """Refuse a request that the guard does not know, and record it; None for one that it does."""
        request = message.message
        if not isinstance(request, types.JSONRPCRequest):
            return None
        if request.method == "initialize" or self.get_request_handler(request.method) is not None:
            return None
        await self._parts.records.unknown(request)
        why = "the guard does not pass on this method"
        return SessionMessage(error(request.id, types.METHOD_NOT_FOUND, why, request.method))

    async def announce(self, notice: types.ServerNotification) -> None:
        """Pass on what the server announces, as far as it is passed on at all."""
        passes = self._parts.settings.passes
        match notice:
            case types.ToolListChangedNotification():
                self._parts.catalogue.outdated()
                await self._bus.publish(ToolsListChanged())
                await self._each(lambda each: each.send_tool_list_changed())
            case types.PromptListChangedNotification() if "prompts" in passes:
                await self._bus.publish(PromptsListChanged())
                await self._each(lambda each: each.send_prompt_list_changed())
            case types.ResourceListChangedNotification() if "resources" in passes or bool(
                self._parts.places
            ):
                await self._bus.publish(ResourcesListChanged())
                await self._each(lambda each: each.send_resource_list_changed())
            case types.ResourceUpdatedNotification(params=params) if (
                "resources" in passes and self._is_free(params)
            ):
                await self._bus.publish(ResourceUpdated(uri=str(params.uri)))
                await self._each(lambda each: each.send_resource_updated(params.uri))
            case types.LoggingMessageNotification() if "logging" in passes:
                await self._each(lambda each: each.send_notification(notice))
            case _:
                pass  # nothing that concerns the client, or nothing that it gets

    async def _each(self, tell: Callable[[ServerSession], Awaitable[None]]) -> None:
        for each in list(self._clients):
            await tell(each)

    async def _initialized(self, ctx: Context, _: types.NotificationParams) -> None:
        self._clients.append(ctx.session)

    async def _list_tools(
        self, ctx: Context, params: types.PaginatedRequestParams
    ) -> dict[str, Any]:
        if params.cursor is not None:
            raise MCPError(types.INVALID_PARAMS, "there is one page alone")
        parts = self._parts
        try:
            source = parts.records.source(ctx)
            task = await parts.tasks.of(source, (ctx.params or {}).get("_meta"))
            possible = await parts.guard.enforcement.possible(task)
            entries = await parts.catalogue.show(task.id)
        except NoTask as error:
            await parts.records.refused(None, str(error), params)
            raise MCPError(types.INVALID_PARAMS, str(error)) from None
        except Unavailable as error:
            raise MCPError(types.INTERNAL_ERROR, str(error)) from None
        except Gone as error:
            raise MCPError(types.INTERNAL_ERROR, f"the server does not answer: {error}") from None
        except Faulty as error:
            raise MCPError(error.code, error.message, error.data) from None
        altered = parts.guard.enforcement.vocabulary.altered
        tools = []
        for each in entries:
            if each.tool.capability in possible and source.may_call(each.tool.capability):
                tool = named(each.listed)
                if each.tool.capability in altered:  # the client would hold the result to it
                    tool.pop("outputSchema", None)
                tools.append(tool)
        return {"tools": tools, "ttlMs": FRESH, "cacheScope": "private"}

    def _add(
        self, method: str, params: Any, handler: Callable[[Context, Any], Awaitable[dict[str, Any]]]
    ) -> None:
        async def whole(ctx: Context, given: Any) -> dict[str, Any]:
            try:
                return {**_BESIDE.get(method, _COMPLETE), **await handler(ctx, given)}
            except MCPError:
                raise
            except Exception as error:  # noqa: BLE001 -- what it says is nobody's business but the operator's
                self._parts.notes.say(f"a fault of the guard in `{method}`: {type(error).__name__}")
                why = "the guard failed: what became of this request is not known"
                raise MCPError(types.INTERNAL_ERROR, why) from None

        self.add_request_handler(method, params, whole)

    def _is_free(self, given: Any) -> bool:
        """Whether what is asked, or told, is of no place that the policy binds: of that it is decided whether it is read."""
        return self._parts.places.is_free(given.uri)

    def _pass(self, method: str, params: Any, may: Callable[[Any], bool] = lambda _: True) -> None:
        """Pass a method on as it is, if it `may` be, without `_meta`, which is for the guard, and answers to what nobody asked."""

        async def handle(_: Context, given: Any) -> dict[str, Any]:
            if not may(given):
                await self._parts.records.refused(None, GOVERNED, given)
                raise MCPError(REFUSED, f"This was not passed on: it is {GOVERNED}.")
            whole: Mapping[str, Any] = given.model_dump(
                by_alias=True, mode="json", exclude_none=True, exclude=_NOT_PASSED
            )
            sent = cursor_of(given) if isinstance(given, types.PaginatedRequestParams) else whole
            return await asked(self._parts.upstream, method, sent)

        self._add(method, params, handle)
