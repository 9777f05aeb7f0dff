"""What turns one text into another, as small as it can be said: so that cursors and folds stay where they are."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from lsprotocol import types

from ..positions import Lines

Replacement = tuple[int, int, str]
"""From and to, as offsets, and what comes to stand there."""

MOST = 4_000
"""Lines that differ at most before they are replaced as a whole: comparing more takes too long to wait for."""


def between(before: str, after: str) -> Iterator[Replacement]:
    """The stretches that differ, in order."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    top = _alike(old, new)
    bottom = _alike(old[top:][::-1], new[top:][::-1])
    start = sum(map(len, old[:top]))
    old, new = old[top : len(old) - bottom], new[top : len(new) - bottom]
    if max(len(old), len(new)) > MOST:
        yield start, start + sum(map(len, old)), "".join(new)
        return
    places = [start]
    for line in old:
        places.append(places[-1] + len(line))
    for tag, first, last, first_new, last_new in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        if last - first == last_new - first_new:  # a line for a line: say what changes within
            for number in range(last - first):
                line, other = old[first + number], new[first_new + number]
                yield from _within(places[first + number], line, other)
        else:
            yield places[first], places[last], "".join(new[first_new:last_new])


def _alike(one: list[str], other: list[str]) -> int:
    """How many lines are the same at the start."""
    most = min(len(one), len(other))
    return next((number for number in range(most) if one[number] != other[number]), most)


def _within(start: int, line: str, other: str) -> Iterator[Replacement]:
    if line == other:
        return
    most = min(len(line), len(other))
    left = next((number for number in range(most) if line[number] != other[number]), most)
    right = 0
    while right < most - left and line[-1 - right] == other[-1 - right]:
        right += 1
    yield start + left, start + len(line) - right, other[left : len(other) - right]


def text_edits(lines: Lines, after: str) -> list[types.TextEdit]:
    """The edits that turn a document into another text."""
    return [
        types.TextEdit(lines.between(start, end), text)
        for start, end, text in between(lines.text, after)
    ]
