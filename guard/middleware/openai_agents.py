"""The OpenAI Agents SDK: `Agent(tools=governed_tools([lookup, refund], session))` governs the function tools of an agent.

The SDK's tool guardrails can refuse a call and nothing more: they cannot change its arguments, and do not learn that it
failed or that nobody waits for it. So the tools themselves are wrapped.
"""

from __future__ import annotations

import asyncio
import copy
import dataclasses
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ...runtime.strict_json import NotJSON, read_request
from ..enforcing.enforcement import Refused, canonical, settled
from ..enforcing.governed import Lost, NotDone, Perform, Withheld
from ..enforcing.results import Returned, text_of, value_of
from ..enforcing.vocabulary import Tool
from .tools import AskerOf, Governing, TaskOf, Tools

try:
    from agents import FunctionTool
except ImportError as error:
    raise ImportError(
        "this is for the OpenAI Agents SDK, which is not there: pip install openai-agents",
        name=error.name,
    ) from None

NOT_READ = "its arguments are no JSON that every reader reads alike"


def governed_tools(
    tools: Iterable[Any],
    session: Governing,
    *,
    task: TaskOf | None = None,
    asker: AskerOf | None = None,
    resources: Collection[str] = (),
    context: Mapping[str, Any] | None = None,
) -> list[Any]:
    """Give tools that are governed; `task` and `asker` get the SDK's `ToolContext`, or the run's where tools are listed.

    Raises `TypeError` for what is no function tool: what OpenAI runs itself, and other agents as tools, do not come through
    here. Servers of MCP go behind `agpc guard`.
    """
    governing = Tools(session, task=task, asker=asker, resources=resources, context=context)
    return [_governed(each, governing) for each in tools]


def _governed(tool: Any, governing: Tools) -> FunctionTool:
    if not isinstance(tool, FunctionTool) or getattr(tool, "_is_agent_tool", False):
        raise TypeError(
            f"{type(tool).__name__} `{getattr(tool, 'name', '')}` is no function tool: no call of it would be decided"
        )
    if tool.name and governing.named(tool.name) is None:
        raise TypeError(f"the policy declares no tool `{tool.name}`, or several")
    inner = tool.on_invoke_tool
    has_thread = getattr(inner, "__agents_sync_function_tool__", False)

    async def invoke(context: Any, given: str) -> Any:
        try:
            arguments = await _read(context, given)

            def perform(declared: Tool) -> Perform:
                async def made(decided: dict[str, Any]) -> Returned:
                    text = canonical(decided).decode()
                    try:
                        given = await inner(_with(context, text), text)
                    except asyncio.CancelledError as gone:
                        if has_thread:  # it goes on, and nobody hears how it ends
                            raise Lost from gone
                        raise
                    return _returned(given, declared)

                return made

            result = await governing.call(context, tool.name, arguments, perform)
        except (NotDone, Withheld) as error:
            return str(error)
        if result.hints and isinstance(result.given, str):
            return "\n\n".join([result.given, *result.hints])
        return result.given

    async def _read(context: Any, given: str) -> Mapping[str, Any]:
        try:
            arguments = read_request(given or "{}")
        except NotJSON:
            arguments = None
        if not isinstance(arguments, dict):
            raise await governing.guard.refusal(await governing.task(context), NOT_READ, given)
        return arguments

    async def is_enabled(context: Any, agent: Any) -> bool:
        own = tool.is_enabled
        if callable(own):
            found = own(context, agent)
            own = await found if not isinstance(found, bool) else found
        return bool(own) and tool.name in await governing.listed(context, [tool.name])

    return dataclasses.replace(tool, on_invoke_tool=invoke, is_enabled=is_enabled)


def _with(context: Any, text: str) -> Any:
    """Give the context of a call with the arguments that were decided, in place of the model's own."""
    changed = copy.copy(context)
    changed.tool_arguments = text
    if getattr(changed, "tool_call", None) is not None:
        changed.tool_call = changed.tool_call.model_copy(update={"arguments": text})
    return changed


def _returned(given: Any, tool: Tool) -> Returned:
    """Read what a tool gives: text, or JSON; of pictures and files no values."""
    if given is None:
        return Returned(given)
    if isinstance(given, str):
        return Returned(given, value_of(given, tool), made_of=text_of)
    try:
        return Returned(given, settled(given), made_of=lambda other: other)
    except Refused:
        return Returned(given, partial=True)
