"""`agpc what-can`: what an agent may do, for which intents, and what it takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.named import FOR
from ...input.policies import compiled, read

if TYPE_CHECKING:
    from ....compiler.analysis.procedure.world import World

FORMATS = ("text", "json")


@click.command()
@click.argument("agent")
@PATHS
@FOR
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--witness", is_flag=True, help="Print a permitted request for each answer.")
def what_can(
    agent: str, paths: tuple[str, ...], format: str, witness: bool, **words: str | None
) -> None:
    """Say what an agent may do, for which intents, and under which conditions.

    AGENT is the name of an agent or of a family, or a SPIFFE ID. The answers are exact, for every
    request that there can be: each yes has a request that is permitted. The exit status is 5 if
    something could not be determined.
    """
    from ....compiler.analysis.delegated import all_answers
    from ....compiler.analysis.procedure.calls.scope import Scope
    from ....compiler.analysis.procedure.world import World
    from ....compiler.report import Report
    from ....compiler.telling.access import to_json, to_text, who
    from ....compiler.text.visible import visible
    from ...input.named import intents_named

    files = read(paths)
    policy, _ = compiled(files)
    world, report = World(policy), Report.of((), files)
    if agent.startswith("spiffe://"):
        world, agents = with_identity(world, agent)
    else:
        agents = world.names.agents_of((name_of(world, agent),))
    scope = Scope(
        agents,
        world.names.intents_of(intents_named(policy, words)),
        world.names.capabilities_of(("any",)),
    )
    answers = list(all_answers(world, scope))
    if format == "json":
        found = to_json(world.policy, answers, report)
        click.echo(json.dumps({"agent": agent, "answers": found}, indent=2))
    else:
        for number, id in enumerate(world.universe.agents):
            mine = [each for each in answers if each.agent == id]
            if not agents >> number & 1:
                continue
            click.echo(visible(who(world.policy, id)))
            lines = list(to_text(world.policy, mine, report, "capability", witness))
            for line in lines or ["nothing"]:
                click.echo(f"    {visible(line)}")
        if not agents:
            click.echo("nothing: no agent or family has this identity")
    if any(each.doubts for each in answers):
        raise exits.Stop(exits.UNDETERMINED)


def name_of(world: World, text: str) -> str:
    """The qualified name of an agent or a family, or the end of the command."""
    from ...input.named import named

    return named("agent or family", text, world.policy.identities)


def with_identity(world: World, id: str) -> tuple[World, int]:
    """A world in which a SPIFFE ID is an agent to ask about, and its bit; none if nothing matches it.

    A family may match it without naming it.
    """
    from ....compiler.analysis.procedure.world import World
    from ....compiler.ir import nodes as ir
    from ....compiler.meaning import interpreter
    from ....compiler.report.source import Span
    from ....compiler.structs import changed

    policy = world.policy
    if not interpreter.agent_matches(policy, ir.DECLARED, id):
        return world, 0
    if id not in policy.identify()[0]:
        # No rule names it, so that it adds nothing but somebody to ask about.
        stranger = ir.Agent(id, id, (), Span("", 0, 0, 0, 0))
        world = World(changed(policy, agents=(*policy.agents, stranger)))
    return world, 1 << world.universe.agents.index(id)
