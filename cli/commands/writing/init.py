"""`agpc init`: a small commented policy with tests, ready to edit."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from ... import exits

STARTER = "starter.agp"


@click.command()
@click.argument("directory", default=".", type=click.Path(path_type=Path))
def init(directory: Path) -> None:
    """Write a small commented policy with tests into a directory (the working directory).

    A file that is there already is never written over.
    """
    from ....compiler.check.project.files import make_directories, reason
    from ....compiler.text.visible import visible
    from ...output.whole_file import create_whole

    path = directory / STARTER
    text = resources.files(__package__).joinpath(STARTER).read_bytes()
    try:
        make_directories(directory)
        create_whole(path, text)
    except FileExistsError:
        there = path if path.exists() else directory
        raise exits.Failure(f"`{there}` is there already, and is not written over") from None
    except (OSError, ValueError) as error:  # a NUL byte in the path is a ValueError
        raise exits.Failure(f"cannot write `{path}`: {reason(error)}") from None
    click.echo(f"wrote {visible(str(path))}; next: agpc check, agpc test")
