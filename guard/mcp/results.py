"""What a tool gave back: as it is passed on, as it is recorded, and as it is where a part of it may not be passed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...runtime.facts import ABSENT
from ...runtime.strict_json import NotJSON, read_request
from ...runtime.values import json_equal
from ..enforcing.results import Returned, read_of, text_of, value_of
from ..enforcing.vocabulary import Tool


def returned(answer: Mapping[str, Any], tool: Tool) -> Returned:
    """Read the answer to `tools/call`."""
    given = dict(answer)
    value = _value(given, tool)
    return Returned(
        given,
        value,
        failed=given.get("isError") is True,
        partial=_says_more(given, value),
        made_of=lambda other: _made_of(given, other),
    )


def _says_more(given: Mapping[str, Any], value: Any) -> bool:
    """Whether the content has what the value has not: a picture, or text that is no structured content written out."""
    content = given.get("content")
    if value is ABSENT:
        return bool(content)
    if given.get("structuredContent") is None or not content:
        return False
    texts = _texts(given)
    if texts is None or not isinstance(content, list) or len(texts) != len(content):
        return True
    try:
        return any(not json_equal(read_request(each), value) for each in texts)
    except NotJSON:
        return True


def _value(given: Mapping[str, Any], tool: Tool) -> Any:
    """The result as sources read it: structured content, else the text; ABSENT if there is neither, or something beside."""
    structured = given.get("structuredContent")
    if structured is not None:
        return structured
    texts = _texts(given)
    content = given.get("content")
    if texts is None or not isinstance(content, list) or len(texts) != len(content) or not texts:
        return ABSENT
    return value_of("\n".join(texts), tool)


def _texts(given: Mapping[str, Any]) -> list[str] | None:
    content = given.get("content")
    if not isinstance(content, list):
        return None
    return [
        each["text"]
        for each in content
        if isinstance(each, dict)
        and each.get("type") == "text"
        and isinstance(each.get("text"), str)
    ]


def _made_of(given: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Make the result anew of another value: nothing of what the server wrote stays, since it may say the same again."""
    made: dict[str, Any] = {"content": [{"type": "text", "text": text_of(value)}]}
    if given.get("structuredContent") is not None:
        made["structuredContent"] = value
    if given.get("isError") is True:
        made["isError"] = True
    return made


def contents(answer: Mapping[str, Any]) -> Returned:
    """Read the answer to `resources/read`."""
    found = answer.get("contents")
    parts = found if isinstance(found, list) else ()
    return read_of(answer, [each.get("text") if isinstance(each, dict) else None for each in parts])


def hinted(given: Mapping[str, Any], hints: Sequence[str]) -> dict[str, Any]:
    """Add what goes with a result for the agent."""
    if not hints:
        return dict(given)
    more = [{"type": "text", "text": each} for each in hints]
    return {**given, "content": [*(given.get("content") or ()), *more]}


def told(text: str) -> dict[str, Any]:
    """Give an answer that tells a model why there is no result."""
    return {"content": [{"type": "text", "text": text}], "isError": True}
