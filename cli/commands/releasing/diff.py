"""`agpc diff`: who can do what that they could not do before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ... import exits
from ...input.fail_on import FAIL_ON, read_fail_on, status_of
from ...input.policies import catalogue_of, or_told
from ...output.diff.formats import FORMATS, written

if TYPE_CHECKING:
    from ....compiler.analysis.diff.joint.sides import Side
    from ....compiler.report.source import PolicyFile


@click.command()
@click.argument("given", nargs=-1, metavar="[BASE HEAD | REVISION [PATH]...]")
@click.option("--staged", is_flag=True, help="Compare the last commit with what is staged.")
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@FAIL_ON
def diff(given: tuple[str, ...], staged: bool, format: str, fail_on: str) -> None:
    """Say who can do what that they could not do before, and what they no longer can.

    BASE and HEAD are directories or files. A REVISION is compared, from where it and the last commit
    parted, with the working tree; `A..B` are two commits, and `A...B` is B and where both parted. PATHs
    narrow a revision to the policies below them; `.` if none is given.
    """
    from ....compiler.analysis.diff.changes import compare
    from ....compiler.check.compiling.memory import Memory
    from ....compiler.check.review.silences_changed import silences_changed
    from ...input.sides import compilation_of, sides

    failing = read_fail_on(fail_on)
    with or_told():
        base, head = sides(given, staged)
    files: dict[Side, list[PolicyFile]] = {"base": base, "head": head}
    memory = Memory()  # what both sides have is compiled once
    catalogue = catalogue_of([*head, *base])
    compilations = {
        side: compilation_of(side, each, memory, catalogue) for side, each in files.items()
    }
    policies = {side: each[0] for side, each in compilations.items()}
    failing.refuse_unknown(list(policies.values()), "--fail-on")
    found = compare(policies["base"], policies["head"])
    silences = silences_changed(
        *(
            (compilation.files, [each.source for each in files[side]])
            for side, (_, compilation) in compilations.items()
        )
    )
    found = found.and_also(silences)
    click.echo(written(found, format, policies, files), nl=False)
    raise exits.Stop(status_of(found, failing))
