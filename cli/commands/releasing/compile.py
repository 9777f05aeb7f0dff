"""`agpc compile`: what enforces a policy, on each of the platforms that are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....compiler.text.counted import counted
from ... import exits
from ...input.arguments import PATHS
from ...input.policies import compiled, read, show, unsilenced
from ...output.causes import by_cause
from ...output.ledger import FORMATS, Run, render
from .targets import completed

if TYPE_CHECKING:
    from ....compiler.ir import nodes as ir
    from ....compiler.report.source import PolicyFile


class TargetOption(click.Option):
    """The option whose help names the targets that are installed, ours and other people's."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Look the targets up when somebody asks, and no earlier."""
        from ....targets.registry import target_names

        self.help = f"What to compile to; installed are {', '.join(target_names())}."
        return super().get_help_record(ctx)


@click.command()
@PATHS
@click.option(
    "--target",
    "-t",
    multiple=True,
    required=True,
    metavar="NAME[,NAME]...",
    envvar="AGPC_COMPILE_TARGET",
    cls=TargetOption,
    shell_complete=completed,
)
@click.option(
    "--out",
    "-o",
    required=True,
    type=click.Path(path_type=Path),
    help="A directory that is absent, empty, or was written by agpc; it is replaced whole.",
)
@click.option(
    "--set",
    multiple=True,
    metavar="KEY=VALUE",
    envvar="AGPC_COMPILE_SET",
    help="A setting for the targets; see their READMEs.",
)
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--no-proofs", is_flag=True, help="Do not prove separate, isolate and assert first.")
def compile(
    paths: tuple[str, ...],
    target: tuple[str, ...],
    out: Path,
    set: tuple[str, ...],
    format: str,
    no_proofs: bool,
) -> None:
    """Compile policies to artifacts below a directory, with manifest.json beside them.

    Prints how each target enforces each rule, and of one that it leaves to others, to whom. If anything does not
    compile, or the policy breaks a `separate`, an `isolate` or an `assert` of its own, nothing is written. A target
    whose platform the policy does not bind is left out of what is written, with exit status 3, and so is a document
    that its target leaves out as it was told to.
    """
    from ....compiler.report import Report
    from ....targets.registry import enforces
    from ...input.targets import emitted, load_targets, options_of, read_settings, split_names
    from ...output.artifacts import write

    targets = load_targets(split_names(target))
    each_options = options_of(targets, read_settings(set))
    files = read(paths)
    try:
        policy, compilation = compiled(files)
    except exits.Stop:
        close("the policy does not compile")
        raise
    if not no_proofs:
        prove(policy, files)
    emissions = emitted(policy, targets, each_options)
    diagnostics = [each for emission in emissions.values() for each in emission.diagnostics]
    said = by_cause(unsilenced(diagnostics, compilation, files))
    show(Report.of([each for each in said if each.severity != "error"], files))
    show(Report.of([each for each in said if each.severity == "error"], files))
    failed = [name for name, each in emissions.items() if not each.is_written]
    made = {name: each for name, each in emissions.items() if name not in failed}
    if not made or not all(emissions[name].unbound for name in failed):
        close(f"{', '.join(failed)} cannot be made")
        raise exits.Stop(exits.INVALID)
    write(out, policy, files, made)
    carriers = frozenset(each.name for each in targets if not enforces(each))
    click.echo(render(Run(made, carriers, str(out)), format))
    if failed:
        click.echo(f"without {', '.join(failed)}, which the policy does not bind", err=True)
    missing = {name: len(each.missing) for name, each in made.items() if each.missing}
    for name, count in missing.items():
        click.echo(f"without {counted(count, 'document')} of {name}", err=True)
    if failed or missing:
        raise exits.Stop(exits.INVALID)


def close(why: str) -> None:
    """Say at the end what came of it, where nothing did."""
    click.echo(f"nothing was written: {why}", err=True)


def prove(policy: ir.Policy, files: list[PolicyFile]) -> None:
    """End the command if the policy breaks what it states of itself, or if nobody can tell."""
    from ....compiler.analysis.statements import all_stated

    if not all_stated(policy):
        return
    from ....compiler.analysis.run import PROOFS, analyze
    from ....compiler.report import Report
    from ....compiler.report.diagnostics import has_errors

    found = list(analyze(policy, codes=PROOFS))
    show(Report.of(found, files))
    if found:
        raise exits.Stop(exits.FINDINGS if has_errors(found) else exits.UNDETERMINED)
