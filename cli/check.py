"""`agpc check`: syntax, names, types: everything that is wrong, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..compiler.diagnostics import SEVERITIES
from ..compiler.report import FORMATS
from . import exits
from .policies import PATHS, read, show

if TYPE_CHECKING:
    from ..compiler.codes import Severity
    from ..compiler.report import Report

UNDETERMINED = "AGP2999"  # nobody knows whether there is something to find


@click.command()
@PATHS
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="error",
    show_default=True,
    help="The least severity that makes the exit status 1 (an error makes it 3).",
)
def check(paths: tuple[str, ...], format: str, fail_on: Severity) -> None:
    """Check policies, files or directories, and report everything that is wrong.

    Findings for people go to standard error; in the other formats the report is the result, and goes
    to standard output. `-` reads a policy from standard input.
    """
    from ..compiler.compile import compile_sources
    from ..compiler.report import Report, renderer

    files = read(paths)
    compilation = compile_sources([each.source for each in files])
    report = Report.of(compilation.diagnostics, files)
    counts = report.count()
    if format == "text":
        show(report)
        click.echo(summary(len(files), counts["error"], counts["warning"]))
    else:
        click.echo(renderer(format)(report), nl=False)
    if compilation.policy is None:
        raise exits.Stop(exits.INVALID)
    raise exits.Stop(status_of(report, fail_on))


def status_of(report: Report, fail_on: Severity) -> int:
    """Give the exit status of what was found in a policy that compiles."""
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    if any(each.severity in failing for each in report.diagnostics):
        return exits.FINDINGS
    if any(each.code == UNDETERMINED for each in report.diagnostics):
        return exits.UNDETERMINED
    return exits.CLEAN


def summary(files: int, errors: int, warnings: int) -> str:
    """Say in one line what came of it."""

    def some(number: int, noun: str) -> str:
        return f"{number} {noun}{'' if number == 1 else 's'}"

    return f"{some(files, 'file')}: {some(errors, 'error')}, {some(warnings, 'warning')}"
