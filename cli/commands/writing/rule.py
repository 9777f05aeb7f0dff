"""`agpc rule`: what a diagnostic means, and what to do about it, without a network."""

from __future__ import annotations

import click

from ... import exits


def codes(context: click.Context, parameter: click.Parameter, started: str) -> list[str]:
    """The codes that a shell completes what was typed to."""
    from ....compiler.report.codes import CODES

    return [each for each in CODES if each.startswith(started.upper())]


@click.command()
@click.argument("code", shell_complete=codes)
def rule(code: str) -> None:
    """Print the page of a diagnostic, such as AGP2101."""
    from ....compiler.report.codes import CODES
    from ....compiler.report.pages import page_of
    from ....compiler.text.suggestions import did_you_mean
    from ....compiler.text.visible import visible, visible_lines

    name = code.upper()
    if name not in CODES:
        help = did_you_mean(name, CODES)
        raise exits.Failure(f"there is no code `{visible(code)}`" + (f": {help}" if help else ""))
    page = page_of(name)
    if page is None:
        raise exits.Failure("the pages of diagnostics are not there: install agpc again")
    click.echo(visible_lines(page), nl=False)
