"""On which line of a TOML file a key stands, which `tomllib` does not say."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[{1,2})\s*([^\]]+?)\s*\]{1,2}\s*(?:#.*)?")
_KEY = re.compile(
    r"\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*="
)


def line_of(text: str, place: Sequence[str | int]) -> int | None:
    """Find the line of a key, or of the nearest table around it that has one.

    >>> line_of('a = 1\\n[[b]]\\nc = 1\\n[[b]]\\nc = 2\\n', ("b", 1, "c"))
    5
    """
    lines = _lines_of_keys(text)
    for length in range(len(place), 0, -1):
        if (found := lines.get(tuple(place[:length]))) is not None:
            return found
    return None


def _lines_of_keys(text: str) -> dict[tuple[str | int, ...], int]:
    found: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            table = _parts(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                found.setdefault(table, number)
                table = (*table, counts[table])
            else:
                for length in range(len(table), 0, -1):  # a table of the last of a list of tables
                    if table[:length] in counts:
                        table = (*table[:length], counts[table[:length]], *table[length:])
                        break
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *_parts(key[1])), number)
    return found


def _parts(key: str) -> tuple[str, ...]:
    return tuple(each.strip().strip("\"'") for each in key.split("."))
