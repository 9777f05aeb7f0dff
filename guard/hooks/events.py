"""What a coding agent tells its hooks: one event, read strictly, or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, get_args

from ...runtime.facts import ABSENT
from ...runtime.strict_json import NotJSON, read_request

Client: TypeAlias = Literal["claude-code", "codex"]
CLIENTS: tuple[Client, ...] = get_args(Client)
Kind: TypeAlias = Literal["said", "before", "after", "ended"]

KINDS: Mapping[str, Kind] = {
    "UserPromptSubmit": "said",
    "PreToolUse": "before",
    "PostToolUse": "after",
    "PostToolUseFailure": "after",
    "SessionEnd": "ended",
}
MOST = 32 * 1024 * 1024
"""Bytes of an event; results of tools are in it."""
LONGEST_NAME = 512


class Unreadable(Exception):
    """What came is no event that these hooks know; one plain sentence, with nothing of the event in it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a client."""

    client: Client
    name: str
    session: str
    cwd: str = ""
    prompt: str = ""
    tool: str = ""
    use: str = ""
    """The client's id of this use of a tool."""
    input: Mapping[str, Any] = field(default_factory=dict)
    result: Any = ABSENT
    failed: bool = False

    @property
    def kind(self) -> Kind:
        """What it is about."""
        return KINDS[self.name]


def read_event(client: Client, body: bytes) -> Event:
    """Read an event. Raises `Unreadable`."""
    try:
        read = read_request(body)
        json.dumps(
            read, ensure_ascii=False
        ).encode()  # half a character is none, whoever reads it next
    except (NotJSON, UnicodeError):
        raise Unreadable("it is no JSON that every reader reads alike") from None
    if type(read) is not dict:
        raise Unreadable("it is no JSON object")
    name = read.get("hook_event_name")
    if type(name) is not str or name not in KINDS:
        raise Unreadable("it is no event that these hooks know")
    event = Event(client, name, _text(read, "session_id"), _text(read, "cwd", longest=4096))
    kind = event.kind
    if kind == "ended":
        return event
    if kind == "said":
        return replace(event, prompt=_text(read, "prompt", longest=MOST, empty=True))
    event = replace(
        event, tool=_text(read, "tool_name"), use=_text(read, "tool_use_id"), input=_input(read)
    )
    if kind == "before":
        return event
    if name == "PostToolUseFailure":
        return replace(event, result=_text(read, "error", longest=MOST, empty=True), failed=True)
    if "tool_response" not in read:
        raise Unreadable("`tool_response` is missing")
    return replace(event, result=read["tool_response"])


def _text(
    read: Mapping[str, Any], name: str, longest: int = LONGEST_NAME, *, empty: bool = False
) -> str:
    value = read.get(name)
    if type(value) is not str or not (value or empty) or len(value) > longest:
        raise Unreadable(f"`{name}` is missing, or no text that it could be")
    return value


def _input(read: Mapping[str, Any]) -> Mapping[str, Any]:
    value = read.get("tool_input")
    if type(value) is not dict:
        raise Unreadable("`tool_input` is missing, or no JSON object")
    return value
