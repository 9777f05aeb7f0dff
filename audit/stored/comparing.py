"""Where a row is not what the events say of it."""

from __future__ import annotations

import json
from typing import Any

from ...runtime.call import fields_of
from ..reading.strict import canonical
from .book import Expected

_JSON = (
    "user",
    "fields",
    "context",
    "asks",
    "asked_for",
    "roles",
    "methods",
    "capabilities",
    "acts_for",
)
"""Columns that hold JSON as text."""
_FLAGS = ("refused", "redacted", "active")


def differs(row: Any, told: Expected) -> str | None:
    """The column in which a row is not what the events say: of those columns that it has."""
    for name, expected in told.items():
        if not hasattr(row, name):
            continue
        found = getattr(row, name)
        if name in _JSON:
            same = is_same(read(found), expected)
        elif name in _FLAGS:
            same = bool(found) is expected
        else:  # a call of which its policy knows nothing has no capability
            same = found == expected or (name == "capability" and found is None)
        if not same:
            return name
    return None


def question_differs(row: Any, told: Expected, now: int, *, is_over: bool) -> str | None:
    """Where a question is another one; that its time is over is noticed by somebody, at some time.

    `is_over` is whether its task has ended or drifted, with which it lapses at once.
    """
    if is_over and told["state"] == "pending":
        return differs(row, {**told, "state": "expired", "asked_for": None})
    lapsed = row.state == "expired" and row.answered is None and row.expires <= now
    if lapsed and (told["state"] == "pending" or told.get("lapsed")):
        told = {**told, "state": "expired", "asked_for": None, "answered": None}
    return differs(row, told)


def key_differs(row: Any, told: Expected) -> str | None:
    """Where what a key repeats is not what was recorded. A start says its task as well, which is compared as that."""
    if row.seq != told["seq"]:
        return "seq"
    if (row.answer is None) is not told["open"]:
        return "answer"
    given = fields_of(read(row.answer))
    expected = {**told["says"], **told.get("answer", {})}
    same = told["open"] or all(
        name in given and is_same(given[name], each) for name, each in expected.items()
    )
    if "answer" in told and given.get("task") is None:
        same = same and set(given) == set(expected)
    return None if same else "answer"


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are written alike, numbers that are infinite as well."""
    try:
        return canonical(one) == canonical(other)
    except (RecursionError, TypeError, ValueError):
        return False


def read(text: Any) -> Any:
    """JSON of a column; somebody else may have written something else there."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return text
