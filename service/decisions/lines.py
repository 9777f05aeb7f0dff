"""A line of the decision log: who asked what, and what was answered; no arguments, and no attributes."""

from __future__ import annotations

import time
from json.encoder import encode_basestring_ascii as quoted  # the C function, where there is one
from typing import Any

LONGEST = 1_024  # characters of a name; what is longer is cut


def line(
    asked: str, caller: str, id: str, policy: str, request: dict[str, Any], answer: str, now: int
) -> bytes:
    """Write a line. `asked` is where, `answer` the end of the line, which says what was answered; `id` is that of the request."""
    subject, action, resource = request["subject"], request["action"], request["resource"]
    return (
        f'{{"v":1,"time":"{_moment(now)}","asked":"{asked}","caller":{quoted(caller)},"request_id":{quoted(id)},'
        f'"policy":"{policy}","subject":{{"type":{_cut(subject["type"])},"id":{_cut(subject["id"])}}},'
        f'"action":{_cut(action["name"])},"resource":{{"type":{_cut(resource["type"])},"id":{_cut(resource["id"])}}},'
        f"{answer}}}"
    ).encode("ascii")


def _cut(text: str) -> str:
    return quoted(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


_second: tuple[int, str] = (-1, "")


def _moment(now: int) -> str:
    """Write nanoseconds since 1970 to the microsecond; the second is written once."""
    global _second
    second, rest = divmod(now, 1_000_000_000)
    if _second[0] != second:
        _second = (second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)))
    return f"{_second[1]}.{rest // 1_000:06}Z"
