"""What is compared: two paths, or the revisions of a repository, each side compiled."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from ...compiler.structs import changed
from .. import exits
from .policies import ask_which, show

if TYPE_CHECKING:
    from ...compiler.check.compiling.compile import Compilation
    from ...compiler.check.compiling.memory import Memory
    from ...compiler.ir import nodes as ir
    from ...compiler.lowering.names.controls import Catalogue
    from ...compiler.report.source import PolicyFile


def sides(given: tuple[str, ...], staged: bool) -> tuple[list[PolicyFile], list[PolicyFile]]:
    """The policies of both sides."""
    from ...compiler.check.project.files import read_policies
    from ...compiler.check.project.revisions import STAGED, Repository

    if staged:
        paths = given or one_set()
        repository = Repository.holding(paths[0])
        head = repository.commit("HEAD")
        return repository.policies(head, paths), repository.policies(STAGED, paths)
    if len(given) == 2 and all(map(os.path.lexists, given)):
        return _of_path(given[0]), read_policies([given[1]])
    if not given:
        raise click.UsageError("give two directories, or a revision to compare with")
    revision, paths = given[0], given[1:] or one_set()
    repository = Repository.holding(paths[0])
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
    now = [changed(each, place=repository.seen(each.path)) for each in read_policies(paths)]
    return parted(revision, paths), now


def one_set() -> tuple[str, ...]:
    """The paths where none is given; ends the command where several sets could be meant."""
    ask_which()
    return (".",)


def parted(revision: str, paths: tuple[str, ...]) -> list[PolicyFile]:
    """The policies of paths where a revision and the last commit parted."""
    from ...compiler.check.project.revisions import Repository

    repository = Repository.holding(paths[0])
    return repository.policies(repository.merge_base(revision, "HEAD"), paths)


def _of_path(path: str) -> list[PolicyFile]:
    """The policies of a path; a directory without any is no policy yet, which opens nothing."""
    from ...compiler.check.project.files import SUFFIX, read_policies

    if os.path.isdir(path) and not any(
        name.endswith(SUFFIX) for _, _, names in os.walk(path) for name in names
    ):
        return []
    return read_policies([path])


def compiled(side: str, files: list[PolicyFile], memory: Memory, catalogue: Catalogue) -> ir.Policy:
    """Compile one side, or end the command with what stands in the way, and on which side."""
    return compilation_of(side, files, memory, catalogue)[0]


def compilation_of(
    side: str, files: list[PolicyFile], memory: Memory, catalogue: Catalogue
) -> tuple[ir.Policy, Compilation]:
    """As `compiled`, with all that came of it."""
    from ...compiler.check.compiling.compile import compile_sources
    from ...compiler.report import Report

    compilation = compile_sources([each.source for each in files], memory, catalogue)
    if compilation.policy is None:
        show(Report.of(compilation.diagnostics, files))
        click.echo(f"error: the {side} does not compile", err=True)
        raise exits.Stop(exits.INVALID)
    return compilation.policy, compilation
