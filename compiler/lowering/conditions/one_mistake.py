"""One diagnostic for one mistake, however often what is wrong is used.

What is wrong in a named condition names who uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...report.diagnostics import Diagnostic, Label
from ...report.source import Span
from ...structs import changed

_USED = "used "
_MOST = 3  # uses that are shown
_NAMES = frozenset(("AGP1101", "AGP1109"))
_PACKAGES = "AGP1103"


def used(found: Iterable[Diagnostic], place: Span, user: str) -> Iterator[Diagnostic]:
    """Let what was found in a named condition name the place that uses it."""
    label = Label(place, f"{_USED}by {user}" if user else f"{_USED}here")
    for each in found:
        yield changed(each, labels=(*each.labels, label))


def merge_users(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
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
            merged[key] = changed(before, labels=labels[: len(own) + _MOST])
    return list(merged.values())


def told_once(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Keep the first of the same words about one thing, of diagnostics in the order of their places.

    That is a name on a line, as in `now.hour >= 9 and now.hour < 17`, and a package in a file.
    """
    first: dict[object, Diagnostic] = {}
    for each in diagnostics:
        first.setdefault(_said(each), each)
    return tuple(first.values())


def _said(each: Diagnostic) -> object:
    """What a reader learns from a diagnostic that may be told more than once; else itself."""
    place = each.labels[0].span
    if each.code in _NAMES:
        return each.code, place.file, place.line, each.message, each.help
    return (each.code, place.file, each.message) if each.code == _PACKAGES else id(each)
