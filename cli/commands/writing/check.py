"""`agpc check`: everything that is wrong with policies, and what is proved of them, at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ....compiler.report import FORMATS
from ....compiler.report.diagnostics import SEVERITIES
from ...checking import check_policies
from ...input.arguments import PATHS


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
@click.option(
    "--fix",
    is_flag=True,
    help="Apply the fixes that keep the meaning, say which, and report what is left.",
)
@click.option(
    "--diff", is_flag=True, help="With --fix: write nothing, and print what would change."
)
@click.option(
    "--leases",
    is_flag=True,
    help="Say as well for which capabilities a lease may stand, and why not for the others.",
)
def check(**chosen: Any) -> None:
    """Check policies, files or directories: compile them, analyse them, and report what is found.

    Findings for people go to standard error; in the other formats the report is the result, and goes
    to standard output. `-` reads a policy from standard input.
    """
    others = ("baseline", "watch", "no_analysis")
    if chosen["write_baseline"] is not None and any(chosen[each] for each in others):
        raise click.UsageError(
            "--write-baseline does not go with --baseline, --watch or --no-analysis"
        )
    if chosen["diff"] and not chosen["fix"]:
        raise click.UsageError("--diff goes with --fix")
    if chosen["fix"] and (chosen["watch"] or chosen["write_baseline"] or "-" in chosen["paths"]):
        raise click.UsageError("--fix does not go with --watch, --write-baseline or standard input")
    if chosen["leases"] and chosen["format"] != "text":
        raise click.UsageError("--leases goes with --format text")
    check_policies(**chosen)
