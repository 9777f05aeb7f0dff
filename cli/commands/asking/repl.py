"""`agpc repl`: questions to policies at a prompt, which knows their names and may change their rules in memory."""

from __future__ import annotations

import sys

import click

from ... import exits
from ...input.arguments import PATHS


@click.command()
@PATHS
def repl(paths: tuple[str, ...]) -> None:
    """Ask questions about policies at a prompt: who can, decide, explain, and what a changed rule would open.

    Tab completes names. Nothing is written to the policies. Where standard input is no terminal, its lines are the
    questions, and the exit status is that of the first one that does not end with 0.
    """
    from ...repl.prompt import ask_at_terminal, ask_of_lines, lines_of
    from ...repl.session import Session

    if "-" in paths:
        raise click.UsageError("the questions come from standard input: name the policies")
    session = Session.of(paths)
    stream = sys.stdin
    if stream is None:
        raise exits.Failure("standard input is closed: the questions come from there")
    if getattr(stream, "isatty", bool)():
        ask_at_terminal(session)
    elif status := ask_of_lines(session, lines_of(stream.buffer)):
        raise exits.Stop(status)
