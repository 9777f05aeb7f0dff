"""LangChain's agents and LangGraph's tool node with the guard: a scripted model, real tools."""

from __future__ import annotations

import asyncio
import itertools
import threading
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool

from agpc.guard.middleware.langchain import GuardMiddleware

from ..enforcing.desk import LEAD, POLICY, Desk, desk
from .shop import Ran

Call = tuple[str, dict[str, Any]]


class Script(BaseChatModel):
    """A model that says what it was told to."""

    turns: list[list[Call]]
    shown: list[list[str]]

    @property
    def _llm_type(self) -> str:
        return "script"

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        self.shown.append([each.name for each in tools])
        return self

    def _generate(self, messages: Any, *_: Any, **__: Any) -> ChatResult:
        calls = self.turns.pop(0) if self.turns else []
        number = len(messages)
        made = [
            {"name": name, "args": arguments, "id": f"{number}-{at}", "type": "tool_call"}
            for at, (name, arguments) in enumerate(calls)
        ]
        message = AIMessage(content="", tool_calls=made)  # type: ignore[arg-type]
        return ChatResult(generations=[ChatGeneration(message=message)])


class Shop(Ran):
    def __init__(self) -> None:
        super().__init__()
        done = self.done

        @tool
        async def wipe() -> str:
            """Wipe everything."""
            done.append(("wipe",))
            return "wiped"

        self.tools = [tool(self.lookup), tool(self.refund), tool("write-note")(self.note), wipe]


def agent_of(found: Any, shop: Shop, *turns: list[Call]) -> tuple[Any, Script]:
    model = Script(turns=list(turns), shown=[])
    return create_agent(model, tools=shop.tools, middleware=[GuardMiddleware(found)]), model


async def said(agent: Any) -> list[ToolMessage]:
    answer = await agent.ainvoke({"messages": [{"role": "user", "content": "Help."}]})
    return [each for each in answer["messages"] if isinstance(each, ToolMessage)]


def test_calls_are_decided_made_and_recorded(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            shop = Shop()
            calls: list[Call] = [
                ("lookup", {"order": "o-7"}),
                ("lookup", {"order": "o-8"}),
                ("lookup", {"order": "o-7", "more": 1}),
                ("lookup", {"order": 7}),
                ("wipe", {}),
                ("nothing", {}),
            ]
            agent, model = agent_of(found, shop, calls)
            answers = await said(agent)
            assert [each.status for each in answers] == ["success", *["error"] * 5]
            assert all("Nothing ran." in str(each.content) for each in answers[1:])
            assert shop.done == [("lookup", "o-7")]
            assert set(model.shown[0]) == {"lookup", "refund", "write-note"}
            (outcome,) = found.events("outcome")
            assert outcome["result"] == {"total": 5, "customer": "joe@mail.example"}
            assert len(found.events("refused")) == 4

    asyncio.run(run())


def test_a_call_waits_for_people_and_is_made_once(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            await found.know(LEAD, "role:lead")
            shop, call = Shop(), ("refund", {"order": "o-7", "amount": 5})
            (answer,) = await said(agent_of(found, shop, [call])[0])
            assert "Repeat exactly the same call" in str(answer.content)
            assert shop.done == []
            await found.judge()
            answers = await said(agent_of(found, shop, [call], [call])[0])
            assert [each.status for each in answers] == ["success", "error"]
            assert shop.done == [("refund", "o-7", 5)]

    asyncio.run(run())


def test_a_part_of_a_result_is_left_out(tmp_path: Path) -> None:
    plain = "allow shop.lookup when args.order == task.order"
    text = POLICY.replace(plain, f'{plain} oblige redact(fields: "customer")')

    async def run() -> None:
        async with desk(tmp_path, text=text) as found:
            (answer,) = await said(agent_of(found, Shop(), [("lookup", {"order": "o-7"})])[0])
            assert answer.content == '{"total": 5, "customer": "[redacted]"}'
            assert "joe@" not in str(answer)

    asyncio.run(run())


def test_failures_and_calls_that_are_given_up_are_told(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            shop = Shop()
            with pytest.raises(RuntimeError, match="the ink"):
                await said(agent_of(found, shop, [("write-note", {"text": "fail"})])[0])
            agent, _ = agent_of(found, shop, [("write-note", {"text": "hang"})])
            hanging = asyncio.ensure_future(said(agent))
            while ("note", "hang") not in shop.done:
                await asyncio.sleep(0.01)
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging
            await found.guard.close()
            assert [each["outcome"] for each in found.events("outcome")] == ["failed", "failed"]

    asyncio.run(run())


def test_of_a_call_that_goes_on_in_a_thread_nobody_says_that_it_failed(tmp_path: Path) -> None:
    started, goes_on, done = threading.Event(), threading.Event(), list[str]()

    @tool("write-note")
    def note(text: str) -> str:
        """Write a note."""
        started.set()
        goes_on.wait(30)
        done.append(text)
        return "written"

    async def run() -> None:
        async with desk(tmp_path) as found:
            shop = Shop()
            shop.tools = [note]
            agent, _ = agent_of(found, shop, [("write-note", {"text": "x"})])
            hanging = asyncio.ensure_future(said(agent))
            await asyncio.to_thread(started.wait, 30)
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging
            goes_on.set()
            await found.guard.close()
            assert len(found.events("call")) == 2 and found.events("outcome") == []

    asyncio.run(run())
    assert done == ["x"]


def test_calls_at_once_are_each_decided(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            shop = Shop()
            calls: list[Call] = [("lookup", {"order": f"o-{each}"}) for each in (7, 8) * 5]
            answers = await said(agent_of(found, shop, calls)[0])
            assert [each.status for each in answers] == ["success", "error"] * 5
            assert len(found.events("outcome")) == 5

    asyncio.run(run())


class Looping:
    """A session with a loop in another thread, as `agpc.guard` has for programs without one."""

    def __init__(self, found: Desk, loop: asyncio.AbstractEventLoop) -> None:
        self.guard, self.task, self._loop = found.guard, found.task, loop

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def test_an_agent_without_a_loop_is_governed_too(tmp_path: Path) -> None:
    done: list[str] = []

    @tool
    def lookup(order: str) -> dict[str, Any]:
        """Look an order up."""
        done.append(order)
        return {"total": 5, "customer": "joe@mail.example"}

    text = POLICY.replace(", deep?: bool", "")

    async def run() -> None:
        async with desk(tmp_path, text=text) as found:
            session = Looping(found, asyncio.get_running_loop())
            turn: list[Call] = [("lookup", {"order": "o-7"}), ("lookup", {"order": "o-8"})]
            model = Script(turns=[turn], shown=[])
            agent = create_agent(model, tools=[lookup], middleware=[GuardMiddleware(session)])
            question = {"messages": [{"role": "user", "content": "Help."}]}
            answer = await asyncio.to_thread(agent.invoke, question)
            found_ = [each for each in answer["messages"] if isinstance(each, ToolMessage)]
            assert [each.status for each in found_] == ["success", "error"]
            assert done == ["o-7"]
            plain = create_agent(
                Script(turns=[turn], shown=[]), tools=[lookup], middleware=[GuardMiddleware(found)]
            )
            with pytest.raises(TypeError, match="ainvoke"):
                await asyncio.to_thread(plain.invoke, question)
            assert done == ["o-7"]

    asyncio.run(run())


def test_a_tool_node_is_governed_too(tmp_path: Path) -> None:
    from langgraph.graph import END, START, MessagesState, StateGraph
    from langgraph.prebuilt import ToolNode

    async def run() -> None:
        async with desk(tmp_path) as found:
            shop, guard = Shop(), GuardMiddleware(found)
            graph = StateGraph(MessagesState)
            graph.add_node("tools", ToolNode(shop.tools, awrap_tool_call=guard.awrap_tool_call))
            graph.add_edge(START, "tools")
            graph.add_edge("tools", END)
            ids = itertools.count()
            calls = [
                {"name": "lookup", "args": {"order": each}, "id": str(next(ids))}
                for each in ("o-7", "o-8")
            ]
            message = AIMessage(content="", tool_calls=calls)  # type: ignore[arg-type]
            answer = await graph.compile().ainvoke({"messages": [message]})
            answers = [each for each in answer["messages"] if isinstance(each, ToolMessage)]
            assert [each.status for each in answers] == ["success", "error"]
            assert shop.done == [("lookup", "o-7")]

    asyncio.run(run())
