"""Lines of a record of calls: which events there are, and which fields the line of each has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Line = str | bytes | Mapping[str, Any]
"""One line: JSON as text, or read already."""

FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "task": (("agent", "task"), ("parent", "user")),
    "said": (("task", "text"), ()),
    "call": (("id", "effect", "request"), ()),
    "outcome": (("call", "outcome"), ("result", "unreadable")),
    "verdict": (("call", "by", "verdict"), ()),
}
"""For each event the fields that its line has beside `time` and `event`, and those that it may have."""


class Broken(ValueError):
    """A line that is none; the message says why."""


def check_fields(data: Mapping[str, Any]) -> None:
    """See that a line has the fields of its event, and no others. Raises `Broken`."""
    event = data.get("event")
    if type(event) is not str or event not in FIELDS:
        raise Broken("its `event` is none")
    needed, more = FIELDS[event]
    lacking = [name for name in needed if name not in data]
    if lacking:
        raise Broken(f"it has no `{lacking[0]}`")
    unknown = sorted(set(data) - {"time", "event", *needed, *more})
    if unknown:
        raise Broken(f"a line of `{event}` has no `{unknown[0][:60]}`")
