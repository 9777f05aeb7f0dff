"""The server as a process of the guard's own: started, bounded, and ended with all that it started."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import anyio
from anyio.abc import Process
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from ..messages import MOST_FROM_SERVERS, Lines, Unreadable, read_message, written
from ..notes import Notes
from .watching import watched

GRACE = 0.6
"""Seconds for a server to end, first when its input has ended, then when it was told to.

Both together are less than the two seconds that clients give the guard itself before they kill it.
"""
TICK = 0.02
Streams = tuple[
    MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]
]


@asynccontextmanager
async def child(command: Sequence[str], ended: anyio.Event, notes: Notes) -> AsyncIterator[Streams]:
    """Start a server, and give the messages from it and for it. Raises `OSError` if it cannot be started.

    What it writes to standard error goes where the guard's own goes. `ended` is set when it says no more.
    """
    process = await anyio.open_process(
        list(command), env=environment(), stderr=None, start_new_session=True
    )
    in_send, in_receive = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    out_send, out_receive = anyio.create_memory_object_stream[SessionMessage](0)

    async def read() -> None:
        assert process.stdout is not None
        lines = Lines(MOST_FROM_SERVERS)
        try:
            async with in_send:
                async for piece in process.stdout:
                    for line in lines.take(piece):
                        if line is None:
                            notes.say(
                                f"the server sent a message of more than {MOST_FROM_SERVERS} bytes, and is ended"
                            )
                            return
                        if line.strip():
                            await _pass_on(line)
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            pass
        finally:
            ended.set()

    async def _pass_on(line: bytes) -> None:
        message = read_message(line, mends=True)
        if isinstance(message, Unreadable):
            notes.say(
                f"the server wrote a line that is no message, which is left out: {message.why}"
            )
        else:
            await in_send.send(SessionMessage(message))

    async def write() -> None:
        assert process.stdin is not None
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
            async with out_receive:
                async for each in out_receive:
                    await process.stdin.send(written(each.message))
        await in_send.aclose()

    async with AsyncExitStack() as stack:
        try:
            stack.enter_context(watched(process.pid, GRACE))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await _end(process)
            raise
        group = await stack.enter_async_context(anyio.create_task_group())
        group.start_soon(read)
        group.start_soon(write)
        try:
            yield in_receive, out_send
        finally:
            with anyio.CancelScope(shield=True):
                await _end(process)
                for each in (in_receive, out_send):
                    await each.aclose()
            group.cancel_scope.cancel()


async def _end(process: Process) -> None:
    """End the server and whatever it started: by the end of its input, then by being told, then without being asked."""
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        if process.stdin is not None:
            await process.stdin.aclose()
    if not await _has_ended(process):
        _signal(process, signal.SIGTERM)
        await _has_ended(process)
    _signal(process, signal.SIGKILL)
    if await _has_ended(process):
        with anyio.move_on_after(GRACE):
            await process.aclose()


async def _has_ended(process: Process) -> bool:
    """Wait for the process alone: one that it started may hold its output open for ever."""
    with anyio.move_on_after(GRACE):
        while process.returncode is None:
            await anyio.sleep(TICK)
    return process.returncode is not None


def _signal(process: Process, number: int) -> None:
    """Tell the whole group, which began with the process and is there as long as anybody in it."""
    if sys.platform == "win32":
        with suppress(ProcessLookupError):
            process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


def environment() -> dict[str, str]:
    """What the server finds in its environment: all that the guard does, but for what is the guard's own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AGPC_")}
