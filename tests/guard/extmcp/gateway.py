"""A gateway: a client made of the published interface, which asks as agentgateway does."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
from grpc_tools import protoc

from agpc.guard.extmcp.processor import Processor, ProcessorSettings
from agpc.guard.extmcp.serving import Server

from ..enforcing.desk import Desk, desk
from ..middleware.bound import BOUND

PUBLISHED = Path(__file__).with_name("ext_mcp.proto")
KEPT = "agpc_call"


@cache
def published() -> Any:
    """The messages of the published interface, made by its own compiler."""
    well_known = Path(protoc.__file__).parent / "_proto"
    with TemporaryDirectory() as folder:
        done = protoc.main(
            [
                "",
                f"-I{PUBLISHED.parent}",
                f"-I{well_known}",
                f"--python_out={folder}",
                str(PUBLISHED),
            ]
        )
        assert done == 0
        spec = importlib.util.spec_from_file_location(
            "ext_mcp_pb2", Path(folder) / "ext_mcp_pb2.py"
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    return module


class Rejected(Exception):
    """The gateway answers with an error."""

    def __init__(self, error: Any) -> None:
        super().__init__(error.reason)
        self.code = error.code


class Gateway:
    """Asks before it sends, and before it answers; `metadata` is what its settings evaluate to."""

    def __init__(self, channel: grpc.aio.Channel, metadata: Mapping[str, Any]) -> None:
        self.metadata = dict(metadata)
        self.sent: list[dict[str, Any]] = []
        wire = published()
        self._request, self._response = (
            channel.unary_unary(
                f"/agentgateway.dev.ext_mcp.ExtMcp/{name}",
                request_serializer=asked.SerializeToString,
                response_deserializer=answer.FromString,
            )
            for name, asked, answer in (
                ("CheckRequest", wire.McpRequest, wire.McpRequestResult),
                ("CheckResponse", wire.McpResponse, wire.McpResponseResult),
            )
        )

    async def request(
        self, method: str, params: Any = None, servers: tuple[str, ...] = ("shop",)
    ) -> tuple[bytes | None, dict[str, Any]]:
        """Ask about a request: give what is sent, and what is kept beside it."""
        asked = published().McpRequest(service_names=servers, method=method)
        asked.metadata_context.update(self.metadata)
        content = params if isinstance(params, bytes) else json.dumps(params).encode()
        if params is not None:
            asked.mcp_request = content
        result = await self._request(asked)
        which = result.WhichOneof("result")
        if which == "error":
            raise Rejected(result.error)
        kept = dict(result.metadata)
        if which == "mutated":
            return result.mutated, kept
        assert which == "pass"
        return (None if params is None else content), kept

    async def response(
        self,
        method: str,
        result: Any,
        kept: Mapping[str, Any],
        servers: tuple[str, ...] = ("shop",),
    ) -> Any:
        """Ask about a response: give what the client gets."""
        asked = published().McpResponse(service_names=servers, method=method)
        asked.metadata_context.update(self.metadata)
        if KEPT in kept:
            asked.metadata_context.update({"call": kept[KEPT]})
        asked.mcp_response = result if isinstance(result, bytes) else json.dumps(result).encode()
        answer = await self._response(asked)
        which = answer.WhichOneof("result")
        if which == "error":
            raise Rejected(answer.error)
        return json.loads(answer.mutated) if which == "mutated" else result

    async def call(self, name: str, result: Any, /, **arguments: Any) -> Any:
        """Call a tool, whose server gives this result."""
        params = {"name": name, "arguments": arguments}
        sent, kept = await self.request("tools/call", params)
        assert sent is not None
        self.sent.append(json.loads(sent))
        return await self.response("tools/call", result, kept)


@asynccontextmanager
async def gateway(
    folder: Path, text: str = BOUND, settings: ProcessorSettings | None = None, *, own: bool = False
) -> AsyncIterator[tuple[Desk, Gateway]]:
    """Open a desk behind a gateway."""
    async with desk(folder, text=text) as found:
        processor = Processor(
            found.guard, found.task if own else None, settings or ProcessorSettings()
        )
        server = Server(processor, "127.0.0.1:0")
        await server.start()
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
                yield found, Gateway(channel, {"task": found.task.id})
        finally:
            await server.stop()
