"""Read the record that facts follow from, as options of subcommands name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .opened import opened

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir
    from ...compiler.meaning.facts.record import Record


def record_of(policy: ir.Policy, name: str) -> Record:
    """Read a record; lines that are broken are named on standard error."""
    from ...compiler.meaning.facts.reader import read_record
    from ...compiler.text.visible import visible

    with opened(name) as stream:
        found = read_record(policy, stream)
    for each in found.problems:
        said = f"line {each.line} of the record: {each.message}"
        click.echo(f"warning: {visible(said)}", err=True)
    return found
