"""`agpc check`: everything that is wrong with policies, and what is proved of them, at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...compiler.report import FORMATS
from ...compiler.report.diagnostics import SEVERITIES
from ...compiler.text.counted import counted
from .. import exits
from ..input.policies import PATHS, read_files, show

if TYPE_CHECKING:
    from ...compiler.check.settings import Settings
    from ...compiler.report import Report
    from ...compiler.report.codes import Severity
    from ...compiler.report.source import PolicyFile
    from ..input.checked import Checked


@click.command()
@PATHS
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="The least severity that makes the exit status 1; else `fail-on` of the settings, or error.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="CODE[,CODE]...",
    envvar="AGPC_CHECK_SELECT",
    help="Look for these as well: codes, or how they start.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="CODE[,CODE]...",
    envvar="AGPC_CHECK_IGNORE",
    help="Do not look for these: codes, or how they start. Errors cannot be ignored.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="The file of settings, in place of the nearest agpc.toml or pyproject.toml.",
)
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Report what is new since this file was written; else `baseline` of the settings.",
)
@click.option(
    "--write-baseline",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write what is found to a baseline, and report what cannot be in one.",
)
@click.option("--no-analysis", is_flag=True, help="Only compile: prove nothing and find nothing.")
@click.option(
    "--at",
    metavar="DATE",
    envvar="AGPC_CHECK_AT",
    help="The day, or the RFC 3339 time, at which grants are looked at; now if not given.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Check again whenever policies or settings change; only what changed takes time.",
)
def check(
    paths: tuple[str, ...],
    format: str,
    fail_on: Severity | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    config: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
    no_analysis: bool,
    at: str | None,
    watch: bool,
) -> None:
    """Check policies, files or directories: compile them, analyse them, and report what is found.

    Findings for people go to standard error; in the other formats the report is the result, and goes
    to standard output. `-` reads a policy from standard input.
    """
    from ...compiler.check.review import Kept
    from ..input.checked import reviewed
    from ..input.settings import instant, now, settings_for

    if write_baseline is not None and (baseline is not None or watch or no_analysis):
        raise click.UsageError(
            "--write-baseline does not go with --baseline, --watch or --no-analysis"
        )
    kept = Kept()
    day = None if at is None else instant(at)

    def settings() -> Settings:
        return settings_for(paths, config, select, ignore)

    def once(files: list[PolicyFile], settings: Settings) -> int:
        found = reviewed(
            files, settings, now() if day is None else day, kept, analysis=not no_analysis
        )
        known = baseline or (settings.baseline and settings.path(settings.baseline))
        if write_baseline is not None:
            written = wrote_baseline(write_baseline, found)
            if found.review.policy is not None:
                found = found.beyond(write_baseline)
        elif known is not None:
            found = found.beyond(Path(known))
        show_check(found, format)
        if write_baseline is not None:
            click.echo(written, err=format != "text")
        elif found.report.gone and format != "json":
            from ..output.baseline import gone

            click.echo(gone(found.report, str(known)), err=True, nl=False)
        return found.status(fail_on or settings.fail_on)

    if not watch:
        raise exits.Stop(once(read_files(paths), settings()))
    from ..input.watch import whenever_changed

    for files, chosen in whenever_changed(paths, settings):
        once(files, chosen)


def show_check(found: Checked, format: str) -> None:
    """Print what was found."""
    from ...compiler.report import renderer

    if format == "text":
        show(found.report)
        click.echo(summary(found.files, found.report))
    else:
        click.echo(renderer(format)(found.report), nl=False)


def wrote_baseline(path: Path, found: Checked) -> str:
    """Write what was found to a baseline, and say so; what cannot be in one is left in the report."""
    from ...compiler.check.baseline import entries_of, to_text
    from ...compiler.text.visible import visible
    from ..output.whole_file import write_whole

    if found.review.policy is None:
        return f"{visible(str(path))} was not written: the policy does not compile"
    entries = entries_of(found.report)
    write_whole(path, to_text(entries))
    count = sum(each.count for each in entries)
    return f"wrote {counted(count, 'finding')} to {visible(str(path))}"


def summary(files: int, report: Report) -> str:
    """Say in one line what came of it."""

    counts = report.count()
    said = [counted(counts["error"], "error"), counted(counts["warning"], "warning")]
    if counts["info"]:
        said.append(f"{counts['info']} for information")
    if report.silenced:
        said.append(f"{report.silenced} silenced")
    if report.known:
        said.append(f"{len(report.known)} in the baseline")
    return f"{counted(files, 'file')}: {', '.join(said)}"
