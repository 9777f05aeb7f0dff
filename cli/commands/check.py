"""`agpc check`: everything that is wrong with policies, and what is proved of them, at once."""

from __future__ import annotations

import sys
from pathlib import Path
from time import monotonic, time_ns
from typing import TYPE_CHECKING

import click

from ...compiler.report import FORMATS
from ...compiler.report.diagnostics import SEVERITIES
from ...runtime.values import read_time
from .. import exits
from ..input.policies import PATHS, read, show

if TYPE_CHECKING:
    from ...compiler.check.review import Kept
    from ...compiler.check.settings import Settings
    from ...compiler.report import Report
    from ...compiler.report.codes import Severity
    from ...compiler.report.source import PolicyFile

UNDETERMINED = "AGP2999"  # nobody knows whether there is something to find
PATIENCE = 1.0  # seconds before somebody who watches is told what takes so long


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
    no_analysis: bool,
    at: str | None,
    watch: bool,
) -> None:
    """Check policies, files or directories: compile them, analyse them, and report what is found.

    Findings for people go to standard error; in the other formats the report is the result, and goes
    to standard output. `-` reads a policy from standard input.
    """
    from ...compiler.check.review import Kept

    kept = Kept()
    day = None if at is None else instant(at)

    def settings() -> Settings:
        return settings_for(paths, config, select, ignore)

    def once(files: list[PolicyFile], settings: Settings) -> int:
        return check_once(
            files,
            settings,
            format,
            fail_on or settings.fail_on,
            no_analysis,
            kept,
            now() if day is None else day,
        )

    if not watch:
        raise exits.Stop(once(read(paths), settings()))
    from ..input.watch import whenever_changed

    for files, chosen in whenever_changed(paths, settings):
        once(files, chosen)


def check_once(
    files: list[PolicyFile],
    settings: Settings,
    format: str,
    fail_on: Severity,
    no_analysis: bool,
    kept: Kept,
    at: int,
) -> int:
    """Check policies, print what is found, and give the exit status that it has."""
    from ...compiler.check.review import review
    from ...compiler.report import Report, renderer

    progress = Progress()
    found = review(
        [each.source for each in files],
        settings,
        analysis=not no_analysis,
        watch=progress.say,
        kept=kept,
        at=at,
    )
    progress.end()
    report = Report.of(
        found.diagnostics, files, found.silenced, settings.docs_url, found.suppressed
    )
    if format == "text":
        show(report)
        click.echo(summary(len(files), report))
    else:
        click.echo(renderer(format)(report), nl=False)
    return exits.INVALID if found.policy is None else status_of(report, fail_on)


def instant(text: str) -> int:
    """Read a day, which starts in UTC, or an RFC 3339 time; ends the command if it is neither."""
    from ...compiler.text.visible import visible

    read = read_time(text)
    if read is None:
        read = read_time(f"{text}T00:00:00Z")
    if read is None:
        raise click.BadParameter(
            f"`{visible(text)}` is not a day or a time that can be told: write 2026-11-24, or "
            "2026-11-24T10:00:00Z",
            param_hint="--at",
        )
    return read


def now() -> int:
    """The time of this machine, in the unit of the language."""
    return time_ns()


def settings_for(
    paths: tuple[str, ...], config: Path | None, select: tuple[str, ...], ignore: tuple[str, ...]
) -> Settings:
    """Find and read the settings of policies, with what the command line adds, or end the command."""
    from ...compiler.check.files import STANDARD_INPUT, common_root
    from ...compiler.check.settings import Settings
    from ...compiler.check.settings_file import (
        SettingsError,
        find_settings,
        read_settings,
        with_selection,
    )

    given = [each for each in paths or (".",) if each != STANDARD_INPUT]
    try:
        path = config or find_settings(Path(common_root(given)))
        settings = Settings() if path is None else read_settings(path)
        return with_selection(settings, split(select), split(ignore))
    except SettingsError as error:
        raise exits.Failure(str(error)) from None


def split(given: tuple[str, ...]) -> list[str]:
    """Give the codes in comma lists."""
    return [code.strip() for each in given for code in each.split(",") if code.strip()]


def status_of(report: Report, fail_on: Severity) -> int:
    """Give the exit status of what was found in a policy that compiles."""
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    if any(each.severity in failing for each in report.diagnostics):
        return exits.FINDINGS
    if any(each.code == UNDETERMINED for each in report.diagnostics):
        return exits.UNDETERMINED
    return exits.CLEAN


def summary(files: int, report: Report) -> str:
    """Say in one line what came of it."""

    def some(number: int, noun: str) -> str:
        return f"{number} {noun}{'' if number == 1 else 's'}"

    counts = report.count()
    said = [some(counts["error"], "error"), some(counts["warning"], "warning")]
    if counts["info"]:
        said.append(f"{counts['info']} for information")
    if report.silenced:
        said.append(f"{report.silenced} silenced")
    return f"{some(files, 'file')}: {', '.join(said)}"


class Progress:
    """A line on standard error about what takes long, where a terminal is watching."""

    def __init__(self) -> None:
        """Start the clock."""
        self._start = monotonic()
        self._watched = sys.stderr is not None and sys.stderr.isatty()
        self._shown = False

    def say(self, code: str) -> None:
        """Say what is looked for, in the place of what was said before."""
        if self._watched and monotonic() - self._start > PATIENCE:
            click.echo(f"\r\x1b[Klooking for {code} ...", nl=False, err=True, color=True)
            self._shown = True

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True, color=True)
