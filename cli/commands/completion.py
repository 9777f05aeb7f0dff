"""`agpc completion`: what makes a shell complete commands, options and their values."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what a shell has to read at its start to complete agpc's commands.

    For bash, in ~/.bashrc: eval "$(agpc completion bash)".
    """
    from click.shell_completion import get_completion_class

    from ..table import COMPLETION_VARIABLE, agpc

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(agpc, {}, "agpc", COMPLETION_VARIABLE).source())
