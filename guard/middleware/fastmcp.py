"""FastMCP: `mcp.add_middleware(GuardMiddleware(session))` governs whatever a server does, over every transport.

Lists show what may ever be permitted; calls of tools and reads of bound resources are decided; prompts and other resources
pass only where it is said; any other request is refused. Add it last of several, nearest to the tools: what
others change or repeat is then decided as it is made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import mcp_types as types
from mcp.shared.exceptions import MCPError

from ..enforcing.denials import malformed, withheld
from ..enforcing.drift import DRIFTED
from ..enforcing.governed import Lost, NotDone, Perform, Withheld
from ..enforcing.results import Returned, read_of
from ..enforcing.vocabulary import Tool
from ..mcp.results import returned
from .resources import Resources
from .tools import AskerOf, Governing, Passed, TaskOf, Tools

try:
    from fastmcp.exceptions import ResourceError, ToolError
    from fastmcp.prompts.base import Prompt, PromptResult
    from fastmcp.resources.base import Resource, ResourceResult
    from fastmcp.resources.template import ResourceTemplate
    from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
    from fastmcp.tools.base import Tool as FastTool
    from fastmcp.tools.base import ToolResult
    from fastmcp.utilities.versions import VersionSpec
except ImportError as error:
    raise ImportError(
        "this is for FastMCP, which is not there: pip install fastmcp", name=error.name
    ) from None

KNOWN: Final = frozenset(
    {
        "initialize",
        "ping",
        "logging/setLevel",
        "server/discover",
        "subscriptions/listen",
        "prompts/get",
        "prompts/list",
        "resources/list",
        "resources/read",
        "resources/templates/list",
        "tools/call",
        "tools/list",
    }
)
"""What is governed here, or says nothing that a policy looks at."""


class GuardMiddleware(Middleware):
    """Governs a server of FastMCP."""

    def __init__(
        self,
        session: Governing,
        *,
        task: TaskOf | None = None,
        asker: AskerOf | None = None,
        resources: Collection[str] = (),
        allow: Collection[Passed] = (),
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Take what governs.

        `task` gives the task of a call of FastMCP's context, where there are several, as by the caller's token; `asker` how
        its person is asked; `resources` those of the policy that this server has; `allow` what passes although no policy
        governs it.
        """
        self._tools = Tools(session, task=task, asker=asker, resources=resources, context=context)
        self._resources = Resources(self._tools, resources, allow)
        self._allow = frozenset(allow)

    async def on_request(
        self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]
    ) -> Any:
        """Refuse what nobody knows."""
        if context.method not in KNOWN:
            await self._tools.guard.refused(
                None, "a method that is not passed on", str(context.method)
            )
            raise MCPError(types.METHOD_NOT_FOUND, "this method is not passed on")
        return await call_next(context)

    # --- Tools ----------------------------------------------------------------------------------------

    async def on_list_tools(
        self,
        context: MiddlewareContext[types.ListToolsRequest],
        call_next: CallNext[types.ListToolsRequest, Sequence[FastTool]],
    ) -> Sequence[FastTool]:
        """Show what may ever be permitted."""
        tools = await call_next(context)
        names = {each.name for each in tools}
        listed = await self._tools.listed(context.fastmcp_context, names)
        kept = (each for each in tools if each.name in listed and not self._has_drifted(each))
        return [self._described(each) for each in kept]

    def _described(self, tool: FastTool) -> FastTool:
        """Give what the client learns of a tool: not what it gives back if a part of that may be left out."""
        if self._tools.is_altered(tool.name):
            return tool.model_copy(update={"output_schema": None})
        return tool

    async def on_call_tool(
        self,
        context: MiddlewareContext[types.CallToolRequestParams],
        call_next: CallNext[types.CallToolRequestParams, ToolResult],
    ) -> ToolResult:
        """Call a tool with what was decided, if it is permitted."""
        params = context.message

        def perform(tool: Tool) -> Perform:
            async def made(decided: dict[str, Any]) -> Returned:
                message = params.model_copy(update={"arguments": decided})
                result = await call_next(context.copy(message=message))
                return _returned(result, tool)

            return made

        try:
            await self._check_drift(context, params)
            result = await self._tools.call(
                context.fastmcp_context, params.name, params.arguments or {}, perform
            )
        except (NotDone, Withheld) as error:
            return ToolResult(content=str(error), is_error=True)
        given: ToolResult = result.given
        return _with_hints(given, result.hints)

    async def _check_drift(
        self, context: MiddlewareContext[Any], params: types.CallToolRequestParams
    ) -> None:
        if context.fastmcp_context is None or self._tools.named(params.name) is None:
            return
        version = _version_of(params)
        tool = await context.fastmcp_context.fastmcp.get_tool(params.name, version)
        if tool is not None and self._has_drifted(tool):
            task = await self._tools.task(context.fastmcp_context)
            what = {"name": params.name, "arguments": params.arguments}
            raise await self._tools.guard.refusal(task, DRIFTED, what)

    def _has_drifted(self, tool: FastTool) -> bool:
        return self._tools.has_drifted(
            tool.name, tool.description, tool.parameters, tool.output_schema
        )

    # --- Resources and prompts ------------------------------------------------------------------------

    async def on_list_resources(
        self,
        context: MiddlewareContext[types.ListResourcesRequest],
        call_next: CallNext[types.ListResourcesRequest, Sequence[Resource]],
    ) -> Sequence[Resource]:
        """Show what may ever be read."""
        found = await call_next(context)
        uris = (str(each.uri) for each in found)
        listed = await self._resources.listed(context.fastmcp_context, uris)
        return [each for each in found if str(each.uri) in listed]

    async def on_list_resource_templates(
        self,
        context: MiddlewareContext[types.ListResourceTemplatesRequest],
        call_next: CallNext[types.ListResourceTemplatesRequest, Sequence[ResourceTemplate]],
    ) -> Sequence[ResourceTemplate]:
        """Show templates where resources pass: which place one is of is known only when it is read."""
        found = await call_next(context)
        return found if "resources" in self._allow else []

    async def on_read_resource(
        self,
        context: MiddlewareContext[types.ReadResourceRequestParams],
        call_next: CallNext[types.ReadResourceRequestParams, ResourceResult],
    ) -> ResourceResult:
        """Read what the policy binds, as a call."""
        uri = str(context.message.uri)

        async def reading() -> Returned:
            found = await call_next(context)
            return read_of(found, [each.content for each in found.contents])

        try:
            result = await self._resources.read(context.fastmcp_context, uri, reading)
        except (NotDone, Withheld) as error:
            raise ResourceError(str(error)) from None
        if result is None:
            return await call_next(context)
        given: ResourceResult = result.given
        return given

    async def on_list_prompts(
        self,
        context: MiddlewareContext[types.ListPromptsRequest],
        call_next: CallNext[types.ListPromptsRequest, Sequence[Prompt]],
    ) -> Sequence[Prompt]:
        """Show prompts where they pass."""
        found = await call_next(context)
        return found if "prompts" in self._allow else []

    async def on_get_prompt(
        self,
        context: MiddlewareContext[types.GetPromptRequestParams],
        call_next: CallNext[types.GetPromptRequestParams, PromptResult],
    ) -> PromptResult:
        """Give a prompt where they pass."""
        if "prompts" in self._allow:
            return await call_next(context)
        why = "prompts are not passed on"
        await self._tools.guard.refused(None, why, {"name": context.message.name})
        raise ToolError(malformed(why))


def _version_of(params: types.CallToolRequestParams) -> VersionSpec | None:
    """Give which of several tools of one name is called, as FastMCP reads it: another one may take something else."""
    told = (params.meta or {}).get("fastmcp")
    version = told.get("version") if isinstance(told, Mapping) else None
    if isinstance(version, Mapping):
        return VersionSpec(**version)
    return VersionSpec(eq=version) if isinstance(version, str) and version else None


def _returned(result: Any, tool: Tool) -> Returned:
    """Read a result. One that is none yet, since the tool asks the client first, has no values; one that comes later is lost."""
    if not isinstance(result, ToolResult):
        raise Lost from Withheld(withheld("the tool goes on without the caller"))
    if getattr(result, "input_required", None) is not None:
        return Returned(result, partial=True)
    wire: dict[str, Any] = {
        "content": [each.model_dump(by_alias=True, mode="json") for each in result.content],
        "structuredContent": result.structured_content,
        "isError": result.is_error,
    }
    found = returned(wire, tool)

    def made_of(value: Any) -> ToolResult:
        made = found.made_of and found.made_of(value)
        assert made is not None
        return ToolResult(
            content=[types.TextContent(text=made["content"][0]["text"])],
            structured_content=made.get("structuredContent"),
            is_error=result.is_error,
        )

    return Returned(result, found.value, found.failed, found.partial, made_of)


def _with_hints(result: ToolResult, hints: Sequence[str]) -> ToolResult:
    if not hints:
        return result
    added = [types.TextContent(text=each) for each in hints]
    return result.model_copy(update={"content": [*result.content, *added]})
