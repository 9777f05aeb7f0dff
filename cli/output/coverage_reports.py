"""The reports on coverage, by the names of their formats, and where each goes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ...compiler.report import Report
    from ...compiler.report.source import PolicyFile
    from ...compiler.testing.coverage import Coverage
    from ...compiler.testing.run import Outcome
    from ..input.coverage_reports import Wanted


def render(format: str, coverage: Coverage, report: Report, files: Sequence[PolicyFile]) -> str:
    """Render coverage in a format."""
    match format:
        case "text":
            from .coverage import render_text

            return render_text(coverage, report)
        case "json":
            from .coverage import render_json

            return render_json(coverage, report)
        case "lcov":
            from .coverage_lcov import render as render_lcov

            return render_lcov(coverage, report)
        case "cobertura":
            from .coverage_cobertura import render as render_cobertura

            return render_cobertura(coverage, report)
        case _:
            from .coverage_page import page

            return page(coverage, report, files)


def show(
    outcomes: Sequence[Outcome],
    format: str,
    coverage: Coverage | None,
    wanted: Sequence[Wanted],
    report: Report,
    files: Sequence[PolicyFile],
) -> None:
    """Print the outcomes and the reports on coverage, or write these to files.

    A report for programs has standard output for itself, and the outcomes go to standard error.
    """
    from .coverage import document
    from .outcomes import RENDERERS
    from .outcomes import document as outcomes_document
    from .whole_file import write_whole

    printed = None
    for each in wanted:
        assert coverage is not None
        if each.file is not None:
            write_whole(Path(each.file), render(each.format, coverage, report, files))
        else:
            printed = each.format
    if printed is None:
        click.echo(RENDERERS[format](outcomes, report), nl=False)
        return
    assert coverage is not None
    if printed == "text" and format == "json":
        data = {**outcomes_document(outcomes, report), "coverage": document(coverage, report)}
        click.echo(json.dumps(data, indent=2))
        return
    is_aside = printed != "text"
    click.echo(RENDERERS["text" if is_aside else format](outcomes, report), nl=False, err=is_aside)
    text = render(printed, coverage, report, files)
    click.echo(text, nl=False, err=printed == "text" and format == "junit")
