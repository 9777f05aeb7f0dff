"""What a client gives as standard input and output: pipes, sockets, as some runtimes have them, and files."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import anyio
import mcp_types as types
import pytest
from mcp.shared.message import SessionMessage

from agpc.guard.mcp.client_side.standard_streams import standard_streams
from agpc.guard.mcp.messages import Unreadable

SIZES = (1, 4_000, 5_000, 65_000, 70_000, 400_000)
"""Of messages: within what a pipe takes at once, beyond that, and beyond what it holds."""
Both = Callable[[Path], tuple[int, int]]


def pipe(_: Path) -> tuple[int, int]:
    return os.pipe()


def of_sockets(_: Path) -> tuple[int, int]:
    one, other = socket.socketpair()
    return one.detach(), other.detach()


def file(folder: Path) -> tuple[int, int]:
    path = folder / f"file{len(list(folder.iterdir()))}"
    path.touch()
    return os.open(path, os.O_RDONLY), os.open(path, os.O_WRONLY)


def notice(size: int) -> types.JSONRPCNotification:
    return types.JSONRPCNotification(jsonrpc="2.0", method="n", params={"text": "x" * size})


def write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.close(descriptor)


def read_all(descriptor: int, into: bytearray) -> None:
    while piece := os.read(descriptor, 1_000):
        into += piece
    os.close(descriptor)


async def refuse(_: bytes, unreadable: Unreadable) -> None:
    raise AssertionError(unreadable.why)


async def answer(_: SessionMessage) -> None:
    return None


@pytest.mark.parametrize("made", [pipe, of_sockets])
@pytest.mark.parametrize("is_blocking", [True, False])
def test_messages_of_any_size_come_whole_and_in_their_order(
    tmp_path: Path, made: Both, is_blocking: bool
) -> None:
    (input, to_input), (from_output, output) = made(tmp_path), made(tmp_path)
    os.set_blocking(input, is_blocking)
    os.set_blocking(output, is_blocking)
    said = b"".join(notice(each).model_dump_json().encode() + b"\n" for each in SIZES)
    heard, got = bytearray(), list[int]()
    threads = [
        threading.Thread(target=write_all, args=(to_input, said)),
        threading.Thread(target=read_all, args=(from_output, heard)),
    ]
    for each in threads:
        each.start()

    async def main() -> None:
        async with standard_streams(input, output, refuse, answer) as (read, write):
            async for each in read:  # until the client says no more
                assert isinstance(each, SessionMessage)
                assert isinstance(each.message, types.JSONRPCNotification)
                got.append(len((each.message.params or {})["text"]))
                await write.send(each)
        os.close(output)

    anyio.run(main)
    for each in threads:
        each.join()
    os.close(input)
    assert tuple(got) == SIZES
    assert tuple(len(json.loads(each)["params"]["text"]) for each in heard.splitlines()) == SIZES


def test_what_is_no_pipe_is_read_and_written_as_well(tmp_path: Path) -> None:
    (input, to_input), (from_output, output) = file(tmp_path), file(tmp_path)
    write_all(to_input, notice(5).model_dump_json().encode() + b"\n")
    heard = bytearray()

    async def main() -> None:
        async with standard_streams(input, output, refuse, answer) as (read, write):
            async for each in read:
                assert isinstance(each, SessionMessage)
                await write.send(each)

    anyio.run(main)
    os.close(input)
    os.close(output)
    read_all(from_output, heard)
    assert json.loads(heard)["params"] == {"text": "xxxxx"}


def test_a_client_that_says_nothing_keeps_nobody_from_ending() -> None:
    (input, to_input), (from_output, output) = os.pipe(), os.pipe()

    async def main() -> None:
        async with standard_streams(input, output, refuse, answer):
            await anyio.lowlevel.checkpoint()

    anyio.run(main)
    for each in (input, to_input, from_output, output):
        os.close(each)


def test_a_client_that_has_gone_ends_what_is_read_of_it() -> None:
    (input, to_input), (from_output, output) = os.pipe(), os.pipe()
    os.close(from_output)

    async def main() -> None:
        async with standard_streams(input, output, refuse, answer) as (read, write):
            await write.send(SessionMessage(notice(1)))
            assert [each async for each in read] == []

    anyio.run(main)
    for each in (input, to_input, output):
        os.close(each)
