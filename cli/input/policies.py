"""What most subcommands begin with: the policy that the paths hold, or a clean end without one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from .. import exits

if TYPE_CHECKING:
    from ...compiler.check.compiling.compile import Compilation
    from ...compiler.ir import nodes as ir
    from ...compiler.lowering.names.controls import Catalogue
    from ...compiler.report import Report
    from ...compiler.report.diagnostics import Diagnostic
    from ...compiler.report.source import PolicyFile


def read(paths: tuple[str, ...]) -> list[PolicyFile]:
    """Read the policies of one set, or end the command with a message for each thing that is wrong.

    In a session they are those that it holds.
    """
    from .held import held  # which only a session needs

    if (session := held()) is not None:
        if paths:
            raise exits.Failure(
                "a session asks about the policies that it holds: leave out the path"
            )
        return list(session.files)
    if not paths:
        ask_which()
    return read_files(paths)


def ask_which() -> None:
    """End the command where the working directory holds several policy sets, each of which is compiled by itself."""
    from ...compiler.check.project.policy_sets import which_set
    from ...compiler.check.project.settings_file import SettingsError

    try:
        question = which_set()
    except SettingsError as error:
        raise exits.Failure(str(error)) from None
    if question is not None:
        raise exits.Failure(question)


def read_files(paths: tuple[str, ...]) -> list[PolicyFile]:
    """Read policies whatever sets they are of, or end the command as `read` does."""
    from ...compiler.check.project.files import read_policies

    with or_told():
        return read_policies(paths or (".",))


@contextmanager
def or_told() -> Iterator[None]:
    """Read policies, or end the command with a message for each thing that is wrong."""
    from ...compiler.check.project.files import PolicyFilesError
    from ...compiler.text.visible import visible

    try:
        yield
    except PolicyFilesError as error:
        for problem in error.problems:
            print(f"error: {visible(problem)}", file=sys.stderr, flush=True)
        raise exits.Stop(exits.USAGE) from None


def compiled(files: list[PolicyFile]) -> tuple[ir.Policy, Compilation]:
    """Compile policies and print what was found; end the command if they do not compile.

    What remarks in the policies silence is not printed; `agpc check` judges the remarks.
    """
    from ...compiler.check.compiling.compile import compile_sources
    from ...compiler.report import Report
    from .held import held  # which only a session needs

    if (session := held()) is not None and session.compilation.policy is not None:
        return session.compilation.policy, session.compilation
    compilation = compile_sources([each.source for each in files], catalogue=catalogue_of(files))
    show(Report.of(unsilenced(compilation.diagnostics, compilation, files), files))
    if compilation.policy is None:
        raise exits.Stop(exits.INVALID)
    return compilation.policy, compilation


def catalogue_of(files: Sequence[PolicyFile]) -> Catalogue:
    """The controls that policies may name, by the settings of where they stand, or end the command.

    What a git repository has is read with the settings of the working tree.
    """
    from ...compiler.check.project.settings_file import SettingsError, catalogue_near

    found = (_directory(each, path) for each in files for path in (each.path, _in_a_revision(each)))
    directory = next((each for each in found if each is not None), os.getcwd())
    try:
        return catalogue_near(directory)
    except SettingsError as error:
        raise exits.Failure(str(error)) from None


def _directory(file: PolicyFile, path: str) -> str | None:
    """The directory that the names of policies are relative to, by the path of one, if there is one."""
    root = os.path.abspath(path).removesuffix(f"{os.sep}{file.source.name}")
    return root if root != os.path.abspath(path) and os.path.isdir(root) else None


def _in_a_revision(file: PolicyFile) -> str:
    """The path of a policy that a revision has, `REVISION:PATH`, as it is seen from the top of the repository."""
    return file.path.partition(":")[2]


def unsilenced(
    diagnostics: Sequence[Diagnostic], compilation: Compilation, files: list[PolicyFile]
) -> Sequence[Diagnostic]:
    """Leave out what remarks in the policies silence."""
    if not diagnostics:
        return ()
    from ...compiler.check.review.silence import quiet

    sources = [each.source for each in files]
    return quiet(diagnostics, compilation.files, sources, lambda code: False).diagnostics


def show(report: Report) -> None:
    """Print diagnostics for people, on standard error."""
    if report.diagnostics:
        import click

        from ...compiler.report.text import render

        click.echo(render(report, colour=takes_colour(sys.stderr)), err=True, nl=False, color=True)


def takes_colour(stream: IO[str]) -> bool:
    """Whether to write colours to a stream: a terminal, and no `NO_COLOR` (no-color.org)."""
    return (
        not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and stream is not None
        and stream.isatty()
    )
