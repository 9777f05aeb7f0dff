"""What an answer of the service holds, read so that nothing else is shown, whoever wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ....compiler.text.visible import visible


def text_of(value: Any) -> str:
    """A text of which every character can be seen."""
    text = value if type(value) is str else "?" if value is None else json.dumps(value)
    return visible(text)


def to_the_second(value: Any) -> str:
    """A time to the second, in UTC, as it says."""
    text = text_of(value)
    return f"{text[:19]}Z" if text.endswith("Z") else text


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows whose cells stand below one another."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def object_of(value: Any) -> Mapping[str, Any]:
    """An object; an empty one in the place of anything else."""
    return value if isinstance(value, Mapping) else {}


def items_of(value: Any) -> Sequence[Any]:
    """A list; an empty one in the place of anything else."""
    return value if isinstance(value, list) else ()


def beside(
    answer: Mapping[str, Any], rows: str, if_none: str, option: str = "--before"
) -> str | None:
    """What is to be said beside the rows of a list: that there are none, or how to see those that follow."""
    if answer.get("next") is not None:
        return f"there may be more: {option} {text_of(answer['next'])}"
    return None if items_of(answer.get(rows)) else if_none


def left_out(answer: Mapping[str, Any]) -> Iterator[str]:
    """Say how much was said that is not shown, after the first words."""
    more = answer.get("said_left_out")
    if type(more) is int and more > 0:
        yield f"  {more:,} times more something was said here, which is left out; what follows was said last"
