"""What a pipeline prints: what each policy set has to say, and a table of phases at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...compiler.text.counted import first_of
from ...compiler.text.visible import visible

if TYPE_CHECKING:
    from ...compiler.report import Report
    from .phases import Run

RESULTS = {0: "passed", 5: "undetermined"}


def result(status: int) -> str:
    """An exit status in a word."""
    return RESULTS.get(status, "failed")


def details(run: Run) -> Iterator[str]:
    """The lines of all that the phases of a set found, in the words of their commands."""
    from ...compiler.telling.outcomes import render_text
    from ..output.baseline import gone
    from ..output.diff.text import page

    if run.checked is not None:
        yield from _diagnostics(run.findings)
        if run.findings.gone:
            yield from lines_of(gone(run.findings, str(run.policy_set.baseline)))
    yield from (f"would format {visible(each.path)}" for each in run.unformatted)
    failed = [each for each in run.outcomes if not each.passed]
    if failed:
        yield from lines_of(render_text(failed, run.findings))[:-1]
    if run.base is not None:
        yield "the base does not compile:"
        yield from _diagnostics(run.base)
    found = run.difference
    if found is not None and (found.verdict != "equivalent" or found.also or found.renamed):
        yield from lines_of(page(found))
    if run.emitted is not None:
        yield from _diagnostics(run.emitted)


def lines_of(text: str) -> list[str]:
    """The lines of what was rendered, which end in a line feed and in nothing else."""
    return text.removesuffix("\n").split("\n") if text else []


def _diagnostics(report: Report) -> Iterator[str]:
    from ...compiler.report.text import render

    yield from lines_of(render(report))


def table(runs: Sequence[Run], notes: Sequence[str], status: int) -> Iterator[str]:
    """A row for each phase of each set, and what came of all of them."""
    for run in runs:
        yield visible(run.policy_set.name)
        for each in run.phases:
            yield f"  {each.name:<8} {each.word:<13} {visible(each.said)}".rstrip()
    yield from map(visible, notes)
    yield f"agpc ci: {result(status)}" + (f", exit status {status}" if status else "")


MOST_NAMED = 10  # policies that a note names


BESIDE = "in no set, and not looked at"
"""Starts a note of what was so before; every other one is of what the change does."""


def notes(beside: Sequence[str], gone: Sequence[str], left: Sequence[str]) -> list[str]:
    """What was not looked at: policies of no set, and those that went with theirs or left it."""
    untold = "so that nothing says what that closes or opens"
    said = (
        (f"gone, and in no set that is left, {untold}", gone),
        (f"in a set before and in none now, {untold}", left),
        (BESIDE, [each for each in beside if each not in left]),
    )
    return [
        f"{what}: {first_of([*map(visible, those)], MOST_NAMED)}" for what, those in said if those
    ]
