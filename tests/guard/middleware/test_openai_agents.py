"""The OpenAI Agents SDK with governed tools: a scripted model, real tools."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from agents import (
    Agent,
    Model,
    ModelResponse,
    RunConfig,
    Runner,
    Usage,
    WebSearchTool,
    function_tool,
)
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
)

from agpc.guard.middleware.openai_agents import governed_tools

from ..enforcing.desk import LEAD, POLICY, desk
from .shop import Ran

Call = tuple[str, Any]


class Script(Model):
    """A model that says what it was told to."""

    def __init__(self, *turns: list[Call]) -> None:
        self.turns, self.shown, self.seen = list(turns), list[list[str]](), list[Any]()

    async def get_response(
        self,
        system_instructions: Any,
        input: Any,
        model_settings: Any,
        tools: Any,
        *_: Any,
        **__: Any,
    ) -> ModelResponse:
        self.shown.append([each.name for each in tools])
        self.seen = [each for each in input if isinstance(each, dict)]
        calls = self.turns.pop(0) if self.turns else []
        output: list[Any] = [
            ResponseFunctionToolCall(
                arguments=given if isinstance(given, str) else json.dumps(given),
                call_id=f"{len(self.shown)}-{at}",
                name=name,
                type="function_call",
            )
            for at, (name, given) in enumerate(calls)
        ]
        if not output:
            text = ResponseOutputText(annotations=[], text="Done.", type="output_text")
            output = [
                ResponseOutputMessage(
                    id="m", content=[text], role="assistant", status="completed", type="message"
                )
            ]
        return ModelResponse(output=output, usage=Usage(), response_id=None)

    async def stream_response(self, *_: Any, **__: Any) -> AsyncIterator[Any]:
        raise NotImplementedError
        yield

    def answers(self) -> list[str]:
        return [each["output"] for each in self.seen if each.get("type") == "function_call_output"]


class Shop(Ran):
    def __init__(self) -> None:
        super().__init__()
        done = self.done

        @function_tool
        async def hidden() -> str:
            """Never permitted in this task."""
            done.append(("hidden",))
            return "seen"

        as_note = function_tool(name_override="write-note", failure_error_function=None)

        self.tools = [
            function_tool(self.lookup),
            function_tool(self.refund),
            as_note(self.note),
            hidden,
        ]


DECLARED = POLICY.replace("write action note", "read action hidden()\n    write action note")


async def ran(found: Any, shop: Shop, *turns: list[Call]) -> Script:
    model = Script(*turns)
    agent = Agent(name="helper", model=model, tools=governed_tools(shop.tools, found))
    await Runner.run(agent, "Help.", run_config=RunConfig(tracing_disabled=True))
    return model


def test_calls_are_decided_made_and_recorded(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, text=DECLARED) as found:
            shop = Shop()
            model = await ran(
                found,
                shop,
                [
                    ("lookup", {"order": "o-7", "deep": None}),
                    ("lookup", {"order": "o-8"}),
                    ("lookup", {"order": "o-7", "more": 1}),
                    ("lookup", {"order": 7}),
                    ("lookup", '{"order": "o-8", "order": "o-7"}'),
                    ("lookup", "{"),
                    ("write-note", {"text": "the secret"}),
                ],
            )
            assert set(model.shown[0]) == {"lookup", "refund", "write-note"}
            assert shop.done == [("lookup", "o-7")]
            first, *rest = model.answers()
            assert "joe@mail.example" in first
            assert len(rest) == 6
            assert all("Nothing ran." in each for each in rest)
            (outcome,) = found.events("outcome")
            assert outcome["result"]["total"] == 5
            assert len(found.events("refused")) == 4

    asyncio.run(run())


def test_a_call_waits_for_people_and_is_made_once(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, text=DECLARED) as found:
            await found.know(LEAD, "role:lead")
            shop, call = Shop(), ("refund", {"order": "o-7", "amount": 5})
            (answer,) = (await ran(found, shop, [call])).answers()
            assert "Repeat exactly the same call" in answer
            assert shop.done == []
            await found.judge()
            first, second = (await ran(found, shop, [call], [call])).answers()
            assert first == "done"
            assert "Repeat exactly the same call" in second
            assert shop.done == [("refund", "o-7", 5)]

    asyncio.run(run())


def test_a_part_of_a_result_is_left_out(tmp_path: Path) -> None:
    plain = "allow shop.lookup when args.order == task.order"
    text = DECLARED.replace(plain, f'{plain} oblige redact(fields: "customer")')

    async def run() -> None:
        async with desk(tmp_path, text=text) as found:
            (answer,) = (await ran(found, Shop(), [("lookup", {"order": "o-7"})])).answers()
            assert "joe@" not in answer
            assert "[redacted]" in answer

    asyncio.run(run())


def test_failures_and_calls_that_are_given_up_are_told(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, text=DECLARED) as found:
            shop = Shop()
            with pytest.raises(Exception, match="the ink"):
                await ran(found, shop, [("write-note", {"text": "fail"})])
            hanging = asyncio.ensure_future(ran(found, shop, [("write-note", {"text": "hang"})]))
            while ("note", "hang") not in shop.done:
                await asyncio.sleep(0.01)
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging
            while len(found.events("outcome")) < 2:
                await asyncio.sleep(0.01)
            assert [each["outcome"] for each in found.events("outcome")] == ["failed", "failed"]

    asyncio.run(run())


def test_of_a_call_that_goes_on_in_a_thread_nobody_says_that_it_failed(tmp_path: Path) -> None:
    started, goes_on, done = threading.Event(), threading.Event(), list[str]()

    @function_tool(name_override="write-note")
    def note(text: str) -> str:
        """Write a note."""
        started.set()
        goes_on.wait(30)
        done.append(text)
        return "written"

    async def run() -> None:
        async with desk(tmp_path, text=DECLARED) as found:
            shop = Shop()
            shop.tools = [note]
            hanging = asyncio.ensure_future(ran(found, shop, [("write-note", {"text": "x"})]))
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
        async with desk(tmp_path, text=DECLARED) as found:
            shop = Shop()
            calls: list[Call] = [("lookup", {"order": f"o-{each}"}) for each in (7, 8) * 5]
            answers = (await ran(found, shop, calls)).answers()
            assert ["Nothing ran." in each for each in answers] == [False, True] * 5
            assert len(found.events("outcome")) == 5

    asyncio.run(run())


def test_what_does_not_come_through_here_is_refused(tmp_path: Path) -> None:
    @function_tool
    def unknown() -> str:
        """Nobody knows."""
        return ""

    async def run() -> None:
        async with desk(tmp_path) as found:
            with pytest.raises(TypeError, match="no function tool"):
                governed_tools([WebSearchTool()], found)
            other = Agent(name="other").as_tool("lookup", "Another agent.")
            with pytest.raises(TypeError, match="no function tool"):
                governed_tools([other], found)
            with pytest.raises(TypeError, match="declares no tool `unknown`"):
                governed_tools([unknown], found)

    asyncio.run(run())
