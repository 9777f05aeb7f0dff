"""What commands share that speak to a server of the Model Context Protocol."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from .. import exits

_Command = TypeVar("_Command", bound=Callable[..., Any])


def upstream_options(command: _Command) -> _Command:
    """Add the options that say which server, where it is reached over HTTP."""
    for option in (
        click.option(
            "--upstream-header", multiple=True, metavar="NAME=VARIABLE",
            help="A header for the server, of which an environment variable has the value; several times.",
        ),
        click.option(
            "--upstream", metavar="URL", help="The server, in place of a command after `--`."
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def headers_from(given: tuple[str, ...]) -> dict[str, str]:
    """Read headers for a server, whose values environment variables have, where no other process sees them."""
    found: dict[str, str] = {}
    for each in given:
        name, sign, variable = each.partition("=")
        value = os.environ.get(variable)
        if not sign or not name or not value:
            raise click.UsageError(
                f"--upstream-header is NAME=VARIABLE, of a variable that is set, and `{each}` is not"
            )
        found[name] = value
    return found


def check_upstream(url: str | None) -> None:
    """See that a server is reached over HTTP, where one is reached at all."""
    from urllib.parse import urlsplit

    if url is None:
        return
    try:
        found = urlsplit(url)
        is_address = found.scheme in ("http", "https") and bool(found.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise click.UsageError(
            f"--upstream is the URL of a server, `https://HOST/PATH`, and `{url}` is not"
        )


def missing(error: ImportError) -> Exception:
    """Say what to install where a library is not there; an error of ours stays one."""
    if error.name is None or error.name.partition(".")[0] == "agpc":
        return error
    return exits.Failure(f"the guard needs `{error.name}`: pip install 'agpc[guard]'")
