"""`agpc replay`: which recorded answers another policy would change."""

from __future__ import annotations

import os
from time import monotonic
from typing import TYPE_CHECKING

import click

from ... import exits
from ...input.fail_on import FAIL_ON, FailOn, read_fail_on
from ...input.opened import opened
from ...input.policies import catalogue_of, or_told
from ...input.sides import compiled, parted
from ...progress import ProgressLine

if TYPE_CHECKING:
    from ....compiler.replay.replay import Replay
    from ....compiler.replay.tally import Tally


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
@FAIL_ON
def replay(log: str, policy: str, base: str | None, format: str, fail_on: str) -> None:
    """Ask a policy what was asked before, and say which answers would change.

    LOG has a record a line, as JSON: an OpenID AuthZEN request, with its answer or without; it may be
    compressed with gzip or zstd, and `-` is standard input. Where a record lacks what the policy newly
    reads, and the answer rests on that, it is not replayable, which makes the exit status 5.
    """
    from ....compiler.replay.replay import tallies
    from ....compiler.replay.streams import Log
    from ....compiler.replay.tally import Tally
    from ...output.replay import RENDERERS

    failing = read_fail_on(fail_on)
    asked = read_sides(policy, base)
    begun = monotonic()
    found = Tally()
    progress = ProgressLine()
    with opened(log) as stream:
        lines = Log(stream)
        for each in tallies(asked, lines):
            found.take(each)
            progress.say(f"{found.records:,} records")
    seconds = monotonic() - begun
    progress.end()
    click.echo(RENDERERS[format](found, lines.problem, seconds), nl=False)
    raise exits.Stop(status_of(found, log, lines.problem, failing))


def read_sides(head: str, base: str | None) -> Replay:
    """Compile both policies, or end the command with what stands in the way."""
    from ....compiler.check.compiling.memory import Memory
    from ....compiler.check.project.files import read_policies
    from ....compiler.replay.replay import Replay
    from ....targets.python import evaluator

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


def status_of(found: Tally, log: str, problem: str | None, failing: FailOn) -> int:
    """The exit status: what fails before what could not be read, and that before what is not known."""
    from ....compiler.replay.tally import directions

    for direction, agent in directions(found):
        who = failing.agents if agent is None else (agent,)  # one that is not known may be any
        if failing.fails(direction, who):
            return exits.FINDINGS
    if problem is not None or found.malformed.count:
        return exits.USAGE
    if not found.records:
        raise exits.Failure(f"`{log}` holds no record")
    return exits.UNDETERMINED if found.unknown or found.doubtful.count else exits.CLEAN
