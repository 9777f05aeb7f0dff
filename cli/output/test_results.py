"""What came of tests, of coverage and of suggestions, each where it was asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ...compiler.report.source import PolicyFile
    from ...compiler.testing.coverage import Coverage
    from ...compiler.testing.run import Outcome
    from ...compiler.testing.suggestions import Suggestions
    from ..input.coverage_reports import Wanted


def show(
    outcomes: Sequence[Outcome],
    format: str,
    coverage: Coverage | None,
    wanted: Sequence[Wanted],
    suggested: Suggestions | None,
    directory: str | None,
    files: Sequence[PolicyFile],
) -> None:
    """Print the outcomes, reports on coverage and suggestions, or write them to files: suggestions to a directory.

    A report for programs has standard output for itself, and so have suggestions: the outcomes go to
    standard error then.
    """
    from ...compiler.report import Report
    from ...compiler.telling.outcomes import document as outcomes_document
    from .coverage.formats import render
    from .coverage.words import document as coverage_document
    from .outcome_tables import RENDERERS
    from .suggestions import NOTHING, write
    from .suggestions import document as suggestions_document
    from .suggestions import render as render_suggestions
    from .whole_file import write_whole

    report = Report.of((), files)
    printed = None
    if coverage is not None:
        for each in wanted:
            if each.file is None:
                printed = each.format
            else:
                write_whole(Path(each.file), render(each.format, coverage, report, files))
    written = None
    if suggested is not None and directory is not None:
        written = write(suggested, directory)
    if format == "json" and printed in (None, "text"):
        data = outcomes_document(outcomes, report)
        if coverage is not None and printed == "text":
            data["coverage"] = coverage_document(coverage, report)
        if suggested is not None:
            data["suggestions"] = suggestions_document(suggested)
        click.echo(json.dumps(data, indent=2))
        click.echo(written or "", nl=False, err=True)
        return
    is_mixed = suggested is not None and directory is None
    is_aside = is_mixed or printed not in (None, "text")
    is_for_people = format in ("text", "matrix")
    shown = "text" if is_aside and not is_for_people else format
    click.echo(RENDERERS[shown](outcomes, report), nl=False, err=is_aside)
    if coverage is not None and printed is not None:
        beside = printed == "text" and (is_mixed or format == "junit")
        click.echo(render(printed, coverage, report, files), nl=False, err=beside)
    if written is not None:
        click.echo(written, nl=False, err=is_aside or not is_for_people)
    elif suggested is not None:
        click.echo(render_suggestions(suggested), nl=False)
        if not suggested.tests:
            click.echo(NOTHING, err=True)
