"""What stands in the query of a URL: each parameter once, known, and within bounds."""

from __future__ import annotations

from ..core.problem import Problem
from .routes import Exchange, Query

MOST = 500
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


def word(given: dict[str, str], query: Query) -> str | None:
    """Read one of a few words. Raises a `Problem` for another."""
    text = given.get(query.name)
    if text is not None and text not in query.schema["enum"]:
        raise Problem(
            400, "bad_query", f"`{query.name}` has to be one of {', '.join(query.schema['enum'])}"
        )
    return text
