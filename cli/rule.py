"""`agpc rule`: what a diagnostic means, and what to do about it, without a network."""

from __future__ import annotations

import click

from . import exits


@click.command()
@click.argument("code")
def rule(code: str) -> None:
    """Print the page of a diagnostic, such as AGP2101."""
    from ..compiler.codes import CODES
    from ..compiler.names import did_you_mean
    from ..compiler.pages import page_of
    from ..compiler.visible import visible, visible_lines

    name = code.upper()
    if name not in CODES:
        help = did_you_mean(name, CODES)
        raise exits.Failure(f"there is no code `{visible(code)}`" + (f": {help}" if help else ""))
    page = page_of(name)
    if page is None:
        raise exits.Failure("the pages of diagnostics are not there: install agpc again")
    click.echo(visible_lines(page), nl=False)
