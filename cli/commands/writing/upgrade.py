"""`agpc upgrade`: policies of version 1 of the language in version 2, and what that changes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.opened import opened
from ...input.policies import catalogue_of, read, show
from ...output.difference import difference
from ...output.whole_file import write_whole

if TYPE_CHECKING:
    from ....compiler.ir import nodes as ir
    from ....compiler.report.source import PolicyFile, Source


@click.command()
@PATHS
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not in version 2.")
@click.option("--diff", is_flag=True, help="As --check, and print what would change.")
@click.option(
    "--record",
    metavar="LOG",
    help="Say which allows the calls of a log, or of a record, had applied but for arguments that nobody declared.",
)
def upgrade(paths: tuple[str, ...], check: bool, diff: bool, record: str | None) -> None:
    """Write policies of version 1 in version 2, in place; `-` writes standard input to standard output.

    What is written otherwise keeps its meaning; what version 2 decides otherwise is told, with the tests that
    come out otherwise. Nothing is written if any of the files has an error of syntax that an upgrade does not mend.
    """
    from ....compiler.format.upgrade import upgrade as upgraded
    from ....compiler.report import Report
    from ....compiler.report.diagnostics import Diagnostics, has_errors
    from ....compiler.text.visible import visible

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
    if changed or record is not None:
        tell(files, [result.source for _, result in made], record)
    if changed and (check or diff):
        raise exits.Stop(exits.FINDINGS)


CHANGES = (
    "version 2 decides as version 1 did, or is stricter: `agpc rule AGP1018` says where; `agpc test`, and `agpc replay` "
    "with a log, show whether a policy is concerned; and a starter may ask now whether a task may be started"
)


MOST_TOLD = 20
"""Tests, and arguments of one allow, that are told."""


def tell(files: list[PolicyFile], sources: list[Source], log: str | None) -> None:
    """Say what version 2 changes for the tests of policies, and for the calls of a log."""
    from ....compiler.check.compiling.compile import compile_sources

    policy = compile_sources(sources, catalogue=catalogue_of(files)).policy
    if policy is None:
        click.echo("what that changes is told once the policies compile: `agpc check`", err=True)
        return
    _print(_of_tests(policy))
    if log is not None:
        _print(_of_log(policy, log))


def _of_tests(policy: ir.Policy) -> Iterable[str]:
    """The tests that do not come out as they expect; what nobody declares no test holds."""
    from ....compiler.testing.run import run_tests
    from ....compiler.text.visible import visible

    failed = [each for each in run_tests(policy) if not each.passed]
    if failed:
        yield f"{len(failed)} test{'s do' if len(failed) > 1 else ' does'} not come out as expected:"
    for each in failed[:MOST_TOLD]:
        by = f" by {', '.join(each.got.rules)}" if each.got.rules else ""
        yield f"  {visible(each.test.name)}: expected {each.test.effect}, found {each.got.effect}{by}"
    if len(failed) > MOST_TOLD:
        yield f"  and {len(failed) - MOST_TOLD} more: `agpc test`"


def _of_log(policy: ir.Policy, log: str) -> Iterable[str]:
    """The arguments of recorded calls that nobody declared, by the allows that they close."""
    from ....compiler.replay.closing import closing
    from ....compiler.replay.streams import Log
    from ....compiler.text.visible import visible

    with opened(log) as stream:
        lines = Log(stream)
        found = closing(policy, lines)
    yield f"{visible(log)}: {found.calls:,} call{'s' * (found.calls != 1)}, of which undeclared arguments close:"
    for rule, counted in sorted(found.closed.items()):
        told = [
            f"{_argument(path)} ({count:,})"
            for path, count in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
        ]
        more = f" and {len(told) - MOST_TOLD:,} more" if len(told) > MOST_TOLD else ""
        yield f"  {rule}: {', '.join(told[:MOST_TOLD])}{more}"
    if not found.closed:
        yield "  none"
    if found.unread:
        yield f"  {found.unread:,} line{'s' * (found.unread != 1)} could not be read"
    if lines.problem is not None:
        yield f"  {lines.problem}"


def _argument(path: tuple[str, ...]) -> str:
    """An argument as a person reads it, whatever it is called."""
    from ....compiler.text.visible import visible

    if not path:
        return "arguments that are no object"
    shown = visible(".".join(("args", *path)))
    return f"`{shown if len(shown) <= 80 else f'{shown[:77]}...'}`"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


def _what(commas: int, clauses: int) -> str:
    parts = []
    if commas:
        parts.append(f"{commas} comma{'s' * (commas > 1)} left out")
    if clauses:
        parts.append(f"{clauses} clause{'s' * (clauses > 1)} of a grant moved")
    return f" ({', '.join(parts)})" if parts else ""
