"""`agpc report`: what an auditor asks of a policy, on one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.policies import or_told, read_files, show
from .targets import completed

if TYPE_CHECKING:
    from ....compiler.check.project.settings import Settings
    from ....compiler.ir import nodes as ir
    from ....compiler.report import Report
    from ....compiler.report.source import PolicyFile
    from ....targets.emission import Options, Target
    from ...report.facts import Audit, Test

FORMATS = ("html", "markdown", "json", "oscal", "svg")


@click.command()
@PATHS
@click.option("--format", type=click.Choice(FORMATS), default="html", show_default=True)
@click.option(
    "--out", "-o", type=click.Path(path_type=Path), help="The file to write; else standard output."
)
@click.option(
    "--target",
    "-t",
    multiple=True,
    metavar="NAME[,NAME]...",
    envvar="AGPC_REPORT_TARGET",
    shell_complete=completed,
    help="Targets whose ledgers are shown, in place of those that the settings name.",
)
@click.option(
    "--set",
    multiple=True,
    metavar="KEY=VALUE",
    envvar="AGPC_REPORT_SET",
    help="A setting for the targets; see their READMEs.",
)
@click.option(
    "--since", metavar="REVISION", help="Say what changed since a revision of the git repository."
)
@click.option(
    "--at",
    metavar="DATE",
    help="The day, or the RFC 3339 time, that the report is of; now if not given.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="The file of settings, in place of the nearest agpc.toml or pyproject.toml.",
)
def report(
    paths: tuple[str, ...],
    format: str,
    out: Path | None,
    target: tuple[str, ...],
    set: tuple[str, ...],
    since: str | None,
    at: str | None,
    config: Path | None,
) -> None:
    """Say for an auditor who may do what, who answers for it, and what gives evidence for which control.

    The same input gives the same bytes; the time of the report is --at. Findings and failed tests are
    part of what it says, and no failure. The exit status is 5 if something could not be determined.
    """
    from ....compiler.check.review.review import review
    from ....compiler.report import Report
    from ....targets.registry import enforces
    from ...input.settings import instant, now, settings_for
    from ...input.targets import emitted
    from ...report.gather import gathered

    day = now() if at is None else instant(at)
    files = read_files(paths)
    settings = settings_for(paths, config, (), ())
    targets, options = targets_of(target, settings, set)
    found = review([each.source for each in files], settings, at=day)
    shown = Report.of(found.diagnostics, files, suppressed=found.suppressed)
    if found.policy is None:
        show(shown)
        raise exits.Stop(exits.INVALID)
    policy = found.policy
    made = emitted(policy, targets, options)
    emissions = {each.name: (made[each.name], enforces(each)) for each in targets}
    changes = None if since is None else changed(since, paths, files, policy, settings)
    audit = gathered(
        policy,
        files,
        found,
        shown,
        settings.controls,
        day,
        emissions,
        tests_of(policy, shown),
        since=since,
        changes=changes,
    )
    text = written(audit, format)
    if out is None:
        click.echo(text, nl=False)
    else:
        from ...output.whole_file import write_whole

        write_whole(out, text)
    if audit.is_undetermined:
        raise exits.Stop(exits.UNDETERMINED)


def written(audit: Audit, format: str) -> str:
    """The report in one of its forms, each of which is a module that nobody else needs."""
    if format == "html":
        from ...report.page import page

        return page(audit)
    if format == "markdown":
        from ...report.markdown import markdown

        return markdown(audit)
    if format == "oscal":
        from ...report.oscal import component_definition

        return component_definition(audit)
    if format == "svg":
        from ...report.graph import graph_of
        from ...report.svg import picture

        return picture(graph_of(audit))
    from ...report.document import to_json

    return to_json(audit)


def targets_of(
    given: tuple[str, ...], settings: Settings, set: tuple[str, ...]
) -> tuple[list[Target], list[Options]]:
    """The targets whose ledgers are asked for, with the settings of each."""
    from ...input.targets import load_targets, options_of, read_settings, split_names

    targets = load_targets(split_names(given) if given else settings.targets)
    if not targets and set:
        raise click.UsageError("--set is for targets, and none is named")
    return targets, options_of(targets, read_settings(set)) if targets else []


def tests_of(policy: ir.Policy, report: Report) -> list[Test]:
    """The tests of the policy, each run."""
    from ....compiler.telling.outcomes import answer, got_in_words, place
    from ....compiler.testing.run import run_tests
    from ...report.facts import Test

    return [
        Test(
            each.test.name,
            place(each, report),
            each.passed,
            answer(each.test.effect, each.test.rules or ()),
            got_in_words(each.got),
        )
        for each in run_tests(policy)
    ]


def changed(
    since: str,
    paths: tuple[str, ...],
    files: list[PolicyFile],
    policy: ir.Policy,
    settings: Settings,
) -> dict[str, Any]:
    """What `agpc diff` says of a revision and these files, as data."""
    import json

    from ....compiler.analysis.diff.changes import compare
    from ....compiler.check.compiling.memory import Memory
    from ....compiler.check.project.revisions import Repository
    from ....compiler.telling.difference_json import document
    from ...input.sides import compiled

    given = paths or (".",)
    if "-" in given:
        raise exits.Failure(
            "standard input has no revisions: give files or directories with --since"
        )
    with or_told():
        repository = Repository.holding(given[0])
        before = repository.policies(repository.commit(since), given)
    base = compiled("base", before, Memory(), settings.controls)
    found: dict[str, Any] = json.loads(document(compare(base, policy)))
    return found
