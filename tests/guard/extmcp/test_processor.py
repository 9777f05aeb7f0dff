"""agentgateway's questions, asked by a client of its published interface."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2

from agpc.guard.extmcp import wire
from agpc.guard.extmcp.processor import ProcessorSettings

from ..enforcing.desk import HELPER, LEAD
from ..middleware.bound import BOUND, OTHERWISE
from .gateway import Gateway, Rejected, gateway, published

RESULT = {"content": [], "structuredContent": {"total": 5, "customer": "joe@mail.example"}}
DONE = {"content": [{"type": "text", "text": "done"}]}
DENIED = 1  # AuthorizationError.PERMISSION_DENIED


def test_the_messages_are_those_that_are_published() -> None:
    theirs = descriptor_pb2.FileDescriptorProto()
    published().DESCRIPTOR.CopyToProto(theirs)
    ours = wire.described()

    def shapes(file: Any) -> dict[str, Any]:
        return {
            message.name: (
                [(f.number, f.name, f.type, f.label, f.type_name) for f in message.field],
                [
                    (f.name, message.oneof_decl[f.oneof_index].name)
                    for f in message.field
                    if f.HasField("oneof_index")
                ],
                [[(v.name, v.number) for v in each.value] for each in message.enum_type],
            )
            for message in file.message_type
        }

    assert shapes(ours) == shapes(theirs)
    (service,) = theirs.service
    assert f"{theirs.package}.{service.name}" == wire.SERVICE


def test_a_call_is_sent_as_it_was_decided_and_recorded(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):
            meta = {
                "progressToken": 1,
                "io.modelcontextprotocol/protocolVersion": "x",
                "agpc/task": "t",
            }
            params = {"name": "lookup", "arguments": {"order": "o-7"}, "_meta": meta}
            sent, kept = await gate.request("tools/call", params)
            assert sent == (
                b'{"_meta":{"io.modelcontextprotocol/protocolVersion":"x","progressToken":1},'
                b'"arguments":{"order":"o-7"},"name":"lookup"}'
            )
            assert len(found.open_calls()) == 1
            assert await gate.response("tools/call", RESULT, kept) == RESULT
            (outcome,) = found.events("outcome")
            assert outcome["result"] == RESULT["structuredContent"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("lookup", {"order": "o-8"}),
        ("lookup", {"order": "o-7", "more": 1}),
        ("lookup", {"order": 7}),
        ("write-note", {"text": "the secret"}),
        ("wipe", {}),
        (7, {}),
        ("lookup", []),
    ],
)
def test_what_is_not_permitted_is_not_sent(tmp_path: Path, name: Any, arguments: Any) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):
            with pytest.raises(Rejected, match="Nothing ran") as caught:
                await gate.request("tools/call", {"name": name, "arguments": arguments})
            assert caught.value.code == DENIED
            assert found.events("outcome") == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("tools/call", b'{"name": "lookup", "name": "refund", "arguments": {}}'),
        ("tools/call", b'{"name": "lookup", "arguments": {"order": "o-8", "order": "o-7"}}'),
        ("tools/call", b"{"),
        ("tools/call", None),
        ("tools/call", {"name": "lookup", "arguments": {"order": "o-7"}, "requestState": "x"}),
        ("tools/call", {"name": "lookup", "arguments": {"order": "o-7"}, "task": {}}),
        ("prompts/get", {"name": "greet"}),
        ("completion/complete", {}),
        ("resources/read", {"uri": "other://place"}),
        ("resources/read", {"uri": "notes://desk/../private"}),
        ("tasks/get", {"taskId": "1"}),
        ("anything", None),
    ],
)
def test_what_cannot_be_decided_is_refused_and_recorded(
    tmp_path: Path, method: str, params: Any
) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):
            with pytest.raises(Rejected, match="Nothing ran"):
                await gate.request(method, params)
            assert len(found.events("refused")) == 1

    asyncio.run(run())


def test_a_call_waits_for_people_and_is_sent_once(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):
            await found.know(LEAD, "role:lead")
            with pytest.raises(Rejected, match="Repeat exactly the same call"):
                await gate.call("refund", DONE, order="o-7", amount=5)
            await found.judge()
            assert await gate.call("refund", DONE, order="o-7", amount=5) == DONE
            with pytest.raises(Rejected, match="Repeat exactly the same call"):
                await gate.call("refund", DONE, order="o-7", amount=5)
            assert len(gate.sent) == 1

    asyncio.run(run())


def test_a_part_of_a_result_is_left_out(tmp_path: Path) -> None:
    plain = "allow shop.lookup when args.order == task.order"
    text = BOUND.replace(plain, f'{plain} oblige redact(fields: "customer")')

    async def run() -> None:
        async with gateway(tmp_path, text) as (_, gate):
            given = await gate.call("lookup", RESULT, order="o-7")
            assert given["structuredContent"] == {"total": 5, "customer": "[redacted]"}
            assert "joe@" not in str(given)

    asyncio.run(run())


async def withheld(gate: Gateway, result: Any, kept: Any, **more: Any) -> None:
    with pytest.raises(Rejected, match="withheld"):
        await gate.response("tools/call", result, kept, **more)


def test_a_response_is_that_of_one_call_or_it_is_withheld(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):
            params = {"name": "lookup", "arguments": {"order": "o-7"}}
            _, kept = await gate.request("tools/call", params)
            await withheld(gate, RESULT, {})
            await withheld(gate, RESULT, {"agpc_call": "made up"})
            assert await gate.response("tools/call", RESULT, kept) == RESULT
            await withheld(gate, RESULT, kept)
            _, kept = await gate.request("tools/call", params)
            await withheld(gate, RESULT, kept, servers=("other",))
            await withheld(gate, RESULT, kept)
            for result in (
                b"{",
                b'{"content": [], "content": []}',
                {"resultType": "input_required"},
            ):
                _, kept = await gate.request("tools/call", params)
                await withheld(gate, result, kept)
            assert len(found.events("outcome")) == 1
            assert len(found.open_calls()) == 4  # of which nobody knows

    asyncio.run(run())


def test_a_call_without_a_response_stays_listed(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(tmp_path, settings=ProcessorSettings(answer_within=0.05)) as (
            found,
            gate,
        ):
            _, kept = await gate.request(
                "tools/call", {"name": "lookup", "arguments": {"order": "o-7"}}
            )
            await asyncio.sleep(0.3)
            await withheld(gate, RESULT, kept)
            assert found.events("outcome") == []
            assert len(found.open_calls()) == 1

    asyncio.run(run())


def test_a_call_that_the_gateway_gives_up_is_withdrawn(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):
            params = {"name": "lookup", "arguments": {"order": "o-7"}}
            for wait in (0.0, 0.001, 0.003, 0.01):
                asking = asyncio.ensure_future(gate.request("tools/call", params))
                await asyncio.sleep(wait)
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
            await asyncio.sleep(0.3)
            outcomes = [each["outcome"] for each in found.events("outcome")]
            assert set(outcomes) <= {"withdrawn"}

    asyncio.run(run())


def test_lists_show_what_may_be_permitted(tmp_path: Path) -> None:
    text = {"type": "string"}

    def tool(name: str, **takes: Any) -> dict[str, Any]:
        schema = {"type": "object", "properties": takes, "required": list(takes)}
        return {"name": name, "inputSchema": schema}

    tools = [
        tool("refund", order=text, amount={"type": "number"}),
        tool("cancel", order=text, whole=text),
        tool("write-note", text=text),
        tool("wipe"),
        "nonsense",
    ]

    async def run() -> None:
        async with gateway(tmp_path) as (_, gate):
            assert await gate.request("tools/list") == (None, {})
            shown = await gate.response("tools/list", {"tools": tools, "nextCursor": "x"}, {})
            assert [each["name"] for each in shown["tools"]] == ["refund", "write-note"]
            assert shown["nextCursor"] == "x"
            with pytest.raises(
                Rejected, match="not the tool"
            ):  # it was seen to take something else
                await gate.call("cancel", DONE, order="o-7")
            several = [{**each, "name": f"shop_{each['name']}"} for each in tools[:1]]  # type: ignore[dict-item, index]
            shown = await gate.response("tools/list", {"tools": several}, {}, ("mail", "shop"))
            assert [each["name"] for each in shown["tools"]] == ["shop_refund"]
            prompts = await gate.response("prompts/list", {"prompts": [{"name": "greet"}]}, {})
            assert prompts == {"prompts": []}
            uris = [{"uri": "notes://desk/public"}, {"uri": "other://place"}]
            shown = await gate.response("resources/list", {"resources": uris}, {})
            assert shown["resources"] == uris[:1]
            with pytest.raises(Rejected, match="withheld"):
                await gate.response("tools/list", b"[]", {})

    asyncio.run(run())


def test_resources_are_read_as_the_policy_says(tmp_path: Path) -> None:
    contents = {"contents": [{"uri": "notes://desk/public", "text": "Open at nine."}]}

    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):
            sent, kept = await gate.request("resources/read", {"uri": "notes://desk/public"})
            assert sent == b'{"uri":"notes://desk/public"}'
            assert await gate.response("resources/read", contents, kept) == contents
            (outcome,) = found.events("outcome")
            assert outcome["result"] == "Open at nine."
            with pytest.raises(Rejected):
                await gate.request("resources/read", {"uri": "notes://desk/private"})
            with pytest.raises(Rejected, match="withheld"):
                await gate.response("resources/read", contents, {})

    asyncio.run(run())


def test_what_is_bound_does_not_pass_for_what_is_not(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(
            tmp_path, settings=ProcessorSettings(allow=frozenset({"resources"}))
        ) as (
            found,
            gate,
        ):
            contents = {"contents": [{"uri": "other://place", "text": "Open at nine."}]}
            other = {"uri": "other://place"}
            sent, kept = await gate.request("resources/read", other)
            assert json.loads(sent or b"") == other
            assert await gate.response("resources/read", contents, kept) == contents
            for uri in OTHERWISE:
                with pytest.raises(Rejected, match="Nothing ran"):
                    await gate.request("resources/read", {"uri": uri})
            _, kept = await gate.request("resources/read", {"uri": "notes://desk/public"})
            with pytest.raises(Rejected, match="withheld"):
                await gate.response("resources/read", contents, {})  # it does not say whose it is
            listed = [{"uri": each} for each in ("other://place", *OTHERWISE[1:])]
            shown = await gate.response("resources/list", {"resources": listed}, {})
            assert shown["resources"] == listed[:1]
            assert found.events("outcome") == []

    asyncio.run(run())


def test_a_server_says_nothing_of_the_tools_of_another(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (_, gate):
            order = {"order": {"type": "string"}}
            good = {
                "name": "cancel",
                "inputSchema": {"type": "object", "properties": order, "required": ["order"]},
            }
            cancel = {"name": "shop_cancel", "inputSchema": {"type": "object"}}
            for tools in ([cancel, good], [good, cancel]):
                shown = await gate.response("tools/list", {"tools": tools}, {}, ("mail", "shop"))
                assert shown["tools"] == []
            with pytest.raises(Rejected, match="not the tool"):
                await gate.call("cancel", DONE, order="o-7")

    asyncio.run(run())


@pytest.mark.parametrize(
    "metadata",
    [{}, {"task": 7}, {"task": "t-unknown"}, {"task": None}, {"agent": HELPER}, {"task": ""}],
)
def test_the_task_is_what_the_gateway_says(tmp_path: Path, metadata: dict[str, Any]) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):
            gate.metadata = metadata
            named = {"order": "o-7"}
            params = {"name": "lookup", "arguments": named, "_meta": {"agpc/task": found.task.id}}
            with pytest.raises(Rejected, match="Nothing ran"):
                await gate.request("tools/call", params)
            with pytest.raises(Rejected):
                await gate.response("tools/list", {"tools": []}, {})
            assert found.events("outcome") == []

    asyncio.run(run())


def test_the_task_is_that_of_who_calls(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(tmp_path, settings=ProcessorSettings(agent="agent")) as (found, gate):
            for agent in (None, 7, "spiffe://acme.example/other"):
                gate.metadata = {"task": found.task.id, "agent": agent}
                with pytest.raises(Rejected, match="Nothing ran"):
                    await gate.call("lookup", RESULT, order="o-7")
            gate.metadata["agent"] = HELPER
            assert await gate.call("lookup", RESULT, order="o-7") == RESULT

    asyncio.run(run())


def test_one_task_may_be_that_of_the_process(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(tmp_path, own=True) as (_, gate):
            gate.metadata = {}
            assert await gate.call("lookup", RESULT, order="o-7") == RESULT
            gate.metadata = {"task": "t-other"}
            with pytest.raises(Rejected, match="one task alone"):
                await gate.call("lookup", RESULT, order="o-7")

    asyncio.run(run())


def test_a_server_has_its_own_resources(tmp_path: Path) -> None:
    settings = ProcessorSettings(backends={"shop": ("desk.shop",), "post": ("desk.mail",)})

    async def run() -> None:
        async with gateway(tmp_path, settings=settings) as (_, gate):
            call = {"name": "lookup", "arguments": {"order": "o-7"}}
            assert await gate.request("tools/call", call)
            for servers in (("post",), ("other",), ("shop", "post"), ()):
                with pytest.raises(Rejected, match="no such tool"):
                    await gate.request("tools/call", call, servers)

    asyncio.run(run())


def test_many_calls_at_once_keep_their_responses(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):
            results = [
                {"content": [], "structuredContent": {"total": each, "customer": "c@x.example"}}
                for each in range(30)
            ]
            given = await asyncio.gather(
                *(gate.call("lookup", each, order="o-7") for each in results)
            )
            assert given == results
            assert len(found.events("outcome")) == 30
            assert found.open_calls() == []

    asyncio.run(run())


def test_nothing_is_sent_without_the_store(tmp_path: Path) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):
            params = {"name": "lookup", "arguments": {"order": "o-7"}}
            _, kept = await gate.request("tools/call", params)
            await asyncio.to_thread(found.enforcement.core.stop)
            with pytest.raises(Rejected, match="Nothing ran"):
                await gate.request("tools/call", params)
            await withheld(gate, RESULT, kept)

    asyncio.run(run())


def test_what_fails_inside_is_an_error_that_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with gateway(tmp_path) as (found, gate):

            async def broken(*_: Any) -> Any:
                raise RuntimeError("the secret")

            monkeypatch.setattr(type(found.guard.enforcement), "decide", broken)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await gate.call("lookup", RESULT, order="o-7")
            assert caught.value.code() == grpc.StatusCode.INTERNAL
            assert "secret" not in (caught.value.details() or "")

    asyncio.run(run())
