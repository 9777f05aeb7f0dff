"""What a pipeline says to a reviewer: a table of phases for each policy set, what was found, and what the change opens.

It is the comment of a pull request, the note of a merge request, and the summary of a step. All names and values come
from whoever proposes the change, and none of them is read as Markdown, HTML or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ...compiler.telling.difference_markdown import LIMIT
from ...compiler.telling.difference_markdown import MARKER as MARKER_OF_DIFF
from ...compiler.telling.difference_markdown import page as page_of_diff
from ...compiler.telling.markdown import code, prose, table
from .text import BESIDE, result

if TYPE_CHECKING:
    from .phases import Phase, Run

MARKER = "<!-- agpc ci -->"
"""Starts each comment and is not shown, so that the one of an earlier run is found."""
LIMIT_OF_SUMMARY = 1_000_000
"""Bytes of the summary of a step on GitHub, which takes 1 MiB."""
SHOWN = 10
"""Findings, and tests that failed, that are listed of one set."""
SIGNS = {"passed": "✅", "failed": "❌", "undetermined": "❔", "not run": "➖"}
OPENS = "⚠️"
"""Of a change that opens something and is not asked to fail: a reviewer has to look at it all the same."""
_WORDS = re.compile(r"[A-Za-z0-9 ,:;-]*")


def page(runs: Sequence[Run], notes: Sequence[str], status: int, limit: int = LIMIT) -> str:
    """The comment, by whole entries: as much as there is room for, and how much is left out."""
    phases = list(dict.fromkeys(each.name for run in runs for each in run.phases))
    head = f"{MARKER}\n### {SIGNS[result(status)]} agpc: {result(status)}\n\n"
    entries = [
        "".join(f"{line}\n" for line in _table(runs, phases)),
        *(f"\n{_alarm(line)}{prose(line)}\n" for line in notes),
        *(entry for run in runs for entry in _set(run, len(runs) > 1)),
    ]
    room = limit - len(head.encode()) - 200
    kept = []
    for number, entry in enumerate(entries):
        room -= len(entry.encode())
        if room < 0:
            left = len(entries) - number
            kept.append(
                f"\n**Left out, as there is no room: {left} more.** The log has everything.\n"
            )
            break
        kept.append(entry)
    return head + "".join(kept)


def _alarm(note: str) -> str:
    return "" if note.startswith(BESIDE) else f"{OPENS} "


def _table(runs: Sequence[Run], phases: Sequence[str]) -> Iterator[str]:
    return table(
        ["policy set", *phases],
        ([code(run.policy_set.name), *map(_cell, run.phases)] for run in runs),
    )


def _cell(phase: Phase) -> str:
    said = phase.said if _WORDS.fullmatch(phase.said) else code(phase.said)
    return f"{OPENS if phase.alarms and phase.status == 0 else SIGNS[phase.word]} {said}"


def _set(run: Run, is_one_of_several: bool) -> Iterator[str]:
    """What there is to say of one set; nothing where nothing was found."""
    said = [*_findings(run), *_tests(run), *_formats(run), *_targets(run), *_difference(run)]
    if said and is_one_of_several:
        yield f"\n#### {code(run.policy_set.name)}\n"
    yield from said


def _findings(run: Run) -> Iterator[str]:
    if run.checked is None:
        return
    listed = run.findings.diagnostics
    lines = []
    for each in sorted(listed, key=lambda each: ("error", "warning", "info").index(each.severity)):
        place = ""
        if each.labels:
            place = f" {code(run.findings.place(each.labels[0].span))}"
        lines.append(f"- {each.severity} **{each.code}**{place}: {prose(each.message)}\n")
    yield from _listed("Findings", lines)


def _tests(run: Run) -> Iterator[str]:
    from ...compiler.telling.outcomes import place

    failed = [each for each in run.outcomes if not each.passed]
    lines = [f"- {code(each.test.name)} at {code(place(each, run.findings))}\n" for each in failed]
    yield from _listed("Tests that failed", lines)


def _formats(run: Run) -> Iterator[str]:
    yield from _listed("Files to format", [f"- {code(each.path)}\n" for each in run.unformatted])


def _targets(run: Run) -> Iterator[str]:
    for title, report in (("Errors of the base", run.base), ("What the targets say", run.emitted)):
        if report is not None:
            lines = [
                f"- {each.severity} **{each.code}**: {prose(each.message)}\n"
                for each in report.diagnostics
            ]
            yield from _listed(title, lines)


def _difference(run: Run) -> Iterator[str]:
    found = run.difference
    if found is not None and (found.verdict != "equivalent" or found.also):
        yield "\n" + page_of_diff(found).removeprefix(MARKER_OF_DIFF).lstrip("\n")


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    """A heading and the first lines; the rest is counted."""
    if lines:
        more = len(lines) - SHOWN
        rest: Iterable[str] = [f"- and {more} more, in the log\n"] if more > 0 else []
        yield f"\n**{title}: {len(lines)}**\n\n" + "".join([*lines[:SHOWN], *rest])
