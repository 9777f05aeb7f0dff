"""`agpc lsp`: the language server, which editors start and speak with over standard input and output."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ... import exits


@click.command()
@click.option(
    "--stdio",
    is_flag=True,
    help="Standard input and output, as editors ask for; there is no other way.",
)
@click.option(
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Append to a file what goes wrong, for a report of a bug.",
)
def lsp(stdio: bool, log: Path | None) -> None:
    """Serve an editor over the Language Server Protocol, on standard input and output.

    The exit status is 0 if the editor said that it would go, 1 if it went without a word.
    """
    import logging

    try:
        from ....lsp.server import Server
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in (
            "pygls",
            "lsprotocol",
            "cattrs",
        ):
            raise
        raise exits.Failure(
            f"the language server needs `{error.name}`: pip install 'agpc[lsp]'"
        ) from None
    if sys.stdin is None or not hasattr(sys.stdout, "buffer"):
        raise exits.Failure(
            "standard input or output is closed: editors start `agpc lsp` with both"
        )
    if sys.stdin.isatty():
        raise exits.Failure("this is for editors: they start `agpc lsp` and speak with it")
    root = logging.getLogger()
    root.handlers[:] = [
        logging.NullHandler() if log is None else logging.FileHandler(log, encoding="utf-8")
    ]
    root.setLevel(logging.WARNING)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whoever prints does not speak to the editor
    raise exits.Stop(Server().serve(stdin, stdout))
