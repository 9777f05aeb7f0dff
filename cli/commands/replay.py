"""`agpc replay`: which recorded answers another policy would change."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

import click

from .. import exits
from ..input.fail_on import read_fail_on
from ..input.policies import catalogue_of, or_told
from ..input.sides import compiled, parted
from .decide import opened

if TYPE_CHECKING:
    from ...compiler.replay.replay import Replay
    from ...compiler.replay.tally import Tally


@click.command()
@click.argument("log", metavar="LOG")
@click.option(
    "--policy",
    required=True,
    metavar="HEAD",
    help="The file or directory with the policy that is asked.",
)
@click.option(
    "--base",
    metavar="BASE",
    help="The policy that answered: a file, a directory, or a revision of git. Without it the "
    "recorded answers count.",
)
@click.option("--format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option(
    "--fail-on",
    metavar="WHAT[:AGENT,...]",
    default="none",
    show_default=True,
    help="What makes the exit status 1: more, incomparable, any or none; for some agents alone.",
)
def replay(log: str, policy: str, base: str | None, format: str, fail_on: str) -> None:
    """Ask a policy what was asked before, and say which answers would change.

    LOG has a record a line, as JSON: an OpenID AuthZEN request, with its answer or without; it may be
    compressed with gzip or zstd, and `-` is standard input. Where a record lacks what the policy newly
    reads, and the answer rests on that, it is not replayable, which makes the exit status 5.
    """
    from ...compiler.replay.replay import tallies
    from ...compiler.replay.streams import Log
    from ...compiler.replay.tally import Tally
    from ..output.replay import RENDERERS

    failing = read_fail_on(fail_on)
    asked = read_sides(policy, base)
    begun = monotonic()
    found = Tally()
    show = progress()
    with opened(log) as stream:
        lines = Log(stream)
        for each in tallies(asked, lines):
            found.take(each)
            show(found.records)
    seconds = monotonic() - begun
    show(None)
    click.echo(RENDERERS[format](found, lines.problem, seconds), nl=False)
    raise exits.Stop(status_of(found, log, lines.problem, failing))


def read_sides(head: str, base: str | None) -> Replay:
    """Compile both policies, or end the command with what stands in the way."""
    from ...compiler.check.files import read_policies
    from ...compiler.check.memory import Memory
    from ...compiler.replay.replay import Replay
    from ...targets.python import evaluator

    with or_told():
        new = read_policies([head])
        if base is None:
            old = None
        elif os.path.lexists(base):
            old = read_policies([base])
        else:
            old = parted(base, (head,))
    memory, catalogue = Memory(), catalogue_of([*new, *(old or ())])
    before = None if old is None else compiled("base", old, memory, catalogue)
    return Replay(compiled("head", new, memory, catalogue), before, evaluator)


def progress() -> Callable[[int | None], None]:
    """Count records on standard error where that is a terminal; None for the end."""
    if sys.stderr is None or not sys.stderr.isatty():
        return lambda count: None

    def show(count: int | None) -> None:
        sys.stderr.write("\r\033[K" if count is None else f"\r{count:,} records")
        sys.stderr.flush()

    return show


def status_of(
    found: Tally, log: str, problem: str | None, failing: tuple[tuple[str, ...], tuple[str, ...]]
) -> int:
    """The exit status: what fails before what could not be read, and that before what is not known."""
    from ...compiler.replay.tally import directions

    what, agents = failing
    for direction, agent in directions(found):
        if direction in what and (not agents or agent is None or agent in agents):
            return exits.FINDINGS
    if problem is not None or found.malformed.count:
        return exits.USAGE
    if not found.records:
        raise exits.Failure(f"`{log}` holds no record")
    return exits.UNDETERMINED if found.unknown or found.doubtful.count else exits.CLEAN
