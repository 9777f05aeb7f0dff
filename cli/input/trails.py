"""Opens what the subcommands of `agpc audit` read: the directory of an export, or a store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import exits

if TYPE_CHECKING:
    from ...audit.reading.trail import Trail
    from ...service.core.view import View


@contextmanager
def trail_of(directory: Path | None, store: str | None) -> Iterator[Trail]:
    """Open the trail that is named, in a directory or in a store."""
    if (directory is None) == (store is None):
        raise click.UsageError("say where the trail is: either a directory, or --store URL")
    if store is not None:
        from ...audit.reading.trail import StoredTrail

        with view_of(store) as view:
            yield StoredTrail(view, view)
        return
    from ...audit.reading.directory import ExportedTrail
    from ...service.audit.lines import LINES

    assert directory is not None
    if not directory.is_dir():
        hosted = re.match(r"https?:/", str(directory))
        way_out = ": copy the files from there first, and verify the copy" if hosted else ""
        raise exits.Failure(f"`{directory}` is no directory{way_out}")
    yield ExportedTrail(directory, LINES)


@contextmanager
def view_of(url: str) -> Iterator[View]:
    """Look at one state of a store, or end the command with the reason why not."""
    from ...service.core.view import open_view
    from ...service.store import StoreError

    try:
        with open_view(url) as view:
            yield view
    except StoreError as error:
        raise exits.Failure(str(error)) from None
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("psycopg"):
            raise exits.Failure(
                "a PostgreSQL store needs the package `psycopg`: pip install 'agpc[postgres]'"
            ) from None
        raise
