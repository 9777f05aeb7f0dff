"""`agpc diff`: who can do what that they could not do before."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from .. import exits
from ..input.policies import ask_which, catalogue_of, or_told, show

if TYPE_CHECKING:
    from ...compiler.analysis.diff.changes import Difference
    from ...compiler.analysis.diff.sides import Side
    from ...compiler.check.compile import Compilation
    from ...compiler.check.memory import Memory
    from ...compiler.ir import nodes as ir
    from ...compiler.lowering.controls import Catalogue
    from ...compiler.report.source import PolicyFile

FORMATS = ("text", "json", "markdown", "html", "sarif", "github")


@click.command()
@click.argument("given", nargs=-1, metavar="[BASE HEAD | REVISION [PATH]...]")
@click.option("--staged", is_flag=True, help="Compare the last commit with what is staged.")
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on",
    metavar="WHAT[:AGENT,...]",
    default="none",
    show_default=True,
    help="What makes the exit status 1: more, incomparable, any or none; for some agents alone.",
)
def diff(given: tuple[str, ...], staged: bool, format: str, fail_on: str) -> None:
    """Say who can do what that they could not do before, and what they no longer can.

    BASE and HEAD are directories or files. A REVISION is compared, from where it and the last commit
    parted, with the working tree; `A..B` are two commits, and `A...B` is B and where both parted. PATHs
    narrow a revision to the policies below them; `.` if none is given.
    """
    from ...compiler.analysis.diff.changes import compare
    from ...compiler.check.memory import Memory
    from ...compiler.check.silences_changed import silences_changed

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


def written(
    found: Difference,
    format: str,
    policies: Mapping[Side, ir.Policy],
    files: Mapping[Side, list[PolicyFile]],
) -> str:
    """A comparison in one of `FORMATS`."""
    if format in ("sarif", "github"):
        from ...compiler.report import Report
        from ..output import diff_github, diff_sarif
        from ..output.diff_places import Places

        reports = {
            side: Report.of((), [replace(each, path=each.place or each.path) for each in listed])
            for side, listed in files.items()
        }
        places = Places.of(policies, reports)
        render = diff_sarif.render if format == "sarif" else diff_github.render
        return render(found, places)
    if format == "json":
        from ..output.diff_json import document

        return f"{document(found)}\n"
    if format == "markdown":
        from ..output import diff_markdown

        return diff_markdown.page(found)
    if format == "html":
        from ..output import diff_page

        return diff_page.page(found)
    from ..output import diff_text

    return diff_text.page(found)


# --- What is compared -----------------------------------------------------------------------------


def sides(given: tuple[str, ...], staged: bool) -> tuple[list[PolicyFile], list[PolicyFile]]:
    """The policies of both sides."""
    from ...compiler.check.files import read_policies
    from ...compiler.check.revisions import STAGED, Repository

    if staged:
        paths = given or one_set()
        repository = Repository(_directory(paths[0]))
        head = repository.commit("HEAD")
        return repository.policies(head, paths), repository.policies(STAGED, paths)
    if len(given) == 2 and all(map(os.path.lexists, given)):
        return _of_path(given[0]), read_policies([given[1]])
    if not given:
        raise click.UsageError("give two directories, or a revision to compare with")
    revision, paths = given[0], given[1:] or one_set()
    repository = Repository(_directory(paths[0]))
    if "..." in revision:
        one, other = revision.split("...", 1)
        old = repository.merge_base(one or "HEAD", other or "HEAD")
        return (
            repository.policies(old, paths),
            repository.policies(repository.commit(other or "HEAD"), paths),
        )
    if ".." in revision:
        ends = [repository.commit(each or "HEAD") for each in revision.split("..", 1)]
        return repository.policies(ends[0], paths), repository.policies(ends[1], paths)
    return parted(revision, paths), read_policies(paths)


def one_set() -> tuple[str, ...]:
    """The paths where none is given; ends the command where several sets could be meant."""
    ask_which()
    return (".",)


def parted(revision: str, paths: tuple[str, ...]) -> list[PolicyFile]:
    """The policies of paths where a revision and the last commit parted."""
    from ...compiler.check.revisions import Repository

    repository = Repository(_directory(paths[0]))
    return repository.policies(repository.merge_base(revision, "HEAD"), paths)


def _of_path(path: str) -> list[PolicyFile]:
    """The policies of a path; a directory without any is no policy yet, which opens nothing."""
    from ...compiler.check.files import SUFFIX, read_policies

    if os.path.isdir(path) and not any(
        name.endswith(SUFFIX) for _, _, names in os.walk(path) for name in names
    ):
        return []
    return read_policies([path])


def _directory(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path) or "."


def compiled(side: str, files: list[PolicyFile], memory: Memory, catalogue: Catalogue) -> ir.Policy:
    """Compile one side, or end the command with what stands in the way, and on which side."""
    return compilation_of(side, files, memory, catalogue)[0]


def compilation_of(
    side: str, files: list[PolicyFile], memory: Memory, catalogue: Catalogue
) -> tuple[ir.Policy, Compilation]:
    """As `compiled`, with all that came of it."""
    from ...compiler.check.compile import compile_sources
    from ...compiler.report import Report

    compilation = compile_sources([each.source for each in files], memory, catalogue)
    if compilation.policy is None:
        show(Report.of(compilation.diagnostics, files))
        click.echo(f"error: the {side} does not compile", err=True)
        raise exits.Stop(exits.INVALID)
    return compilation.policy, compilation


# --- What fails -----------------------------------------------------------------------------------

FAILS: dict[str, tuple[str, ...]] = {
    "none": (),
    "incomparable": ("incomparable",),
    "more": ("more", "incomparable"),
    "any": ("more", "incomparable", "less"),
}


def read_fail_on(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The changes that fail, and the agents whose they have to be; of none, all are meant."""
    what, _, agents = text.partition(":")
    if what not in FAILS:
        raise click.BadParameter(f"`{what}` is none of {', '.join(FAILS)}", param_hint="--fail-on")
    return FAILS[what], tuple(each for each in agents.split(",") if each)


def status_of(found: Difference, failing: tuple[tuple[str, ...], tuple[str, ...]]) -> int:
    """The exit status of a comparison: what is undetermined is never equivalent."""
    what, agents = failing
    if any(each.change in what and (not agents or each.agent in agents) for each in found.changes):
        return exits.FINDINGS
    return exits.UNDETERMINED if found.undetermined else exits.CLEAN
