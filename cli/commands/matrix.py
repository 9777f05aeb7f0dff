"""`agpc matrix`: agents by capabilities, with what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import exits
from ..input.arguments import PATHS
from ..input.named import FOR
from ..input.policies import compiled, read

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir
    from ...compiler.report import Report
    from ..output.matrix import Matrix

FORMATS = ("table", "csv", "html")


@click.command()
@PATHS
@FOR
@click.option("--format", type=click.Choice(FORMATS), default="table", show_default=True)
def matrix(paths: tuple[str, ...], format: str, **words: str | None) -> None:
    """Print which agent may use which capability, and what it takes.

    A cell says how it is at best, over all intents: permitted, conditionally, with an approval or a
    step-up, or never. The exit status is 5 if something could not be determined.
    """
    from ...compiler.garbage import seldom_collected
    from ...compiler.report import Report
    from ..input.named import intents_named
    from ..output.matrix import RENDERERS

    files = read(paths)
    policy, _ = compiled(files)
    intents = intents_named(policy, words)
    with seldom_collected():
        found = answered(policy, intents, Report.of((), files))
        text = RENDERERS[format](found)
    click.echo(text, nl=False)
    if found.undetermined:
        raise exits.Stop(exits.UNDETERMINED)


def answered(policy: ir.Policy, intents: ir.Names, report: Report) -> Matrix:
    """The answers about all agents and capabilities, for some intents or for all."""
    from ...compiler.analysis.access import Access
    from ...compiler.analysis.procedure.calls.scope import Scope, bits
    from ...compiler.analysis.procedure.world import World
    from ..output.matrix import Matrix, Row

    world = World(policy)
    access = Access(world, shown=False)
    meant = world.names.intents_of(intents)
    everything = range(len(world.universe.capabilities))
    rows = tuple(
        Row(
            world.universe.agents[agent],
            tuple(
                tuple(access.answers(Scope(1 << agent, meant, 1 << number)))
                for number in everything
            ),
        )
        for agent in bits(world.names.agents_of())
    )
    return Matrix(policy, world.universe.capabilities, rows, report)
