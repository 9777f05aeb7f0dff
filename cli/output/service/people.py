"""What the service says of people; every text is shown so that nothing in it hides or moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .answers import beside, columns, items_of, object_of, text_of

STATES = {"unsure": "here, by a word that has grown old"}


def listed(answer: Mapping[str, Any]) -> list[str]:
    """People, a line each."""
    rows = []
    for each in map(object_of, items_of(answer.get("people"))):
        state = text_of(each.get("state"))
        roles = " ".join(text_of(name) for name in items_of(each.get("roles"))) or "no roles"
        source = f"by {text_of(each.get('source'))}"
        rows.append((text_of(each.get("person")), STATES.get(state, state), source, roles))
    return columns(rows)


def of_list(answer: Mapping[str, Any]) -> str | None:
    """What is to be said of a list beside its rows."""
    return beside(answer, "people", "nobody is known", "--after")
