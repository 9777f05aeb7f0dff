"""FastMCP with the guard as its middleware: a real server, and a real client of the SDK."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import fastmcp
import pytest
from fastmcp import Client, FastMCP
from fastmcp.exceptions import ToolError
from mcp.shared.exceptions import MCPError

from agpc.guard import Task
from agpc.guard.middleware.fastmcp import GuardMiddleware

from ..enforcing.desk import LEAD, Desk, desk
from .bound import BOUND, OTHERWISE


def shop(found: Desk, **more: Any) -> tuple[FastMCP, list[Any]]:
    """A shop that knows no policy."""
    done: list[Any] = []
    mcp = FastMCP("shop")

    @mcp.tool
    async def lookup(order: str, deep: bool | None = None) -> dict[str, Any]:
        done.append(("lookup", order))
        return {"total": 5, "customer": "joe@mail.example"}

    @mcp.tool
    async def refund(order: str, amount: float) -> str:
        done.append(("refund", order, amount))
        return "done"

    @mcp.tool(name="write-note")
    async def note(text: str) -> str:
        done.append(("note", text))
        if text == "hang":
            await asyncio.Event().wait()
        if text == "fail":
            raise ValueError("the ink is empty")
        return "written"

    @mcp.tool
    async def cancel(order: str, whole: bool) -> str:
        done.append(("cancel", order))
        return "cancelled"

    @mcp.tool
    async def wipe() -> str:
        done.append(("wipe",))
        return "wiped"

    @mcp.resource("notes://desk/public")
    def public() -> str:
        return "Open at nine."

    @mcp.resource("notes://desk/private")
    def private() -> str:
        done.append(("private",))
        return "The safe is 1234."

    @mcp.resource("other://place")
    def other() -> str:
        done.append(("other",))
        return "elsewhere"

    @mcp.prompt
    def greet() -> str:
        return "Say hello."

    mcp.add_middleware(GuardMiddleware(found, **more))
    return mcp, done


@asynccontextmanager
async def served(
    folder: Path, text: str = BOUND, **more: Any
) -> AsyncIterator[tuple[Desk, Client[Any], list[Any]]]:
    async with desk(folder, text=text) as found:
        mcp, done = shop(found, **more)
        async with Client(mcp) as client:
            yield found, client, done


def test_tools_that_may_be_permitted_are_listed(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (_, client, _done):
            names = {each.name for each in await client.list_tools()}
            # `cancel` takes what the policy does not declare, and `wipe` is none of it
            assert names == {"lookup", "refund", "write-note"}

    asyncio.run(run())


def test_a_call_is_decided_made_and_recorded(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, done):
            result = await client.call_tool("lookup", {"order": "o-7"})
            assert result.structured_content == {"total": 5, "customer": "joe@mail.example"}
            assert done == [("lookup", "o-7")]
            (outcome,) = found.events("outcome")
            assert (outcome["outcome"], outcome["result"]["total"]) == ("done", 5)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("lookup", {"order": "o-8"}),
        ("lookup", {"order": "o-7", "more": 1}),
        ("lookup", {"order": 7}),
        ("write-note", {"text": "the secret"}),
        ("wipe", {}),
        ("nothing", {}),
        ("cancel", {"order": "o-7", "whole": True}),
    ],
)
def test_what_is_not_permitted_is_not_called(
    tmp_path: Path, name: str, arguments: dict[str, Any]
) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, done):
            with pytest.raises(ToolError, match="Nothing ran"):
                await client.call_tool(name, arguments)
            assert done == []
            assert len(found.events("call", "refused")) in (1, 2)
            if name in ("wipe", "nothing", "cancel"):
                assert len(found.events("refused")) == 1

    asyncio.run(run())


def test_a_call_waits_for_people_and_is_made_once_when_it_comes_back(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, done):
            await found.know(LEAD, "role:lead")
            call = {"order": "o-7", "amount": 5}
            with pytest.raises(ToolError, match="Repeat exactly the same call"):
                await client.call_tool("refund", call)
            assert done == []
            await found.judge()
            await client.call_tool("refund", call)
            assert done == [("refund", "o-7", 5)]
            with pytest.raises(ToolError, match="Repeat exactly the same call"):
                await client.call_tool("refund", call)

    asyncio.run(run())


def test_a_part_of_a_result_is_left_out(tmp_path: Path) -> None:
    text = BOUND.replace(
        "allow shop.lookup when args.order == task.order",
        'allow shop.lookup when args.order == task.order oblige redact(fields: "customer, total")',
    )

    async def run() -> None:
        async with served(tmp_path, text) as (found, client, _):
            await client.list_tools()
            result = await client.call_tool("lookup", {"order": "o-7"})
            assert "joe@" not in str(result)
            assert result.structured_content == {
                "total": "[redacted]",
                "customer": "[redacted]",
            }
            (outcome,) = found.events("outcome")
            assert outcome["result"]["customer"] == "joe@mail.example"

    asyncio.run(run())


def test_a_failure_and_a_call_that_is_given_up_are_told(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, done):
            with pytest.raises(ToolError):
                await client.call_tool("write-note", {"text": "fail"})
            hanging = asyncio.ensure_future(client.call_tool("write-note", {"text": "hang"}))
            while ("note", "hang") not in done:
                await asyncio.sleep(0.01)
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging
            while len(found.events("outcome")) < 2:
                await asyncio.sleep(0.01)
            assert [each["outcome"] for each in found.events("outcome")] == ["failed", "failed"]

    asyncio.run(run())


def test_many_calls_at_once_are_each_decided(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, done):
            calls = [client.call_tool("lookup", {"order": f"o-{each}"}) for each in (7, 8) * 10]
            results = await asyncio.gather(*calls, return_exceptions=True)
            assert [isinstance(each, ToolError) for each in results] == [False, True] * 10
            assert done == [("lookup", "o-7")] * 10
            assert len(found.events("outcome")) == 10
            assert found.open_calls() == []

    asyncio.run(run())


def test_resources_are_read_as_the_policy_says(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, done):
            assert {str(each.uri) for each in await client.list_resources()} == {
                "notes://desk/public",
                "notes://desk/private",
            }
            (content,) = await client.read_resource("notes://desk/public")
            assert getattr(content, "text") == "Open at nine."  # noqa: B009
            for uri in ("notes://desk/private", "other://place"):
                with pytest.raises(MCPError):
                    await client.read_resource(uri)
            assert done == []
            assert len(found.events("refused")) == 1

    asyncio.run(run())


def test_what_no_policy_governs_passes_only_where_it_is_said(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, _):
            assert await client.list_prompts() == []
            with pytest.raises(MCPError):
                await client.get_prompt("greet")
            with pytest.raises(MCPError):
                await client.complete(
                    fastmcp.client.client.mcp_types.PromptReference(name="greet"),
                    {"name": "x", "value": ""},
                )
            assert len(found.events("refused")) == 2

    async def passing() -> None:
        async with served(tmp_path, allow=("prompts", "resources")) as (_, client, done):
            assert await client.get_prompt("greet")
            assert await client.read_resource("other://place")
            assert done == [("other",)]
            for uri in (
                OTHERWISE
            ):  # another spelling of what is bound does not pass for something that is not
                with pytest.raises(MCPError):
                    await client.read_resource(uri)
            assert done == [("other",)]

    asyncio.run(run())
    asyncio.run(passing())


def test_a_call_in_no_task_is_not_made(tmp_path: Path) -> None:
    tasks: list[Task | None] = [None]

    async def run() -> None:
        async with served(tmp_path, task=lambda _: tasks[0]) as (found, client, done):
            assert await client.list_tools() == []
            with pytest.raises(ToolError, match="Nothing ran"):
                await client.call_tool("lookup", {"order": "o-7"})
            assert done == []
            tasks[0] = found.task
            await client.call_tool("lookup", {"order": "o-7"})
            assert done == [("lookup", "o-7")]

    asyncio.run(run())


def test_nothing_runs_without_the_store(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, done):
            await asyncio.to_thread(found.enforcement.core.stop)
            with pytest.raises(ToolError, match="Nothing ran"):
                await client.call_tool("lookup", {"order": "o-7"})
            assert done == []

    asyncio.run(run())


def test_a_tool_of_another_version_is_another_tool(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path, text=BOUND) as found:
            mcp, done = FastMCP("shop"), list[str]()

            @mcp.tool(name="lookup", version="1")
            async def old(order: str, path: str = "/etc/passwd") -> dict[str, Any]:
                done.append(path)
                return {"total": 5, "customer": "joe@mail.example"}

            @mcp.tool(name="lookup", version="2")
            async def new(order: str, deep: bool | None = None) -> dict[str, Any]:
                done.append(order)
                return {"total": 5, "customer": "joe@mail.example"}

            mcp.add_middleware(GuardMiddleware(found))
            async with Client(mcp) as client:
                await client.call_tool("lookup", {"order": "o-7"})
                await client.call_tool("lookup", {"order": "o-7"}, version="2")
                with pytest.raises(ToolError, match="not the tool"):
                    await client.call_tool("lookup", {"order": "o-7"}, version="1")
            assert done == ["o-7", "o-7"]

    asyncio.run(run())


def test_an_error_says_nothing_that_a_result_may_not(tmp_path: Path) -> None:
    plain = "allow shop.lookup when args.order == task.order"
    text = BOUND.replace(plain, f'{plain} oblige redact(fields: "customer")')

    async def run() -> None:
        async with desk(tmp_path, text=text) as found:
            mcp = FastMCP("shop")

            @mcp.tool
            async def lookup(order: str, deep: bool | None = None) -> dict[str, Any]:
                raise ToolError("joe@mail.example has no such order")

            mcp.add_middleware(GuardMiddleware(found))
            async with Client(mcp) as client:
                with pytest.raises(ToolError, match="withheld") as raised:
                    await client.call_tool("lookup", {"order": "o-7"})
            assert "joe@" not in str(raised.value)
            assert [each["outcome"] for each in found.events("outcome")] == ["failed"]

    asyncio.run(run())
