"""`agpc exposure`: the arguments that somebody who steers an agent chooses."""

from __future__ import annotations

import json

import click

from ...input.arguments import PATHS
from ...input.policies import compiled, read

FORMATS = ("text", "json")


@click.command()
@PATHS
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--partly", is_flag=True, help="List arguments that are bound in part, too.")
def exposure(paths: tuple[str, ...], format: str, partly: bool) -> None:
    """List the arguments of calls with an effect that no condition binds.

    Of each allow of a call that writes, sends or destroys, or that has no kind: what an attacker who steers the agent can
    choose freely. A call that a person approves is marked: the person sees the arguments.
    """
    from ....compiler.analysis.exposure import exposures
    from ....compiler.text.visible import visible

    policy, _ = compiled(read(paths))
    found = [each for each in exposures(policy) if partly or each.bound == "free"]
    if format == "json":
        listed = [
            {
                "rule": each.allow.id,
                "capability": each.capability,
                "argument": each.argument,
                "bound": each.bound,
                "approved": each.is_seen,
            }
            for each in found
        ]
        click.echo(json.dumps({"exposure": listed}, indent=2))
        return
    before: tuple[str, str] | None = None
    for each in found:
        at = (each.allow.id, each.capability)
        if at != before:
            seen = ", which a person approves" if each.is_seen else ""
            click.echo(visible(f"{each.allow.id}: {each.capability}{seen}"))
        before = at
        click.echo(visible(f"    {each.argument}: {each.bound}"))
    if not found:
        click.echo("nothing")
