"""A server that misbehaves: nothing passes undecided, nothing is recorded twice, and nothing hangs or stays behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from mcp.client import Client

from agpc.guard import NotSent
from agpc.guard.mcp.calls import Calls

from .guarding import Guarding, text_of
from .servers import hostile_server

POLICY = """
tool words {
    action echo(text: string)
}
grant saying {
    to bot
    for answer
    allow words.echo when not args.text like "*secret*"
}
"""
HELLO = {"text": "hello"}


def guarding(folder: Path, how: str, *options: str) -> Guarding:
    return Guarding(folder, POLICY, hostile_server(how, str(folder / "calls")), options)


def reached(folder: Path) -> list[Any]:
    """The calls that reached the server."""
    file = folder / "calls"
    return [json.loads(each) for each in file.read_text().splitlines()] if file.exists() else []


def once(it: Guarding, mode: str = "auto", arguments: Any = None, **how: Any) -> Any:
    """List the tools, and call one."""

    async def use() -> Any:
        async with it.client(mode, **how) as client:
            await client.list_tools()
            return await client.call_tool("echo", arguments or HELLO)

    return anyio.run(use)


@pytest.mark.parametrize("how", ["good", "junk", "twice", "announces"])
def test_what_a_server_says_beside_its_answer_is_left_out(tmp_path: Path, how: str) -> None:
    it = guarding(tmp_path, how)
    given = once(it)
    assert text_of(given) == "hello" and not given.is_error
    assert it.outcomes() == ["done"] and len(reached(tmp_path)) == 1
    if how == "junk":
        assert "a line that is no message" in it.said.read_text()


@pytest.mark.parametrize("how", ["dies", "endless-line"])
def test_what_became_of_a_call_is_not_known_when_the_server_is_gone(
    tmp_path: Path, how: str
) -> None:
    it = guarding(tmp_path, how)
    given = once(it)
    assert given.is_error and "not known" in text_of(given)
    assert it.decisions() == [("echo", "permit")] and it.outcomes() == []
    assert "the server has ended" in it.said.read_text()


@pytest.mark.parametrize("how", ["hangs", "no-result", "two-keys"])
def test_a_call_is_not_waited_for_without_end(tmp_path: Path, how: str) -> None:
    it = guarding(tmp_path, how, "--timeout", "1")
    given = once(it)
    assert given.is_error and "not known" in text_of(given)
    assert it.outcomes() == []


def test_a_result_that_the_server_itself_does_not_declare_is_withheld(tmp_path: Path) -> None:
    it = guarding(tmp_path, "bad-output")
    given = once(it)
    assert given.is_error and "withheld" in text_of(given) and "hello" not in text_of(given)
    assert it.outcomes() == []


@pytest.mark.parametrize(("how", "says"), [("error", "cannot say hello"), ("tool-error", "hello")])
def test_what_a_server_says_that_failed_is_recorded_as_failed(
    tmp_path: Path, how: str, says: str
) -> None:
    it = guarding(tmp_path, how)
    given = once(it)
    assert given.is_error and says in text_of(given)
    assert it.outcomes() == ["failed"]
    assert [says in each["result"] for each in it.events("outcome")] == [True]


def test_a_large_result_is_passed_on_and_its_values_are_not_known(tmp_path: Path) -> None:
    it = guarding(tmp_path, "large")
    given = once(it)
    assert len(text_of(given)) == 3_000_000
    (outcome,) = it.events("outcome")
    assert outcome["outcome"] == "done" and "result" not in outcome


@pytest.mark.parametrize("how", ["other-schema", "other-words"])
def test_a_tool_that_changed_after_it_was_listed_is_not_called(tmp_path: Path, how: str) -> None:
    it = guarding(tmp_path, how)

    async def use() -> None:
        async with it.client() as client:
            await client.list_tools()
            with anyio.fail_after(30):
                while not (given := await client.call_tool("echo", HELLO)).is_error:
                    await anyio.sleep(0.02)  # until the server's word about its tools has come
            assert "Nothing ran" in text_of(given)
            before = len(reached(tmp_path))
            listed = [each.name for each in (await client.list_tools()).tools]
            assert listed == ([] if how == "other-schema" else ["echo"])
            again = await client.call_tool("echo", HELLO)
            assert again.is_error == (how == "other-schema")
            assert len(reached(tmp_path)) == before + (how == "other-words")

    anyio.run(use)


def test_of_a_server_that_lists_nothing_nothing_is_called(tmp_path: Path) -> None:
    it = guarding(tmp_path, "no-list")

    async def use() -> Any:
        async with it.client() as client:
            return await client.call_tool("echo", HELLO)

    given = anyio.run(use)
    assert given.is_error and "does not list its tools (not now). Nothing ran" in text_of(given)
    assert reached(tmp_path) == [] and it.decisions() == []
    assert len(it.events("refused")) == 1


def test_two_tools_of_one_name_are_both_hidden(tmp_path: Path) -> None:
    given = once(guarding(tmp_path, "two-tools"))
    assert given.is_error and "two tools by this name" in text_of(given)
    assert reached(tmp_path) == []


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_what_a_server_asks_the_person_is_refused_by_default(tmp_path: Path, mode: str) -> None:
    asked: list[Any] = []

    async def answer(_: Any, params: Any) -> Any:
        asked.append(params)
        raise AssertionError("nobody is asked")

    given = once(guarding(tmp_path, "asks"), mode, elicitation_callback=answer)
    assert asked == [] and "not supported" in text_of(given)


def test_a_hundred_calls_at_once_are_each_decided_and_recorded_once(tmp_path: Path) -> None:
    it = guarding(tmp_path, "good")
    texts = [f"secret {number}" if number % 3 == 0 else str(number) for number in range(100)]
    given: dict[str, bool] = {}

    async def one(client: Client, text: str) -> None:
        given[text] = bool((await client.call_tool("echo", {"text": text})).is_error)

    async def use() -> None:
        async with it.client() as client, anyio.create_task_group() as group:
            for text in texts:
                group.start_soon(one, client, text)

    anyio.run(use)
    allowed = sorted(each for each in texts if "secret" not in each)
    assert {text for text, is_error in given.items() if not is_error} == set(allowed)
    assert sorted(each["arguments"]["text"] for each in reached(tmp_path)) == allowed
    assert len(it.decisions()) == 100 and it.outcomes() == ["done"] * len(allowed)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_call_that_its_client_gives_up_stays_listed(tmp_path: Path, mode: str) -> None:
    """The server has it, and may do it all the same: it has not failed as far as anybody knows."""
    it = guarding(tmp_path, "hangs")

    async def use() -> None:
        async with it.client(mode) as client:
            await client.list_tools()
            with anyio.move_on_after(2):
                await client.call_tool("echo", HELLO)

    anyio.run(use)
    assert it.decisions() == [("echo", "permit")] and it.outcomes() == []
    assert len(reached(tmp_path)) == 1
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False)
    assert str(tmp_path / "calls") not in left.stdout


def test_a_call_that_is_given_up_before_the_server_has_it_was_not_sent() -> None:
    async def run() -> None:
        class Slow:
            async def find(self, *_: Any) -> Any:
                await asyncio.Event().wait()

        nothing: Any = None
        slow: Any = Slow()
        calls = Calls(nothing, nothing, slow, nothing, nothing, nothing, nothing, nothing)
        some: Any = SimpleNamespace(id="t-1", name="echo", definition="")
        sending = asyncio.ensure_future(calls._sent(some, some, {}, None, nothing, nothing))
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(NotSent):
            await sending

    asyncio.run(run())


def processes_below(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(each) for each in found.stdout.split()]


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("how", ["good", "stays"])
@pytest.mark.parametrize("end", ["input", "signal"])
def test_no_server_outlives_its_guard(tmp_path: Path, how: str, end: str) -> None:
    it = guarding(tmp_path, how)
    it.is_cold = True
    process = subprocess.Popen(
        it.command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    params = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "0"},
    }
    line = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    process.stdin.write(json.dumps(line) + "\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == 1
    server_and_watcher = processes_below(process.pid)
    assert len(server_and_watcher) == 2
    if end == "signal":
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60) if end == "input" else process.wait(60)
    assert process.returncode == 0
    while any(map(is_there, server_and_watcher)):  # the watcher ends once the guard has
        time.sleep(0.01)
    assert [each["state"] for each in it.events("state")] == ["ended"]
    process.communicate()
