"""What stands in the query of a URL: each parameter once, known, and within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.operations.problem import Problem
from .routes import Exchange, Query

MOST = 500
LARGEST = 10**18
LIMIT = Query(
    "limit", "How many.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 50}
)
BEFORE = Query(
    "before",
    "What `next` was in the answer before.",
    {"type": "string", "pattern": "^[0-9]{1,18}$"},
)


def only(exchange: Exchange, *known: Query) -> dict[str, str]:
    """Give the parameters. Raises a `Problem` for one that is not known, or stands twice."""
    found: dict[str, str] = {}
    names = {each.name for each in known}
    for name, value in exchange.request.query_params.multi_items():
        if name not in names or name in found:
            takes = ", ".join(f"`{each}`" for each in sorted(names)) or "none"
            raise Problem(
                400,
                "bad_query",
                f"the query has a parameter twice, or one that is not taken: {takes}",
            )
        found[name] = value
    return found


def whole(given: dict[str, str], query: Query, least: int, most: int) -> int | None:
    """Read a whole number. Raises a `Problem` for what is none, or is out of bounds."""
    text = given.get(query.name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and least <= int(text) <= most):
        raise Problem(
            400, "bad_query", f"`{query.name}` has to be a whole number from {least} to {most}"
        )
    return int(text)


def limit_in(given: dict[str, str]) -> int:
    """Read how many stand on a page of a list. Raises a `Problem`."""
    return whole(given, LIMIT, 1, MOST) or 50


def page_in(given: dict[str, str]) -> tuple[int | None, int]:
    """Read before which row a page of a list begins, and how many stand on it. Raises a `Problem`."""
    return whole(given, BEFORE, 0, LARGEST), limit_in(given)


def next_of(rows: Sequence[Any], limit: int) -> str | None:
    """Say where the next page begins, of rows among which one more was looked for."""
    return str(rows[limit - 1].seq) if len(rows) > limit else None


def word(given: dict[str, str], query: Query) -> str | None:
    """Read one of a few words. Raises a `Problem` for another."""
    text = given.get(query.name)
    if text is not None and text not in query.schema["enum"]:
        raise Problem(
            400, "bad_query", f"`{query.name}` has to be one of {', '.join(query.schema['enum'])}"
        )
    return text
