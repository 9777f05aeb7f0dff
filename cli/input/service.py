"""Which service a command speaks to, and what it is given on the command line to say there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import exits
from .opened import opened

if TYPE_CHECKING:
    from ...service.client.client import Client

API_KEY = "AGPC_API_KEY"
DEFAULT = (
    "http://127.0.0.1:8080"  # that of `service/client/address.py`, not worth loading for `--help`
)
MAX_KEY = 4096
MAX_TEXT = 16 * 1024 * 1024
"""Bytes that are read from standard input; the service has a lower limit of its own."""

_Command = TypeVar("_Command", bound=Callable[..., Any])


def service_options(command: _Command) -> _Command:
    """Add the options that say where the service is, and who calls."""
    for option in (
        click.option(
            "--timeout", type=click.IntRange(1, 3600), default=10,
            show_default=True, metavar="SECONDS", help="How long to wait for an answer, each time.",
        ),
        click.option(
            "--ca", metavar="FILE",
            help="The certificates to believe, as PEM, in place of those of the system.",
        ),
        click.option(
            "--key-file", metavar="FILE",
            help=f"The file with the API key, in place of the variable {API_KEY}.",
        ),
        click.option(
            "--service", metavar="URL", default=DEFAULT, envvar="AGPC_SERVICE",
            show_default=True, help="Where the service is; also AGPC_SERVICE.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@contextmanager
def service_at(
    service: str, key_file: str | None, ca: str | None, timeout: int
) -> Iterator[Client]:
    """Speak to the service; what it refuses, and that it is not there, ends the command."""
    from ...service.client.address import NotAnAddress, read_address
    from ...service.client.client import Client, ServiceProblem

    try:
        address = read_address(service)
    except NotAnAddress as problem:
        raise exits.Failure(f"`{service}` is no address of a service: {problem}") from None
    key = api_key(key_file)
    try:
        yield Client(address, api_key=key, timeout=timeout, ca=ca)
    except ServiceProblem as problem:
        raise exits.Failure(str(problem)) from None


def api_key(file: str | None) -> str | None:
    """The key of whoever calls, from a file or the environment. It is never printed."""
    if file is None:
        place, given = f"the variable {API_KEY}", os.environ.get(API_KEY, "")
        if not given:
            return None
    else:
        place = f"`{file}`"
        with opened(file) as stream:
            read = stream.read(MAX_KEY + 1)
        given = read.decode("ascii", "replace") if len(read) <= MAX_KEY else "\0"
    key = given.strip(" \t\r\n")
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise exits.Failure(
            f"{place} holds no API key: a key is one line of ASCII letters, digits and signs"
        )
    return key


# --- what is said ---


def named_values(given: tuple[str, ...], texts: tuple[str, ...], what: str) -> dict[str, Any]:
    """The values of `NAME=VALUE`: JSON where it reads as JSON, else text; those of `texts` are text."""
    found: dict[str, Any] = {}
    pairs = [(each, True) for each in given] + [(each, False) for each in texts]
    for pair, typed in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise click.UsageError(f"{what} is given as NAME=VALUE, and `{pair}` is not")
        if name in found:
            raise click.UsageError(f"{what} `{name}` is given twice")
        check_text(name)
        found[name] = typed_value(name, value, what) if typed else check_text(value)
    return found


def typed_value(name: str, value: str, what: str) -> Any:
    """A value that reads as JSON, or a text."""
    from ...runtime.strict_json import NotJSON, read_request

    try:
        found = read_request(value)
        json.dumps(found, allow_nan=False)
    except NotJSON as problem:
        if value.lstrip()[:1] in ("{", "[", '"'):  # it was meant to be
            raise click.UsageError(f"the value of {what} `{name}`: {problem}") from None
        return check_text(value)
    except ValueError:
        raise click.UsageError(
            f"the value of {what} `{name}` is larger than any number is: write it as text"
        ) from None
    return found


def text_or_input(given: str) -> str:
    """A text, or for `-` what standard input holds."""
    if given != "-":
        return check_text(given)
    with opened("-") as stream:
        read = stream.read(MAX_TEXT + 1)
    if len(read) > MAX_TEXT:
        raise exits.Failure(f"standard input holds more than {MAX_TEXT} bytes")
    try:
        return read.decode("utf-8")
    except UnicodeDecodeError as error:
        raise exits.Failure(f"standard input is not UTF-8 at byte {error.start}") from None


def check_text(given: str) -> str:
    """Refuse an argument that was not UTF-8: what would arrive is another text."""
    from ...runtime.values import is_text

    if not is_text(given):
        raise click.UsageError(f"`{given}` is not UTF-8")
    return given
