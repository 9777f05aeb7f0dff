"""`agpc comment`: what a pipeline has to say, as the one comment that it has on a pull request."""

from __future__ import annotations

from pathlib import Path

import click

from ... import exits
from ...pipeline.hosts import HOSTS


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--host", type=click.Choice(HOSTS), default="auto", show_default=True)
@click.option(
    "--author",
    metavar="LOGIN",
    default="github-actions[bot]",
    show_default=True,
    help="Whose comments may be renewed on GitHub: the account that the token belongs to.",
)
def comment(file: Path, host: str, author: str) -> None:
    """Put a comment of `agpc ci` or `agpc diff` on the pull request or merge request that the pipeline is for.

    The one of an earlier run is renewed. GitHub's token is read from GITHUB_TOKEN, GitLab's from AGPC_GITLAB_TOKEN.
    Where there is none, or it may not write, as for a change from a fork, that is said and is no failure.
    """
    from ....compiler.text.visible import visible
    from ...pipeline.comments import TokenRefused, Untold, marker_of, place_of, put
    from ...pipeline.hosts import environment, host_of

    body = read(file)
    if marker_of(body) is None:
        raise exits.Failure(
            f"`{file}` is not a comment that `agpc ci --reports` or `agpc diff` wrote"
        )
    given = environment()
    try:
        done = put(place_of(host_of(given, host), given, author), body)
    except Untold as why:
        click.echo(f"note: no comment was written: {visible(str(why))}", err=True)
    except TokenRefused as why:
        click.echo(
            f"warning: no comment was written, since the token may not ({visible(str(why))}); on GitHub the job "
            "needs `permissions: pull-requests: write`",
            err=True,
        )
    else:
        click.echo(f"comment {done}")


def read(file: Path) -> str:
    """Read the comment, or end the command."""
    from ....compiler.check.project.files import PolicyFilesError, read_text

    try:
        return read_text(file)
    except PolicyFilesError as error:
        raise exits.Failure(str(error)) from None
