"""LangChain and LangGraph: `create_agent(…, middleware=[GuardMiddleware(session)])` governs the tools of an agent.

For LangGraph's `ToolNode` alone its two methods are the wrappers: `ToolNode(tools, wrap_tool_call=guard.wrap_tool_call,
awrap_tool_call=guard.awrap_tool_call)`. Put it last of several, nearest to the tools: what others change or repeat is then
decided as it is made.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from ..enforcing.governed import Lost, NotDone, Perform, Result, Withheld
from ..enforcing.results import Returned, text_of, value_of
from ..enforcing.vocabulary import Tool
from .tools import AskerOf, Governing, TaskOf, Tools

try:
    from langchain.agents.middleware import AgentMiddleware
    from langchain_core.messages import ToolMessage
    from langchain_core.tools import BaseTool, StructuredTool
    from langchain_core.tools import Tool as Function
except ImportError as error:
    raise ImportError(
        "this is for LangChain, which is not there: pip install langchain", name=error.name
    ) from None


class GuardMiddleware(AgentMiddleware):
    """Governs the tools of an agent."""

    def __init__(
        self,
        session: Governing,
        *,
        task: TaskOf | None = None,
        asker: AskerOf | None = None,
        resources: Collection[str] = (),
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Take what governs.

        `task` gives the task of a call of LangGraph's runtime, where there are several; `asker` how its person is asked;
        `resources` those of the policy that the agent's tools are of.
        """
        super().__init__()
        self._session = session
        self._tools = Tools(session, task=task, asker=asker, resources=resources, context=context)

    # --- What the model sees --------------------------------------------------------------------------

    async def awrap_model_call(self, request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        """Show the model the tools that may ever be permitted."""
        return await handler(await self._shown(request))

    def wrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        """Show the model the tools that may ever be permitted."""
        return handler(self._run(self._shown(request)))

    async def _shown(self, request: Any) -> Any:
        named = {name: each for each in request.tools if (name := _name_of(each)) is not None}
        listed = await self._tools.listed(request.runtime, set(named))
        return request.override(tools=[each for name, each in named.items() if name in listed])

    # --- Calls ----------------------------------------------------------------------------------------

    async def awrap_tool_call(self, request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        """Call a tool with what was decided, if it is permitted."""

        async def call(decided: dict[str, Any]) -> Any:
            try:
                return await handler(_with(request, decided))
            except asyncio.CancelledError as gone:
                if _has_thread(request.tool):  # it goes on, and nobody hears how it ends
                    raise Lost from gone
                raise

        return await self._governed(request, call)

    def wrap_tool_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        """Call a tool of an agent that runs without a loop: in a thread, in the context of whoever calls."""
        context = contextvars.copy_context()

        async def call(decided: dict[str, Any]) -> Any:
            try:
                return await asyncio.to_thread(context.run, handler, _with(request, decided))
            except (
                asyncio.CancelledError
            ) as gone:  # the thread goes on, and nobody hears how it ends
                raise Lost from gone

        return self._run(self._governed(request, call))

    async def _governed(
        self, request: Any, call: Callable[[dict[str, Any]], Awaitable[Any]]
    ) -> Any:
        def perform(tool: Tool) -> Perform:
            async def made(decided: dict[str, Any]) -> Returned:
                return _returned(await call(decided), tool)

            return made

        name, arguments = request.tool_call["name"], request.tool_call["args"]
        try:
            result = await self._tools.call(request.runtime, name, arguments, perform)
        except (NotDone, Withheld) as error:
            return ToolMessage(
                content=str(error),
                name=name,
                tool_call_id=request.tool_call["id"],
                status="error",
            )
        return _with_hints(result)

    def _run(self, work: Any) -> Any:
        run = getattr(self._session, "run", None)
        if run is None:
            work.close()
            raise TypeError("an agent without a loop needs a session that has one: use `ainvoke`")
        return run(work)


def _with(request: Any, decided: Mapping[str, Any]) -> Any:
    return request.override(tool_call={**request.tool_call, "args": dict(decided)})


def _has_thread(tool: Any) -> bool:
    """Whether LangChain runs a tool in a thread, from within a loop: one that has nothing to wait for."""
    return getattr(tool, "coroutine", None) is None and getattr(type(tool), "_arun", None) in (
        BaseTool._arun,
        Function._arun,
        StructuredTool._arun,
    )


def _name_of(tool: Any) -> str | None:
    """Give the name of a tool; None for one that the model's host runs, which no call of ours goes through."""
    name = getattr(tool, "name", None)
    return name if isinstance(name, str) else None


def _returned(message: Any, tool: Tool) -> Returned:
    """Read what a tool gives: a message's text, as JSON where the policy declares that; of anything else no values."""
    if not isinstance(message, ToolMessage):
        return Returned(message, partial=True)
    if not isinstance(message.content, str):
        return Returned(message, partial=True, failed=message.status == "error")

    def made_of(value: Any) -> ToolMessage:
        return ToolMessage(
            content=text_of(value),
            name=message.name,
            tool_call_id=message.tool_call_id,
            status=message.status,
        )

    value = value_of(message.content, tool)
    return Returned(message, value, message.status == "error", made_of=made_of)


def _with_hints(result: Result) -> Any:
    message = result.given
    if not (result.hints and isinstance(message, ToolMessage) and isinstance(message.content, str)):
        return message
    return message.model_copy(update={"content": "\n\n".join([message.content, *result.hints])})
