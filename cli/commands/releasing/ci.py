"""`agpc ci`: all that a pipeline asks of policies, in one go, with one summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....compiler.report.diagnostics import SEVERITIES
from ... import exits
from ...pipeline.hosts import HOSTS
from .targets import completed

if TYPE_CHECKING:
    from ....compiler.check.project.policy_sets import PolicySets
    from ....compiler.report.codes import Severity
    from ...pipeline.hosts import Host
    from ...pipeline.phases import Run


@click.command()
@click.argument("base", required=False)
@click.option(
    "--path",
    multiple=True,
    metavar="PATH",
    help="A file or directory of the one policy set to look at, in place of all sets; several times.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="The file of settings that names the sets, in place of the nearest one.",
)
@click.option(
    "--phase",
    multiple=True,
    metavar="NAME[,NAME]...",
    envvar="AGPC_CI_PHASE",
    help="Run these alone: format, check, test, diff, compile.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="The least severity of a finding that fails; else `fail-on` of the settings, or error.",
)
@click.option(
    "--fail-on-diff",
    metavar="WHAT[:AGENT,...]",
    default="none",
    show_default=True,
    help="Which changes fail: more, incomparable, any or none; for some agents alone.",
)
@click.option(
    "--target",
    "-t",
    multiple=True,
    metavar="NAME[,NAME]...",
    envvar="AGPC_CI_TARGET",
    shell_complete=completed,
    help="What to compile to, in place of `targets` of the settings.",
)
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    help="Write artifacts below this directory, those of each set in one of its own.",
)
@click.option(
    "--reports",
    metavar="DIRECTORY",
    type=click.Path(path_type=Path),
    help="Write SARIF, Code Quality, JUnit, a comment and everything as JSON there.",
)
@click.option("--host", type=click.Choice(HOSTS), default="auto", show_default=True)
@click.option(
    "--at",
    metavar="DATE",
    envvar="AGPC_CI_AT",
    help="The day, or the RFC 3339 time, at which grants are looked at; now if not given.",
)
def ci(
    base: str | None,
    path: tuple[str, ...],
    config: Path | None,
    phase: tuple[str, ...],
    fail_on: Severity | None,
    fail_on_diff: str,
    target: tuple[str, ...],
    out: Path | None,
    reports: Path | None,
    host: str,
    at: str | None,
) -> None:
    """Check, test, compare, format and compile the policy sets of a repository, for a pipeline.

    BASE is the revision at which the change begins; GitHub and GitLab say it themselves. Every phase of every set is
    run and told, whatever the others found; the exit status is that of the gravest.
    """
    from ....compiler.structs import changed
    from ...input.fail_on import read_fail_on
    from ...input.settings import instant, now, split
    from ...pipeline.hosts import environment, host_of
    from ...pipeline.phases import Options, gravest, run, unseen
    from ...pipeline.reports import write_reports
    from ...pipeline.repository_paths import as_the_host_knows
    from ...pipeline.text import notes

    options = Options(
        phases_named(split(phase)),
        fail_on,
        read_fail_on(fail_on_diff),
        tuple(split(target)),
        out,
        now() if at is None else instant(at),
    )
    runner = host_of(environment(), host)
    if base is not None:
        runner = changed(runner, base=base, problem=None)
    sets = sets_of(path, config)
    if out is not None:
        exclusive([each.name for each in sets.sets])
    runs = [run(each, runner, options) for each in sets.sets]
    status = gravest(each.status for each in runs)
    if all(each.difference is not None for each in runs):
        both = [p for each in runs for p in (each.before, each.policy) if p is not None]
        options.fail_on_diff.refuse_unknown(both, "--fail-on-diff")
    compared = "diff" in options.phases and not path
    said = notes(sets.beside, *(unseen(sets, runner) if compared else ([], [])))
    known = as_the_host_knows(runs)
    for line in log(runs if runner.kind == "plain" else known, said, status, runner):
        click.echo(line)
    if reports is not None:
        write_reports(reports, known, said, status, runner)
    if runner.kind == "github":
        hand_over(known, said, status, environment())
    raise exits.Stop(status)


def phases_named(names: Sequence[str]) -> frozenset[str]:
    """The phases to run; all if none is named."""
    from ....compiler.text.visible import visible
    from ...pipeline.phases import PHASES

    for each in names:
        if each not in PHASES:
            raise click.BadParameter(
                f"`{visible(each)}` is none of {', '.join(PHASES)}", param_hint="--phase"
            )
    return frozenset(names or PHASES)


def sets_of(paths: Sequence[str], config: Path | None) -> PolicySets:
    """The policy sets, or the end of the command with all that is wrong with them."""
    from ....compiler.check.project.files import PolicyFilesError
    from ....compiler.check.project.policy_sets import find_sets, set_of
    from ....compiler.check.project.settings_file import SettingsError
    from ....compiler.report.github import inert
    from ....compiler.text.visible import visible

    problems: Sequence[str]
    try:
        return set_of(paths, config) if paths else find_sets(config=config)
    except PolicyFilesError as error:
        problems = error.problems
    except SettingsError as error:
        problems = (str(error),)
    for each in problems:  # with names from whoever proposes the change
        click.echo(inert(f"error: {visible(each)}"), err=True)
    raise exits.Stop(exits.USAGE)


def exclusive(names: Sequence[str]) -> None:
    """End the command where two sets would be written to one directory, as some systems see it."""
    if len({each.casefold() for each in names}) < len(names):
        raise exits.Failure(
            "the names of two sets differ in case alone, and so would their directories"
        )


def log(runs: Sequence[Run], notes: Sequence[str], status: int, host: Host) -> Iterator[str]:
    """What is printed: on GitHub in groups, with annotations, and nothing that would be taken for a command."""
    from ....compiler.text.visible import visible
    from ...pipeline.text import details, table

    if host.kind != "github":
        for each in runs:
            lines = list(details(each))
            if lines and len(runs) > 1:
                yield f"== {visible(each.policy_set.name)} =="
            yield from lines
        yield from table(runs, notes, status)
        return
    from ....compiler.report.github import escape_data, inert
    from ...pipeline.annotations import commands

    for each in runs:
        yield f"::group::{escape_data(visible(each.policy_set.name))}"
        yield from map(inert, details(each))
        yield "::endgroup::"
    yield from commands(runs, notes)
    yield from map(inert, table(runs, notes, status))


def hand_over(
    runs: Sequence[Run], notes: Sequence[str], status: int, environment: Mapping[str, str]
) -> None:
    """Give GitHub the summary of the step, and what later steps may want to know."""
    from ...pipeline.markdown import LIMIT_OF_SUMMARY, page
    from ...pipeline.text import result

    verdicts = [each.difference.verdict for each in runs if each.difference is not None]
    outputs = f"status={status}\nresult={result(status)}\nverdict={together(verdicts)}\n"
    appended = {
        "GITHUB_STEP_SUMMARY": page(runs, notes, status, LIMIT_OF_SUMMARY),
        "GITHUB_OUTPUT": outputs,
    }
    for name, text in appended.items():
        path = environment.get(name)
        if path:
            append(path, text)


def append(path: str, text: str) -> None:
    """Add to a file of the host's."""
    from ....compiler.check.project.files import reason

    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text if text.endswith("\n") else f"{text}\n")
    except (OSError, ValueError) as error:
        raise exits.Failure(f"cannot write `{path}`: {reason(error)}") from None


def together(verdicts: Sequence[str]) -> str:
    """The verdict over several sets; empty where nothing was compared."""
    found = set(verdicts) - {"equivalent"}
    if not verdicts or not found:
        return "equivalent" if verdicts else ""
    if found == {"more", "less"} or "incomparable" in found:
        return "incomparable"
    for each in ("more", "undetermined", "less"):
        if each in found:
            return each
    return ""
