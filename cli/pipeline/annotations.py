"""What a pipeline annotates on GitHub: as much as is shown of one step, and how much is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...compiler.report.github import command, render
from ..output.diff.github import render as render_diff
from .text import BESIDE, lines_of

if TYPE_CHECKING:
    from .phases import Run

SHOWN = 10
"""Annotations of each level that GitHub shows of one step."""
LEVELS = ("error", "warning", "notice")


def commands(runs: Sequence[Run], notes: Sequence[str]) -> Iterator[str]:
    """The workflow commands, the gravest first, and at most as many as are shown."""
    found = [
        command("warning", {"title": "agpc ci"}, each)
        for each in notes
        if not each.startswith(BESIDE)
    ]
    found += [line for run in runs for line in _all(run)]
    for level in LEVELS:
        lines = [each for each in found if each.startswith(f"::{level} ")]
        if len(lines) <= SHOWN:
            yield from lines
            continue
        yield from lines[: SHOWN - 1]
        more = f"{len(lines) - SHOWN + 1} more of this level are in the summary and the log of this step"
        yield command(level, {"title": "agpc"}, more)


def _all(run: Run) -> Iterator[str]:
    from ...compiler.telling.outcomes import render_text

    if run.checked is None:
        return
    if (
        run.difference is not None
        and run.places is not None
        and (run.difference.verdict != "equivalent" or any(e.first for e in run.difference.also))
    ):
        yield from lines_of(render_diff(run.difference, run.places))
    yield from lines_of(render(run.findings))
    for outcome in run.outcomes:
        if not outcome.passed:
            span = outcome.test.span
            place: dict[str, str | int] = {"file": run.findings.path(span.file), "line": span.line}
            said = "\n".join(lines_of(render_text([outcome], run.findings))[:-1])
            yield command("error", {**place, "title": "a test of the policy failed"}, said)
    for file in run.unformatted:
        first: dict[str, str | int] = {"file": file.path, "line": 1, "title": "not formatted"}
        yield command("warning", first, "`agpc fmt` lays it out as every policy is")
    for report in (run.base, run.emitted):
        if report is not None:
            yield from lines_of(render(report))
    for phase in run.phases:
        if phase.status == 2:
            title = f"agpc ci: {phase.name} of {run.policy_set.name}"
            yield command("error", {"title": title}, phase.said)
