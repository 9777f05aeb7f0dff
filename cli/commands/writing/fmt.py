"""`agpc fmt`: policies in the one layout that everybody's have."""

from __future__ import annotations

from pathlib import Path

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.policies import read_files, show
from ...output.difference import difference
from ...output.whole_file import write_whole


@click.command()
@PATHS
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not formatted.")
@click.option("--diff", is_flag=True, help="As --check, and print what would change.")
def fmt(paths: tuple[str, ...], check: bool, diff: bool) -> None:
    """Format policies in place; `-` formats standard input to standard output.

    A comma behind a list that no bracket closes is left out. Nothing is written if any of the files has
    another syntax error.
    """
    from ....compiler.format.formatter import format_source
    from ....compiler.format.mend import parse_mended
    from ....compiler.report import Report
    from ....compiler.report.diagnostics import Diagnostics, has_errors
    from ....compiler.text.visible import visible

    files = read_files(paths)  # each by itself, whatever set it is of
    diagnostics: Diagnostics = []
    for file in files:
        parse_mended(file.source, diagnostics)
    if has_errors(diagnostics):
        show(Report.of(diagnostics, files))
        raise exits.Stop(exits.INVALID)
    changed = []
    for file in files:
        formatted = format_source(file.source)
        piped = file.path == "<stdin>"
        if piped and not (check or diff):
            click.echo(formatted, nl=False)
        elif formatted != file.source.text:
            changed.append((file, formatted))
    for file, formatted in changed:
        if diff:
            click.echo("\n".join(difference(file.path, file.source.text, formatted)))
        elif check:
            click.echo(f"would format {visible(file.path)}")
        else:
            write_whole(Path(file.path), formatted)
            click.echo(f"formatted {visible(file.path)}")
    if changed and (check or diff):
        raise exits.Stop(exits.FINDINGS)
