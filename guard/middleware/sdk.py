"""The SDK's own low-level server: `guard_server(server, session)` governs every handler that it has.

The SDK calls its middleware provisional; this wraps the handlers themselves, which it has a public way to replace.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any, Final, NoReturn

import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError

from ..enforcing.denials import withheld
from ..enforcing.drift import DRIFTED
from ..enforcing.governed import Lost, NotDone, Perform, Withheld
from ..enforcing.results import Returned
from ..enforcing.vocabulary import Tool
from ..mcp.results import contents, hinted, returned, told
from .resources import Resources
from .tools import AskerOf, Governing, Passed, TaskOf, Tools

Context = ServerRequestContext[Any, Any]
PASSES: Final = frozenset({"ping", "server/discover", "logging/setLevel", "subscriptions/listen"})
"""What says nothing that a policy looks at."""
REFUSED = -32002
"""What servers answer for a resource that they do not have."""
MOST_PAGES = 100
_COMPLETE: Final = {"resultType": "complete"}
"""What each result has in the specification of 2026; for a client of an earlier one the SDK leaves it out."""


def guard_server(
    server: Server[Any],
    session: Governing,
    *,
    task: TaskOf | None = None,
    asker: AskerOf | None = None,
    resources: Collection[str] = (),
    allow: Collection[Passed] = (),
    context: Mapping[str, Any] | None = None,
) -> None:
    """Govern a server, once all its handlers are there; the options are those of FastMCP's `GuardMiddleware`.

    `task` and `asker` get the SDK's context. Raises `TypeError` for what is no server of the SDK.
    """
    tools = Tools(session, task=task, asker=asker, resources=resources, context=context)
    _Guarded(server, tools, tuple(resources), frozenset(allow)).put_in_place()


class _Guarded:
    """The handlers of one server, governed."""

    def __init__(
        self,
        server: Server[Any],
        tools: Tools,
        resources: tuple[str, ...],
        allow: frozenset[Passed],
    ) -> None:
        self._server, self._tools = server, tools
        self._resources, self._allow = Resources(tools, resources, allow), allow

    def put_in_place(self) -> None:
        """Replace every handler, and let nobody add another behind our back."""
        handlers = getattr(self._server, "_request_handlers", None)
        if not isinstance(handlers, dict):
            raise TypeError("this is no low-level server of the SDK that is known here")
        governed = {
            "tools/list": self._list_tools,
            "tools/call": self._call_tool,
            "resources/list": self._list_resources,
            "resources/templates/list": self._list_templates,
            "resources/read": self._read,
            "completion/complete": self._complete,
        }
        prompts = {"prompts/list", "prompts/get"}
        self._given = dict(handlers)
        for method, entry in self._given.items():
            if method in governed:
                self._server.add_request_handler(method, entry.params_type, governed[method])
            elif method not in PASSES and not ("prompts" in self._allow and method in prompts):
                self._server.add_request_handler(method, entry.params_type, self._refused)

        def too_late(*_: Any, **__: Any) -> NoReturn:
            raise TypeError("the server is guarded: add its handlers before")

        self._server.add_request_handler = too_late  # type: ignore[method-assign]

    async def _refused(self, ctx: Context, _: Any) -> NoReturn:
        await self._tools.guard.refused(None, "a method that is not passed on", ctx.method)
        raise MCPError(types.METHOD_NOT_FOUND, "this method is not passed on")

    async def _ask(self, method: str, ctx: Context, params: Any) -> dict[str, Any]:
        """Have the server's own handler answer."""
        answer = await self._given[method].handler(dataclasses.replace(ctx, method=method), params)
        if answer is None:
            return {}
        if isinstance(answer, Mapping):
            return dict(answer)
        found: dict[str, Any] = answer.model_dump(by_alias=True, mode="json", exclude_none=True)
        return found

    # --- Tools ----------------------------------------------------------------------------------------

    async def _list_tools(self, ctx: Context, params: Any) -> dict[str, Any]:
        answer = await self._ask("tools/list", ctx, params)
        tools = [each for each in answer.get("tools", ()) if isinstance(each.get("name"), str)]
        listed = await self._tools.listed(ctx, {each["name"] for each in tools})
        kept = [each for each in tools if each["name"] in listed and not self._has_drifted(each)]
        for each in kept:
            if self._tools.is_altered(each["name"]):  # the client would hold the result to it
                each.pop("outputSchema", None)
        return {**answer, "tools": kept}

    async def _call_tool(self, ctx: Context, params: types.CallToolRequestParams) -> dict[str, Any]:
        def perform(tool: Tool) -> Perform:
            async def made(decided: dict[str, Any]) -> Returned:
                asked = params.model_copy(update={"arguments": decided})
                return _returned(await self._ask("tools/call", ctx, asked), tool)

            return made

        try:
            await self._check_drift(ctx, params)
            result = await self._tools.call(ctx, params.name, params.arguments or {}, perform)
        except (NotDone, Withheld) as error:
            return {**told(str(error)), **_COMPLETE}
        given: dict[str, Any] = {**_COMPLETE, **result.given}
        return hinted(given, result.hints) if "content" in given else given

    async def _check_drift(self, ctx: Context, params: types.CallToolRequestParams) -> None:
        if "tools/list" not in self._given or self._tools.named(params.name) is None:
            return
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._ask("tools/list", ctx, types.PaginatedRequestParams(cursor=cursor))
            for each in page.get("tools", ()):
                if each.get("name") == params.name and not self._has_drifted(each):
                    return
            cursor = page.get("nextCursor")
            if cursor is None:
                break
        task = await self._tools.task(ctx)
        what = {"name": params.name, "arguments": params.arguments}
        raise await self._tools.guard.refusal(task, DRIFTED, what)

    def _has_drifted(self, tool: Mapping[str, Any]) -> bool:
        takes = tool.get("inputSchema")
        return self._tools.has_drifted(
            tool["name"],
            tool.get("description"),
            takes if isinstance(takes, dict) else {},
            tool.get("outputSchema"),
        )

    # --- Resources ------------------------------------------------------------------------------------

    async def _list_resources(self, ctx: Context, params: Any) -> dict[str, Any]:
        answer = await self._ask("resources/list", ctx, params)
        found = answer.get("resources", ())
        listed = await self._resources.listed(ctx, (str(each.get("uri")) for each in found))
        return {**answer, "resources": [each for each in found if str(each.get("uri")) in listed]}

    async def _list_templates(self, ctx: Context, params: Any) -> dict[str, Any]:
        answer = await self._ask("resources/templates/list", ctx, params)
        return answer if "resources" in self._allow else {**answer, "resourceTemplates": []}

    async def _read(self, ctx: Context, params: types.ReadResourceRequestParams) -> dict[str, Any]:
        async def reading() -> Returned:
            return contents(await self._ask("resources/read", ctx, params))

        try:
            result = await self._resources.read(ctx, str(params.uri), reading)
        except (NotDone, Withheld) as error:
            raise MCPError(REFUSED, str(error)) from None
        if result is None:
            return await self._ask("resources/read", ctx, params)
        given: dict[str, Any] = result.given
        return given

    async def _complete(self, ctx: Context, params: types.CompleteRequestParams) -> dict[str, Any]:
        if not self._resources.may_complete(params.ref):
            await self._refused(ctx, params)
        return await self._ask("completion/complete", ctx, params)


def _returned(answer: dict[str, Any], tool: Tool) -> Returned:
    """Read an answer. One that asks the client first has no values; one that comes later is lost."""
    if answer.get("resultType") == "input_required":
        return Returned(answer, partial=True)
    if "content" not in answer:
        raise Lost from Withheld(withheld("the tool goes on without the caller"))
    return returned(answer, tool)
