"""What hooks read, and what they refuse to: whatever is not an event exactly as it is documented is none."""

from __future__ import annotations

import json

import pytest

from agpc.guard.hooks.commands import words_of
from agpc.guard.hooks.events import MOST, Unreadable, read_event
from agpc.guard.hooks.patches import NoPatch, read_patch
from agpc.runtime.facts import ABSENT

BEFORE = {
    "session_id": "s",
    "cwd": "/repo",
    "hook_event_name": "PreToolUse",
    "tool_name": "Bash",
    "tool_input": {"command": "ls"},
    "tool_use_id": "toolu_1",
}
TWICE = '{"session_id":"s","cwd":"/","hook_event_name":"PreToolUse","tool_name":"Read","tool_name":"Bash","tool_input":{},"tool_use_id":"t"}'
INNER = '{"session_id":"s","cwd":"/","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls","command":"rm"},"tool_use_id":"t"}'


def test_an_event_of_each_client_is_read() -> None:
    for client in ("claude-code", "codex"):
        event = read_event(client, json.dumps({**BEFORE, "turn_id": "t", "effort": {}}).encode())  # type: ignore[arg-type]
        assert (event.kind, event.tool, event.input) == ("before", "Bash", {"command": "ls"})
        assert event.result is ABSENT


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"PreToolUse"',
        b"{",
        b"\xff\xfe",
        b"{}",
        TWICE.encode(),
        INNER.encode(),
        b'{"a":' * 500 + b"1" + b"}" * 500,
        json.dumps(BEFORE).replace('"ls"', "NaN").encode(),
        json.dumps(BEFORE).replace('"ls"', '"\\ud800"').encode(),
        *(json.dumps({k: v for k, v in BEFORE.items() if k != each}).encode() for each in BEFORE),
        *(json.dumps({**BEFORE, each: 1}).encode() for each in BEFORE),
        *(json.dumps({**BEFORE, each: None}).encode() for each in BEFORE),
        *(json.dumps({**BEFORE, each: ""}).encode() for each in BEFORE),
        json.dumps({**BEFORE, "session_id": "s" * 513}).encode(),
        json.dumps({**BEFORE, "tool_input": "ls"}).encode(),
        *(
            json.dumps({**BEFORE, "hook_event_name": each}).encode()
            for each in ("pretooluse", "PreToolUse ", "PermissionRequest", "Stop", "NewEvent")
        ),
        json.dumps({**BEFORE, "hook_event_name": "PostToolUse"}).encode(),
        json.dumps({**BEFORE, "hook_event_name": "PostToolUseFailure"}).encode(),
        json.dumps({**BEFORE, "hook_event_name": "UserPromptSubmit"}).encode(),
    ],
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read_event("claude-code", body)
    assert "rm" not in str(refused.value).split()
    assert len(body) < MOST


@pytest.mark.parametrize(
    "command",
    ["git status", "ls", "pip install requests==2.0", "./run.sh --a=b", "npm run a:b @scope/x"],
)
def test_the_words_of_a_simple_command_are_known(command: str) -> None:
    assert words_of(command) == command.split()


@pytest.mark.parametrize(
    "command",
    [
        "", " ", " ls", "ls ", "ls  -l", "ls\n", "ls\nrm x", "ls;rm x", "ls&", "ls&&rm x", "ls|sh", "ls>x", "ls <x",
        "$(rm x)", "`rm x`", "ls $HOME", "ls ~", "ls *", "ls ?", "ls [a]", "ls {a,b}", "ls 'a'", 'ls "a"', "ls \\a", "ls #a",
        "ls\ta", "ls\u00a0a", "lѕ", "X=1 ls", "PATH=/x ls", "!ls", "ls !!", "(ls)", "eval ls", "source x", ". x", "sudo ls",
        "env ls", "xargs rm", "exec ls", "command ls", "time ls", "alias ls=rm", "ls " + "a" * 5000, "ls\r", "ls\x00",
        "/usr/bin/sudo ls", "./env ls", "setsid ls", "doas ls", "noglob ls", "busybox ls", "%1", "ls =git", "- ls",
    ],
)  # fmt: skip
def test_nothing_is_said_of_what_a_shell_would_change(command: str) -> None:
    assert words_of(command) is None


PATCH = "*** Begin Patch\n*** Add File: a b.txt\n+x\n+*** Delete File: /etc/x\n*** Update File: c\n*** Move to: d\n@@ f\n-a\n+b\n c\n*** End of File\n*** Delete File: e\n*** End Patch"


def test_a_patch_names_every_file_that_it_changes() -> None:
    paths, texts = read_patch(PATCH)
    assert paths == ["a b.txt", "c", "d", "e"]
    assert texts == ["x\n*** Delete File: /etc/x", "b", ""]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "*** Begin Patch\n*** End Patch",
        "*** Begin Patch\n+x\n*** End Patch",
        PATCH.replace("*** Delete File: e", " *** Delete File: e"),
        PATCH.replace("*** Delete File: e", "*** Delete File: e "),
        PATCH.replace("*** Delete File: e", "*** Delete File:  e"),
        PATCH.replace("*** Delete File: e", "*** delete file: e"),
        PATCH.replace("*** Delete File: e", "*** Delete File: e\r"),
        PATCH.replace("*** Delete File: e", "\u2003*** Delete File: e"),
        PATCH.replace("*** Delete File: e", "*** Rename File: e"),
        PATCH.replace("*** Delete File: e", "unmarked"),
        PATCH + "\n*** Begin Patch\n*** Delete File: f\n*** End Patch",
        "x\n" + PATCH,
    ],
    ids=map(str, range(14)),
)
def test_a_patch_that_could_be_read_in_another_way_is_refused(text: str) -> None:
    with pytest.raises(NoPatch):
        read_patch(text)
