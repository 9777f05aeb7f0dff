"""`agpc upgrade`: policies of version 1 of the language in version 2, and what that changes."""

from __future__ import annotations

from pathlib import Path

import click

from .. import exits
from ..input.policies import PATHS, read, show
from ..output.whole_file import write_whole


@click.command()
@PATHS
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not in version 2.")
@click.option("--diff", is_flag=True, help="As --check, and print what would change.")
def upgrade(paths: tuple[str, ...], check: bool, diff: bool) -> None:
    """Write policies of version 1 in version 2, in place; `-` writes standard input to standard output.

    What is written otherwise keeps its meaning; what version 2 decides otherwise is told. Nothing is written
    if any of the files has an error of syntax that an upgrade does not mend.
    """
    from ...compiler.format.upgrade import upgrade as upgraded
    from ...compiler.report import Report
    from ...compiler.report.diagnostics import Diagnostics, has_errors
    from ...compiler.text.visible import visible
    from .fmt import difference

    files = read(paths)
    diagnostics: Diagnostics = []
    made = [(file, upgraded(file.source, diagnostics)) for file in files]
    if has_errors(diagnostics):
        show(Report.of(diagnostics, files))
        raise exits.Stop(exits.INVALID)
    changed = []
    for file, result in made:
        if file.path == "<stdin>" and not (check or diff):
            click.echo(result.source.text, nl=False)
        elif result.source.text != file.source.text:
            changed.append((file, result))
    for file, result in changed:
        if diff:
            click.echo("\n".join(difference(file.path, file.source.text, result.source.text)))
        elif check:
            click.echo(f"would upgrade {visible(file.path)}{_what(result.commas, result.clauses)}")
        else:
            write_whole(Path(file.path), result.source.text)
            click.echo(f"upgraded {visible(file.path)}{_what(result.commas, result.clauses)}")
    if changed:
        click.echo(CHANGES, err=True)
    if changed and (check or diff):
        raise exits.Stop(exits.FINDINGS)


CHANGES = (
    "version 2 decides as version 1 did, or is stricter: `agpc rule AGP1018` says where; `agpc test`, and `agpc replay` "
    "with a log, show whether a policy is concerned"
)


def _what(commas: int, clauses: int) -> str:
    parts = []
    if commas:
        parts.append(f"{commas} comma{'s' * (commas > 1)} left out")
    if clauses:
        parts.append(f"{clauses} clause{'s' * (clauses > 1)} of a grant moved")
    return f" ({', '.join(parts)})" if parts else ""
