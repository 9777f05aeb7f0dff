"""One diagnostic for one mistake, however often what is wrong is used.

What is wrong in a named condition names who uses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..report.diagnostics import Diagnostic, Diagnostics, Label
from ..report.source import Span

_USED = "used "
_MOST = 3  # uses that are shown
_NAMES = frozenset(("AGP1101", "AGP1109"))


def mark_used(diagnostics: Diagnostics, start: int, place: Span, user: str) -> None:
    """Let what was found from an index on, in a named condition, name the place that uses it."""
    label = Label(place, f"{_USED}by {user}" if user else f"{_USED}here")
    diagnostics[start:] = [
        replace(each, labels=(*each.labels, label)) for each in diagnostics[start:]
    ]


def merge_uses(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Make one of diagnostics that differ only in who uses the condition.

    What is found wherever the condition stands has nothing to do with who uses it.
    """
    merged: dict[object, Diagnostic] = {}
    for each in diagnostics:
        own = tuple(label for label in each.labels if not label.text.startswith(_USED))
        key = (each.code, each.message, own, each.help, each.notes)
        before = merged.get(key)
        if before is None or len(own) == len(each.labels):
            merged[key] = each
        elif len(before.labels) > len(own):
            labels = tuple(dict.fromkeys((*before.labels, *each.labels)))
            merged[key] = replace(before, labels=labels[: len(own) + _MOST])
    return list(merged.values())


def once_a_line(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Keep the first of the same words about a name on a line, as of `now.hour` and `now.hour`."""
    first: dict[object, Diagnostic] = {}
    for each in diagnostics:
        place = each.labels[0].span
        is_name = each.code in _NAMES
        said = (place.file, place.line, each.message, each.help) if is_name else ()
        first.setdefault((each.code, *said) if is_name else id(each), each)
    return tuple(first.values())
