"""`agpc matrix`: agents by capabilities, with what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import exits
from ..input.arguments import PATHS
from ..input.named import FOR
from ..input.policies import compiled, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...compiler.analysis.access import Access, Answer
    from ...compiler.ir import nodes as ir
    from ...compiler.report import Report
    from ..output.matrix import Matrix, Row

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
    return Matrix(policy, world.universe.capabilities, (*rows, *chained(access, meant)), report)


def chained(access: Access, meant: int) -> Iterator[Row]:
    """A row for each chain of agents in which one acts for others, and some call may be permitted."""
    from ...compiler.analysis.delegated import delegated
    from ...compiler.analysis.procedure.calls.scope import Scope
    from ..output.matrix import Row

    world = access.world
    everything = world.names.capabilities_of(("any",))
    found: dict[tuple[str, ...], list[Answer]] = {}
    for each in delegated(access, Scope(world.names.agents_of(), meant, everything)):
        agents = (each.agent, *(agent for agent, _ in each.chain))
        found.setdefault(agents, []).append(each)
    for (agent, *chain), answers in found.items():
        cells = (
            tuple(each for each in answers if each.capability == capability)
            for capability in world.universe.capabilities
        )
        yield Row(agent, tuple(cells), tuple(chain))
