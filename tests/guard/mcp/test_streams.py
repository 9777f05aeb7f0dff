"""The guard on standard streams, to the byte: what is refused, what is recorded, and which task is served."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
import pytest

from agpc.guard.mcp.messages import Lines, Unreadable, read_message, written

from .guarding import BOT, Guarding, text_of
from .servers import hostile_server

POLICY = """
tool words {
    action echo(text: string)
}
grant saying {
    to bot
    for answer
    allow words.echo
}
"""
INFO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "t", "version": "0"},
}
BEGIN = json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": INFO})
CALL = '{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}'


def guarding(folder: Path, how: str = "good", *options: str) -> Guarding:
    return Guarding(folder, POLICY, hostile_server(how, str(folder / "calls")), options)


def reached(folder: Path) -> int:
    """How many calls reached the server."""
    file = folder / "calls"
    return len(file.read_text().splitlines()) if file.exists() else 0


def talk(it: Guarding, lines: Sequence[str | bytes]) -> list[dict[str, Any]]:
    """Say each line once the one before was answered, and give the answers."""
    process = subprocess.Popen(
        it.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    answers = []
    for line in lines:
        process.stdin.write((line.encode() if isinstance(line, str) else line) + b"\n")
        process.stdin.flush()
        answers.append(json.loads(process.stdout.readline()))
    process.communicate(timeout=60)
    assert process.returncode == 0
    return answers


def test_what_can_be_read_in_two_ways_never_reaches_anybody(tmp_path: Path) -> None:
    it = guarding(tmp_path)
    whole = CALL % 5
    lines: list[tuple[str | bytes, int, int | None]] = [
        (whole.replace('"text":"x"', '"text":"x","text":"y"'), -32700, None),
        (whole.replace('"id":5', '"id":5,"id":6'), -32700, None),
        (whole.replace('"method":"tools/call"', '"method":"tools/call","result":{}'), -32600, 5),
        (whole.replace('{"text":"x"}', '{"text":NaN}'), -32700, None),
        (f"[{whole}]", -32600, None),
        (whole.encode().replace(b'"x"', b'"\xff"'), -32700, None),
        (whole.replace('"x"', '{"a":' * 100 + "1" + "}" * 100), -32700, None),
        (whole[:-3], -32700, None),
        (whole.replace('"x"', '"\\ud800"'), -32700, None),
        (whole.replace('"x"', "1e400"), -32700, None),
        (whole.replace('"id":5', '"id":"\\udc00"'), -32700, None),
        (whole.replace('"name"', '"_meta":[1],"name"'), -32600, 5),
        ("5", -32600, None),
        ('{"jsonrpc":"2.0","id":7,"method":"tools/invent","params":{}}', -32601, 7),
        ('{"jsonrpc":"2.0","id":8,"method":"resources/read","params":{"uri":"x:y"}}', -32601, 8),
        ('{"jsonrpc":"2.0","id":9,"method":"sampling/createMessage"}', -32601, 9),
    ]
    first, *answers = talk(it, [BEGIN, *(each[0] for each in lines)])
    assert first["result"]["serverInfo"]["name"] == "hostile"
    assert [(each["error"]["code"], each["id"]) for each in answers] == [each[1:] for each in lines]
    assert reached(tmp_path) == 0 and it.decisions() == []
    assert len(it.events("refused")) == len(lines)


def test_numbers_that_readers_read_differently_are_decided_as_they_are_sent(tmp_path: Path) -> None:
    it = guarding(tmp_path)
    answers = talk(
        it, [BEGIN, (CALL % 1).replace('"x"', "1e300"), (CALL % 2).replace('"x"', '"\\u0041"')]
    )
    assert answers[1]["result"]["isError"] and "isError" not in answers[2]["result"]
    assert json.loads((tmp_path / "calls").read_text())["arguments"] == {"text": "A"}


def test_lines_of_any_length_are_taken_apart_within_the_bound() -> None:
    lines = Lines(5)
    assert lines.take(b"ab\ncd") == [b"ab"]
    assert lines.take(b"e\n\n123456789") == [b"cde", b"", None]
    assert lines.take(b"0\nok\n12345") == [b"ok"]
    assert lines.take(b"6") == [None]
    assert lines.take(b"7\nab") == [] and lines.last() == b"ab"
    assert Lines(5).take(b"123456\n12345\n") == [None, b"12345"]


@pytest.mark.parametrize(
    "text",
    [b"{}", b'{"jsonrpc":"1.0","id":1,"method":"x"}', b'{"jsonrpc":"2.0","id":true,"method":"x"}',
     b'{"jsonrpc":"2.0","id":1.5,"method":"x"}', b'{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}',
     b'{"jsonrpc":"2.0","id":1,"method":"x","error":{}}', b'{"jsonrpc":"2.0","method":5}'],
)  # fmt: skip
def test_what_is_no_message_is_none(text: bytes) -> None:
    assert isinstance(read_message(text), Unreadable)


def test_what_a_server_cut_in_two_is_mended_and_what_a_client_did_is_refused() -> None:
    text = b'{"jsonrpc":"2.0","id":1,"result":{"a\\ud83d":["\\ud83d\\ude00\\ud83d",1e400]}}'
    mended = read_message(text, mends=True)
    assert isinstance(mended, types.JSONRPCResponse)
    assert mended.result == {"a\ufffd": ["\U0001f600\ufffd", None]}
    assert written(mended)
    assert isinstance(read_message(text), Unreadable)
    two = b'{"jsonrpc":"2.0","id":1,"result":{"\\ud83d":1,"\\ud83e":2}}'
    assert isinstance(read_message(two, mends=True), Unreadable | types.JSONRPCResponse)


def test_half_a_character_in_a_result_ends_nothing(tmp_path: Path) -> None:
    answers = talk(guarding(tmp_path, "half"), [BEGIN, CALL % 1, CALL % 2])
    assert [each["result"]["content"][0]["text"] for each in answers[1:]] == ["x\ufffd"] * 2


def test_a_server_has_no_say_in_what_is_told_of_a_hidden_tool(tmp_path: Path) -> None:
    it = guarding(tmp_path, "drifted")
    _, answer = talk(it, [BEGIN, CALL % 1])
    text = answer["result"]["content"][0]["text"]
    assert "it is not the tool that the policy declares" in text and "IGNORE" not in text
    (refused,) = it.events("refused")
    assert "IGNORE" not in refused["why"] and reached(tmp_path) == 0


def test_a_task_that_is_there_is_served_and_goes_on(tmp_path: Path) -> None:
    first = guarding(tmp_path)
    talk(first, [BEGIN])
    id = first.events("task")[0]["task"]["id"]
    command = guarding(tmp_path).command()
    at = command.index("--agent")
    command[at : at + 4] = ["--task", id]
    ended = subprocess.run(
        command, input=BEGIN.encode() + b"\n", capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == 0
    assert len(first.events("task")) == len(first.events("state")) == 1
    command[at + 1] = "t-unknown"
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 2 and b"no such task" in ended.stderr


def test_a_guard_that_cannot_begin_says_why(tmp_path: Path) -> None:
    it = guarding(tmp_path)
    for place, other, says in (
        (
            it.command().index("desk.answer"),
            "desk.other",
            "does not let the task start: the policy has no intent `desk.other`, but `desk.answer`",
        ),
        (it.command().index(BOT), f"{BOT}x", f"the policy has no agent `{BOT}x`, but `{BOT}`"),
        (it.command().index(str(it.path)), str(tmp_path / "no.agp"), "no such file"),
        (it.command().index("--") + 1, "/no/such/program", "cannot be started"),
    ):
        command = it.command()
        command[place] = other
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 2 and says in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--tool", "desk.word"], "the policy has no resource `desk.word`, but `desk.words`"),
        (["--field", "order=1"], "the intent `desk.answer` has no field `order`, but none"),
        (["--confirm-here"], "say who, with --user"),
    ],
)
def test_what_would_never_work_is_no_beginning(
    tmp_path: Path, options: list[str], says: str
) -> None:
    ended = subprocess.run(
        guarding(tmp_path, "good", *options).command(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2 and says in ended.stderr


@pytest.mark.parametrize("where", ["store", "service"])
def test_a_policy_that_does_not_compile_is_reported_line_by_line(
    tmp_path: Path, where: str
) -> None:
    at = ["--service", "http://127.0.0.1:9"] if where == "service" else []
    it = guarding(tmp_path, "good", *at)
    it.path.write_text(it.path.read_text().replace("allow words.echo", "allow words.ech\u202eo"))
    ended = subprocess.run(it.command(), capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2 and "U+000A" not in ended.stderr
    lines = ended.stderr.splitlines()
    assert lines[0].startswith("error: the policy does not compile")
    assert any(line.startswith("error[AGP") for line in lines) and "\u202e" not in ended.stderr


def test_a_duty_that_nothing_does_is_said_at_the_beginning(tmp_path: Path) -> None:
    it = guarding(tmp_path)
    text = it.path.read_text()
    it.path.write_text(
        text.replace("    allow words.echo\n", "    allow words.echo\n    oblige ticket()\n")
    )
    ended = subprocess.run(
        it.command(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "the policy obliges to `ticket`, which nothing does here" in ended.stderr, ended.stderr


def test_nothing_runs_while_the_store_is_locked(tmp_path: Path) -> None:
    it = guarding(tmp_path)

    async def use() -> None:
        async with it.client() as client:
            await client.list_tools()
            assert not (await client.call_tool("echo", {"text": "a"})).is_error
            other = sqlite3.connect(tmp_path / "guard.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            locked = await client.call_tool("echo", {"text": "b"})
            assert locked.is_error and "nothing runs undecided" in text_of(locked)
            other.execute("ROLLBACK")
            assert not (await client.call_tool("echo", {"text": "c"})).is_error

    anyio.run(use)
    assert reached(tmp_path) == 2 and it.outcomes() == ["done", "done"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_what_a_server_asks_is_passed_on_where_the_operator_says_so(
    tmp_path: Path, mode: str
) -> None:
    it = guarding(tmp_path, "asks", "--allow", "elicitation")

    async def answer(_: Any, params: Any) -> Any:
        assert params.message == "Your password?"
        return types.ElicitResult(action="accept", content={"password": "no"})

    async def use() -> str:
        async with it.client(mode, elicitation_callback=answer) as client:
            return text_of(await client.call_tool("echo", {"text": "x"}))

    assert json.loads(anyio.run(use)) == {"action": "accept", "content": {"password": "no"}}


def test_a_client_hears_that_tools_have_changed(tmp_path: Path) -> None:
    it = guarding(tmp_path, "other-words")
    heard = anyio.Event()

    async def hear(message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            heard.set()

    async def use() -> None:
        async with it.client("legacy", message_handler=hear) as client:
            await client.list_tools()
            with anyio.fail_after(30):
                await heard.wait()

    anyio.run(use)
