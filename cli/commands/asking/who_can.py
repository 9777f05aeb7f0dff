"""`agpc who-can`: which agents may make a call, for which intents, and what it takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.named import FOR
from ...input.policies import catalogue_of, compiled, read, show

if TYPE_CHECKING:
    from ....compiler.ir import nodes as ir
    from ....compiler.report.source import PolicyFile

FORMATS = ("text", "json")


@click.command()
@click.argument("capability")
@PATHS
@click.option("--when", metavar="CONDITION", help="Only calls of which this holds.")
@FOR
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--witness", is_flag=True, help="Print a permitted request for each answer.")
def who_can(
    capability: str,
    paths: tuple[str, ...],
    when: str | None,
    format: str,
    witness: bool,
    **words: str | None,
) -> None:
    """Say which agents may use a capability, for which intents, and under which conditions.

    The answers are exact, for every request that there can be: each yes has a request that is
    permitted. The exit status is 5 if something could not be determined.
    """
    from ....compiler.analysis.delegated import all_answers
    from ....compiler.analysis.procedure.calls.scope import Scope
    from ....compiler.analysis.procedure.world import World
    from ....compiler.report import Report
    from ....compiler.telling.access import to_json, to_text, who
    from ....compiler.text.visible import visible
    from ...input.named import intents_named, named

    files = read(paths)
    policy, _ = compiled(files)
    name = named("capability", capability, policy.capabilities)
    intents = intents_named(policy, words)
    condition = None if when is None else asked(files, name, intents, when)
    world, report = World(policy), Report.of((), files)
    scope = Scope(
        world.names.agents_of(),
        world.names.intents_of(intents),
        world.names.capabilities_of((name,)),
    )
    answers = list(all_answers(world, scope, condition))
    able = {each.agent for each in answers if each.how != "never"}
    never = [
        who(policy, each)
        for number, each in enumerate(world.universe.agents)
        if scope.agents >> number & 1 and each not in able
    ]
    if format == "json":
        found = to_json(policy, answers, report)
        click.echo(
            json.dumps(
                {"capability": name, "when": when, "answers": found, "never": never}, indent=2
            )
        )
    else:
        for line in to_text(policy, answers, report, "agent", witness):
            click.echo(visible(line))
        if never:
            click.echo(visible(f"never: {', '.join(never)}"))
    if any(each.doubts for each in answers):
        raise exits.Stop(exits.UNDETERMINED)


def asked(files: list[PolicyFile], capability: str, intents: ir.Names, text: str) -> ir.Condition:
    """Read the condition of an option, or end the command with what is wrong with it."""
    from ....compiler.check.compiling.compile import compile_sources
    from ....compiler.lowering.conditions.single_condition import condition_about
    from ....compiler.report import Report
    from ....compiler.report.source import PolicyFile, Source

    trees = compile_sources([each.source for each in files], catalogue=catalogue_of(files)).files
    condition, diagnostics = condition_about(capability, intents, text, trees)
    if condition is None:
        expression = PolicyFile(Source("<expression>", text), "--when")
        show(Report.of(diagnostics, [*files, expression]))
        raise exits.Stop(exits.USAGE)
    return condition
