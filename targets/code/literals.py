"""The layout of literals: brackets that break their lines where these would be too long."""

from __future__ import annotations

from collections.abc import Callable, Iterable

WIDTH = 100


class Code(str):
    """Text that is an expression already."""

    __slots__ = ()


def enclose(
    opening: str,
    items: Iterable[tuple[str, object]],
    closing: str,
    indent: int,
    step: int,
    write: Callable[[object, int], str],
) -> str:
    """Put (prefix, value) pairs between brackets: in one line if they fit, else one a line.

    `indent` is the column of the first line; lines inside stand `step` further in. Spaces inside of the
    brackets are for the one line alone.
    """
    items = list(items)
    if not items:
        return opening.rstrip() + closing.lstrip()
    line = opening + ", ".join(prefix + write(value, 0) for prefix, value in items) + closing
    if "\n" not in line and indent + len(line) <= WIDTH:
        return line
    margin = " " * (indent + step)
    lines = "".join(
        f"{margin}{prefix}{write(value, indent + step + len(prefix))},\n" for prefix, value in items
    )
    return f"{opening.rstrip()}\n{lines}{' ' * indent}{closing.lstrip()}"
