"""`agpc matrix`: agents by capabilities, with what it takes."""

from __future__ import annotations

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.named import FOR
from ...input.policies import compiled, read

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
    from ....compiler.garbage import seldom_collected
    from ....compiler.report import Report
    from ....compiler.telling.matrix import answered
    from ...input.named import intents_named
    from ...output.matrix import RENDERERS

    files = read(paths)
    policy, _ = compiled(files)
    intents = intents_named(policy, words)
    with seldom_collected():
        found = answered(policy, intents, Report.of((), files))
        text = RENDERERS[format](found)
    click.echo(text, nl=False)
    if found.undetermined:
        raise exits.Stop(exits.UNDETERMINED)
