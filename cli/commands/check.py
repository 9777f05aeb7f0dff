"""`agpc check`: everything that is wrong with policies, and what is proved of them, at once."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic, time_ns
from typing import TYPE_CHECKING

import click

from ...compiler.records import dataclass
from ...compiler.report import FORMATS
from ...compiler.report.diagnostics import SEVERITIES
from ...runtime.values import read_time
from .. import exits
from ..input.policies import PATHS, ask_which, read_files, show

if TYPE_CHECKING:
    from ...compiler.check.review import Kept, Review
    from ...compiler.check.settings import Settings
    from ...compiler.report import Report
    from ...compiler.report.codes import Severity
    from ...compiler.report.source import PolicyFile

UNDETERMINED = "AGP2999"  # nobody knows whether there is something to find
MOST_GONE = 20  # entries of a baseline that are listed
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
            click.echo(gone(found.report, str(known)), err=True, nl=False)
        return found.status(fail_on or settings.fail_on)

    if not watch:
        raise exits.Stop(once(read_files(paths), settings()))
    from ..input.watch import whenever_changed

    for files, chosen in whenever_changed(paths, settings):
        once(files, chosen)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a policy set found."""

    review: Review
    report: Report
    files: int

    def beyond(self, baseline: Path) -> Checked:
        """What of it is new since a baseline; ends the command if that is none."""
        from ...compiler.check.baseline import BaselineError, beyond, read_baseline

        try:
            entries = read_baseline(baseline)
        except BaselineError as error:
            raise exits.Failure(str(error)) from None
        return replace(self, report=beyond(self.report, entries, self.review.looked_for))

    def status(self, fail_on: Severity) -> int:
        """The exit status that it has."""
        return exits.INVALID if self.review.policy is None else status_of(self.report, fail_on)


def reviewed(
    files: list[PolicyFile], settings: Settings, at: int, kept: Kept, *, analysis: bool = True
) -> Checked:
    """Check policies, and say on a terminal what takes long."""
    from ...compiler.check.review import review
    from ...compiler.report import Report

    progress = Progress()
    sources = [each.source for each in files]
    found = review(sources, settings, analysis=analysis, watch=progress.say, kept=kept, at=at)
    progress.end()
    report = Report.of(
        found.diagnostics,
        files,
        found.silenced,
        settings.docs_url,
        found.suppressed,
        found.statement,
    )
    return Checked(found, report, len(files))


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
    return f"wrote {count} finding{'' if count == 1 else 's'} to {visible(str(path))}"


def gone(report: Report, baseline: str) -> str:
    """Say which entries of a baseline apply no more."""
    from ...compiler.text.visible import visible

    count = sum(number for number, _ in report.gone)
    what = "1 finding is" if count == 1 else f"{count} findings are"
    lines = [f"note: {what} no longer there: write `{baseline}` anew with --write-baseline"]
    lines += [
        f"  - {text}" + (f" ({number} times)" if number > 1 else "")
        for number, text in report.gone[:MOST_GONE]
    ]
    if len(report.gone) > MOST_GONE:
        lines.append(f"  - and {len(report.gone) - MOST_GONE} more")
    return "".join(f"{visible(line)}\n" for line in lines)


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
        if not paths and config is None:
            ask_which()
        elif not paths and settings.set:
            raise SettingsError(f"`{path}` names policy sets: name the files of one")
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
    if report.known:
        said.append(f"{len(report.known)} in the baseline")
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
