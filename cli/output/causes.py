"""What targets say of rules, a message for each cause: a reader mends causes, and the ledger has the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...compiler.text.counted import counted

if TYPE_CHECKING:
    from ...compiler.report.diagnostics import Diagnostic

BY_CAUSE = ("AGP5003", "AGP5004", "AGP5007", "AGP5008")
WHOLE = ("AGP5007",)  # of which the causes say the same, each of another capability
MOST_PLACES = 4  # that a message shows
_OF_A_RULE = re.compile(r"`[^`]+` (?P<said>.+)", re.DOTALL)

_Key = tuple[str, str, str | None]


def by_cause(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Put messages about several rules together that have one cause; the others stay as they are."""
    kept: list[Diagnostic] = []
    found: dict[_Key, dict[str, list[Diagnostic]]] = {}
    for each in diagnostics:
        match = _OF_A_RULE.fullmatch(each.message)
        if each.code not in BY_CAUSE or match is None:
            kept.append(each)
            continue
        causes = found.setdefault((each.code, match["said"], each.help), {})
        for cause in each.notes if each.notes and each.code not in WHOLE else ("",):
            causes.setdefault(cause, []).append(each)
    for causes in found.values():
        shared: dict[tuple[int, ...], list[str]] = {}
        for cause, those in causes.items():
            shared.setdefault(tuple(map(id, those)), []).append(cause)
        kept += [_together(causes[notes[0]], notes) for notes in shared.values()]
    return kept


def _together(those: list[Diagnostic], causes: list[str]) -> Diagnostic:
    """One message in the place of several with the same causes."""
    from ...compiler.report.diagnostics import Diagnostic, Label

    first, *others = those
    if not others:
        notes = first.notes if causes == [""] else tuple(causes)
        return Diagnostic(first.code, first.message, first.labels, first.help, notes, first.judged)
    notes = tuple(each for each in causes if each)
    if not notes:
        notes = tuple(dict.fromkeys(note for each in those for note in each.notes))
    if len(notes) > 2 * MOST_PLACES:
        left = len(notes) - 2 * MOST_PLACES
        notes = (*notes[: 2 * MOST_PLACES], f"and {left} more causes, which the ledger names")
    count = counted(len(others), "other rule")
    labels = [*first.labels]
    for each in others[: MOST_PLACES - 1]:
        labels += [Label(label.span, "this rule, too") for label in each.labels[:1]]
    message = f"{first.message}, like {count}"
    return Diagnostic(first.code, message, tuple(labels), first.help, notes, first.judged)
