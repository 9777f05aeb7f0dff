"""The client on the guard's own standard input and output.

Pipes and sockets, which is what clients give, are read and written where calls are done, whenever that needs no waiting:
each hand-over to a thread and back takes as long as the rest of a call's way through here. Anything else, as a terminal or
a file, is read by a thread that ends with the process: nothing can interrupt a read, and a guard whose server has died
must not wait for its client to say something. While it serves, the process's own descriptors lead elsewhere, so that
nothing which is printed by mistake is taken for a message, and the server that it starts does not read its input.
"""

from __future__ import annotations

import asyncio
import os
import select
import stat
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from ..messages import MOST_FROM_CLIENTS, Lines, Unreadable, read_message, written

PIECE = 65536
SHORT = 65536
"""Bytes of a message that may be written at once; the loop has better to do than to write a longer one."""
LAST_WORDS = 0.3
"""Seconds for what was said last to reach a client that may not be reading any more."""
Read = MemoryObjectReceiveStream[SessionMessage | Exception]
Write = MemoryObjectSendStream[SessionMessage]


def claimed(input: int = 0, output: int = 1) -> tuple[int, int]:
    """Take the standard streams for the client alone: whatever else reads gets nothing, and what is printed is logged."""
    ours = os.dup(input), os.dup(output)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, input)
    os.dup2(2, output)
    os.close(nothing)
    return ours


@asynccontextmanager
async def standard_streams(
    input: int,
    output: int,
    refuse: Callable[[bytes, Unreadable], Awaitable[None]],
    answers: Callable[[SessionMessage], Awaitable[SessionMessage | None]],
) -> AsyncIterator[tuple[Read, Write]]:
    """Give the client's messages, and take those for it.

    `refuse` is told of what cannot be read, before the client is; `answers` sees each message that can, and gives the
    answer where there is nothing to do with it but to answer it.
    """
    in_send, in_receive = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    out_send, out_receive = anyio.create_memory_object_stream[SessionMessage](0)
    back = out_send.clone()

    async def read() -> None:
        lines = Lines(MOST_FROM_CLIENTS)
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            async with in_send, back, aclosing(_pieces(input)) as pieces:
                async for piece in pieces:
                    for line in lines.take(piece):
                        await _take(line)
                if (line := lines.last()).strip():
                    await _take(line)

    async def _take(line: bytes | None) -> None:
        if line is not None and not line.strip():
            return
        message = (
            Unreadable(-32600, f"a message has at most {MOST_FROM_CLIENTS} bytes")
            if line is None
            else read_message(line)
        )
        if isinstance(message, Unreadable):
            await refuse(line or b"", message)
            await back.send(SessionMessage(message.answer()))
            return
        whole = SessionMessage(message)
        answer = await answers(whole)
        if answer is None:
            await in_send.send(whole)
        else:
            await back.send(answer)

    async def write() -> None:
        try:
            async with out_receive:
                async for each in out_receive:
                    rest = _write_at_once(output, memoryview(written(each.message)))
                    if rest:
                        await anyio.to_thread.run_sync(
                            _write_all, output, rest, abandon_on_cancel=True
                        )
        except OSError:  # the client is gone, and says nothing more either
            await in_send.aclose()
        finally:
            finished.set()

    finished = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(read)
        group.start_soon(write)
        try:
            yield in_receive, out_send
        finally:
            with anyio.move_on_after(LAST_WORDS, shield=True):
                await out_send.aclose()
                await back.aclose()
                await finished.wait()
            group.cancel_scope.cancel()


async def _pieces(descriptor: int) -> AsyncGenerator[bytes]:
    """Give what comes in until it ends, and read no more before that was taken: a client cannot fill the memory."""
    if not _is_pipe(descriptor):
        send, pieces = anyio.create_memory_object_stream[bytes](4)
        loop = asyncio.get_running_loop()
        threading.Thread(target=_pump, args=(descriptor, loop, send), daemon=True).start()
        async with pieces:
            async for piece in pieces:
                yield piece
        return
    with suppress(OSError):
        while True:
            await anyio.wait_readable(descriptor)
            try:
                piece = os.read(descriptor, PIECE)
            except (
                BlockingIOError
            ):  # who started this one has it so, and there was nothing after all
                continue
            if not piece:
                return
            yield piece


def _pump(
    descriptor: int, loop: asyncio.AbstractEventLoop, pieces: MemoryObjectSendStream[bytes]
) -> None:
    """Read until the end, one piece after the other is taken."""
    with suppress(RuntimeError, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        while piece := os.read(descriptor, PIECE):
            asyncio.run_coroutine_threadsafe(pieces.send(piece), loop).result()
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(pieces.close)


def _write_at_once(descriptor: int, data: memoryview) -> memoryview:
    """Write what there is room for, and give the rest: a pipe that has any takes so many bytes without any waiting."""
    if len(data) > SHORT or not _is_pipe(descriptor):
        return data
    ready = select.poll()
    ready.register(descriptor, select.POLLOUT)
    with suppress(
        BlockingIOError
    ):  # whoever started this one has it so, and there was no room after all
        while data and ready.poll(0):
            data = data[os.write(descriptor, data[: select.PIPE_BUF]) :]
    return data


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            select.select((), (descriptor,), ())


def _is_pipe(descriptor: int) -> bool:
    """Whether it can be asked if it has something to read, or room, and keeps its word."""
    if sys.platform == "win32":
        return False
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
