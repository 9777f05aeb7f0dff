"""Events that the clients themselves wrote: Claude Code and Codex, run with a model of ours in place of theirs.

Nothing in them is changed but the folders. Which versions they are of, the names of the files say.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agpc.guard.hooks.events import Client, Unreadable, read_event

from .agent import denial, hooked

RECORDED = Path(__file__).parent / "recorded"
HOME = "/home/joe/repo"
NOT_OURS = {"SessionStart", "Stop"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def recorded(name: str, root: Path) -> list[dict[str, Any]]:
    text = (RECORDED / name).read_text(encoding="utf-8").replace(HOME, str(root))
    return [json.loads(each) for each in text.splitlines()]


async def replay(folder: Path, client: Client, name: str) -> list[tuple[str, str, bool | str]]:
    """What each event was answered with."""
    found: list[tuple[str, str, bool | str]] = []
    async with hooked(folder) as agent:
        agent.client = client
        for event in recorded(name, agent.root):
            kind = event["hook_event_name"]
            if kind in NOT_OURS:
                with pytest.raises(Unreadable):
                    read_event(client, json.dumps(event).encode())
                continue
            answer = await agent.send(event)
            if kind == "PreToolUse":
                found.append((event["tool_name"], kind, denial(answer) is None))
            else:
                found.append((event.get("tool_name", ""), kind, answer.get("decision", "")))
        found.append(("", "outcomes", ",".join(agent.outcomes())))
        found.append(("", "states", ",".join(each["state"] for each in agent.events("state"))))
    return found


@pytest.mark.anyio
async def test_a_session_of_claude_code(tmp_path: Path) -> None:
    found = await replay(tmp_path, "claude-code", "claude-code-2.1.332.jsonl")
    ran = [(tool, said) for tool, kind, said in found if kind == "PreToolUse"]
    assert ran == [
        ("Bash", False),  # two commands: asked about
        ("Bash", False),  # echo: asked about
        ("Read", True),
        ("Write", True),
        ("Edit", True),
        ("Glob", False),  # a search of everything
        ("Grep", False),
        ("WebFetch", False),
    ]
    assert found[-2:] == [("", "outcomes", "done,done,done"), ("", "states", "ended")]


@pytest.mark.anyio
async def test_a_session_of_codex(tmp_path: Path) -> None:
    found = await replay(tmp_path, "codex", "codex-0.171.0.jsonl")
    ran = [(tool, said) for tool, kind, said in found if kind == "PreToolUse"]
    # Where a command runs Codex does not say, so that each is asked about.
    assert ran == [("Bash", False), ("Bash", False), ("Bash", False), ("view_image", True)]
    assert found[-1] == ("", "states", "ended")
