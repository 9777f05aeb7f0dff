"""The gRPC server of the processor."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ..enforcing.enforcement import Enforcement, Task, Unavailable
from ..enforcing.governed import Guard, new_key
from ..enforcing.governed import Settings as GuardSettings
from ..mcp.running import WantedTask, wanted_task
from ..obligations.duties import undone
from . import wire
from .identity import Identity
from .processor import Processor, ProcessorSettings

try:
    import grpc
except ImportError as error:
    raise ImportError(
        "the processor needs gRPC: pip install 'agpc[extmcp]'", name=error.name
    ) from None

GRACE = 5.0
LARGEST = 16 * 1024 * 1024
"""Bytes of a message; of a larger one the gateway learns that it cannot be looked at, and refuses it."""
_log = logging.getLogger(__name__)


class CannotServe(Exception):
    """The processor cannot be reached as it was asked to be; the message says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that was asked for."""

    address: str
    wanted: WantedTask
    processor: ProcessorSettings
    guard: GuardSettings
    identity: Identity | None = None


class Server:
    """A processor that listens."""

    def __init__(
        self, processor: Processor, address: str, identity: Identity | None = None
    ) -> None:
        """Listen at an address. Raises `CannotServe`."""
        self._processor = processor
        options = [("grpc.max_receive_message_length", LARGEST), ("grpc.so_reuseport", 0)]
        self._server = grpc.aio.server(options=options)
        handlers = {
            "CheckRequest": _method(processor.request, wire.McpRequest, wire.RequestResult),
            "CheckResponse": _method(processor.response, wire.McpResponse, wire.ResponseResult),
        }
        handler = grpc.method_handlers_generic_handler(wire.SERVICE, handlers)
        self._server.add_generic_rpc_handlers((handler,))
        try:
            self.port: int = (
                self._server.add_insecure_port(address)
                if identity is None
                else self._server.add_secure_port(address, _credentials(identity))
            )
        except RuntimeError:
            raise CannotServe(f"cannot listen on `{address}`") from None

    async def start(self) -> None:
        """Answer from now on."""
        await self._server.start()

    async def stop(self) -> None:
        """Answer no more; calls whose responses have not come stay in the trail without an outcome."""
        await self._server.stop(GRACE)
        await self._processor.close()


def _method(work: Callable[[Any], Awaitable[Any]], asked: Any, answer: Any) -> Any:
    async def handle(request: Any, context: Any) -> Any:
        try:
            return await work(request)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the gateway is to refuse, and learns no more
            _log.error("a question of the gateway failed (%s)", type(error).__name__)
            await context.abort(grpc.StatusCode.INTERNAL, "this could not be decided")

    return grpc.unary_unary_rpc_method_handler(
        handle, request_deserializer=asked.FromString, response_serializer=answer.SerializeToString
    )


def _credentials(identity: Identity) -> Any:
    try:
        pair = (identity.key.read_bytes(), identity.certificate.read_bytes())
        clients = identity.clients.read_bytes()
    except OSError as error:
        raise CannotServe(f"{error.filename}: {error.strerror}") from None
    return grpc.ssl_server_credentials((pair,), clients, require_client_auth=True)


async def run(enforcement: Enforcement, plan: Plan, tell: Callable[[str], None]) -> None:
    """Serve until the process is told to stop. Raises `CannotServe`."""
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    try:
        task, is_ours = await wanted_task(enforcement, plan.wanted)
        guard = Guard(enforcement, plan.guard)
        processor = Processor(guard, task, plan.processor)
        undeclared = processor.undeclared()
        if undeclared is not None:
            raise CannotServe(f"the policy declares no resource `{undeclared}`")
        for missing in undone(plan.guard.obligations, enforcement.vocabulary.duties):
            tell(missing)
        server = Server(processor, plan.address, plan.identity)
        await server.start()
        host = plan.address.rpartition(":")[0]
        tell(f"ExtMcp at {host}:{server.port}" + ("" if task is None else f", task {task.id}"))
        await stop.wait()
        await server.stop()
        if task is not None and is_ours:
            await _end(enforcement, task)
    finally:
        await enforcement.close()


async def _end(enforcement: Enforcement, task: Task) -> None:
    try:
        await enforcement.move(task.id, "ended", new_key(), "the processor has ended")
    except Unavailable as error:
        _log.warning("the task %s is not ended: %s", task.id, error)
