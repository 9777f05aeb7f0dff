"""The SDK's low-level server, guarded: with a real client of the SDK."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest
from mcp.client import Client
from mcp.server import Server
from mcp.shared.exceptions import MCPError

from agpc.guard.middleware.sdk import guard_server

from ..enforcing.desk import LEAD, Desk, desk
from .bound import BOUND, OTHERWISE

TEXT = {"type": "string"}
ORDER = {"type": "object", "properties": {"order": TEXT}, "required": ["order"]}
TOOLS = {
    "lookup": {**ORDER, "properties": {"order": TEXT, "deep": {"type": "boolean"}}},
    "refund": {
        "type": "object",
        "properties": {"order": TEXT, "amount": {"type": "number"}},
        "required": ["order", "amount"],
    },
    "write-note": {"type": "object", "properties": {"text": TEXT}, "required": ["text"]},
    "cancel": {"type": "object", "properties": {"order": TEXT, "whole": TEXT}},
    "wipe": {"type": "object", "properties": {}},
}


def shop() -> tuple[Server[Any], list[Any]]:
    done: list[Any] = []

    async def list_tools(_: Any, params: types.PaginatedRequestParams) -> types.ListToolsResult:
        names = list(TOOLS)
        at = 0 if params.cursor is None else 2
        page = names[at : at + 2] if at == 0 else names[at:]
        tools = [types.Tool(name=each, input_schema=TOOLS[each]) for each in page]
        return types.ListToolsResult(tools=tools, next_cursor="2" if at == 0 else None)

    async def call(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        done.append((params.name, params.arguments))
        if (params.arguments or {}).get("text") == "hang":
            await asyncio.Event().wait()
        if params.name == "lookup":
            result = {"total": 5, "customer": "joe@mail.example"}
            return types.CallToolResult(content=[], structured_content=result)
        return types.CallToolResult(content=[types.TextContent(text="done")])

    async def read(_: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        done.append(params.uri)
        content = types.TextResourceContents(uri=params.uri, text="Open at nine.")
        return types.ReadResourceResult(contents=[content])

    async def resources(_: Any, params: Any) -> types.ListResourcesResult:
        uris = ("notes://desk/public", "other://place")
        return types.ListResourcesResult(
            resources=[types.Resource(uri=each, name=each) for each in uris]
        )

    async def prompt(_: Any, params: Any) -> types.GetPromptResult:
        return types.GetPromptResult(messages=[])

    async def complete(_: Any, params: types.CompleteRequestParams) -> types.CompleteResult:
        return types.CompleteResult(completion=types.Completion(values=["private"]))

    server: Server[Any] = Server(
        "shop",
        on_list_tools=list_tools,
        on_call_tool=call,
        on_read_resource=read,
        on_list_resources=resources,
        on_get_prompt=prompt,
        on_completion=complete,
    )
    return server, done


@asynccontextmanager
async def served(
    folder: Path, text: str = BOUND, **more: Any
) -> AsyncIterator[tuple[Desk, Client, list[Any]]]:
    async with desk(folder, text=text) as found:
        server, done = shop()
        guard_server(server, found, **more)
        async with Client(server) as client:
            yield found, client, done


def test_lists_show_what_may_be_permitted(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (_, client, _done):
            first = await client.list_tools()
            second = await client.list_tools(cursor=first.next_cursor)
            names = {each.name for each in (*first.tools, *second.tools)}
            assert names == {"lookup", "refund", "write-note"}
            listed = await client.list_resources()
            assert [each.uri for each in listed.resources] == ["notes://desk/public"]

    asyncio.run(run())


def test_calls_are_decided_made_and_recorded(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, done):
            result = await client.call_tool("lookup", {"order": "o-7"})
            assert result.structured_content == {"total": 5, "customer": "joe@mail.example"}
            for name, arguments in (
                ("lookup", {"order": "o-8"}),
                ("lookup", {"order": "o-7", "more": 1}),
                ("wipe", {}),
                ("nothing", {}),
                ("cancel", {"order": "o-7", "whole": "yes"}),
            ):
                denied = await client.call_tool(name, arguments)
                assert denied.is_error
                assert "Nothing ran." in str(denied.content)
            assert done == [("lookup", {"order": "o-7"})]
            (outcome,) = found.events("outcome")
            assert outcome["result"]["total"] == 5
            assert len(found.events("refused")) == 4

    asyncio.run(run())


def test_a_call_waits_for_people(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, done):
            await found.know(LEAD, "role:lead")
            call = {"order": "o-7", "amount": 5}
            assert (await client.call_tool("refund", call)).is_error
            await found.judge()
            assert not (await client.call_tool("refund", call)).is_error
            assert done == [("refund", call)]

    asyncio.run(run())


def test_a_part_of_a_result_is_left_out(tmp_path: Path) -> None:
    plain = "allow shop.lookup when args.order == task.order"
    text = BOUND.replace(plain, f'{plain} oblige redact(fields: "customer")')

    async def run() -> None:
        async with served(tmp_path, text) as (_, client, _done):
            result = await client.call_tool("lookup", {"order": "o-7"})
            assert "joe@" not in str(result)

    asyncio.run(run())


def test_calls_at_once_and_one_that_is_given_up(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (found, client, done):
            hanging = asyncio.ensure_future(client.call_tool("write-note", {"text": "hang"}))
            while not done:
                await asyncio.sleep(0.01)
            calls = [client.call_tool("lookup", {"order": f"o-{each}"}) for each in (7, 8) * 5]
            results = await asyncio.gather(*calls)
            assert [bool(each.is_error) for each in results] == [False, True] * 5
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging
            while len(found.events("outcome")) < 6:
                await asyncio.sleep(0.01)
            assert found.events("outcome")[-1]["outcome"] == "failed"

    asyncio.run(run())


def test_the_rest_is_governed_or_refused(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path) as (_, client, done):
            assert await client.read_resource("notes://desk/public")
            for uri in ("other://place", "notes://desk/private"):
                with pytest.raises(MCPError):
                    await client.read_resource(uri)
            with pytest.raises(MCPError):
                await client.get_prompt("greet")
            assert done == ["notes://desk/public"]

    asyncio.run(run())


def test_no_handler_is_added_behind_the_guard(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as found:
            server, _ = shop()
            guard_server(server, found)
            with pytest.raises(TypeError, match="is guarded"):
                server.add_request_handler("x/y", types.RequestParams, lambda *_: None)  # type: ignore[arg-type, return-value]

    asyncio.run(run())


def test_the_operator_says_what_the_context_is(tmp_path: Path) -> None:
    plain = "allow shop.lookup when args.order == task.order"
    text = BOUND.replace(plain, f'{plain} and context.region == "eu"').replace(
        "intent answer", "context { region?: string }\nintent answer"
    )

    async def run(denied: bool, **more: Any) -> None:
        folder = tmp_path / str(denied)
        folder.mkdir()
        async with served(folder, text, **more) as (_, client, _done):
            result = await client.call_tool("lookup", {"order": "o-7"})
            assert bool(result.is_error) is denied

    asyncio.run(run(denied=True))
    asyncio.run(run(denied=False, context={"region": "eu"}))


def test_what_is_bound_does_not_pass_for_what_is_not(tmp_path: Path) -> None:
    async def run() -> None:
        async with served(tmp_path, allow=("resources",)) as (_, client, done):
            await client.read_resource("other://place")
            for uri in OTHERWISE:
                with pytest.raises(MCPError, match="Nothing ran"):
                    await client.read_resource(uri)
            assert done == ["other://place"]

    asyncio.run(run())


def test_what_completes_a_bound_place_is_not_told(tmp_path: Path) -> None:
    prompt = types.PromptReference(name="greet")
    bound, free = (
        types.ResourceTemplateReference(uri=each) for each in ("notes://desk/{id}", "other://{id}")
    )

    async def told(*allow: Any) -> list[bool]:
        folder = tmp_path / "-".join(("allow", *allow))
        folder.mkdir()
        found = []
        async with served(folder, allow=allow) as (desk, client, _):
            for each in (prompt, free, bound):
                try:
                    await client.complete(each, {"name": "id", "value": ""})
                    found.append(True)
                except MCPError:
                    found.append(False)
            assert len(desk.events("refused")) == found.count(False)
        return found

    async def run() -> None:
        assert await told() == [False, False, False]
        assert await told("prompts") == [True, False, False]
        assert await told("resources") == [False, True, False]
        assert await told("prompts", "resources") == [True, True, False]

    asyncio.run(run())
