"""What decides for a guard that a command starts: a core of its own, or a service."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ... import exits
from ...input.service import api_key, check_text, named_values
from ..service.serve import settings_of, store_told

if TYPE_CHECKING:
    from ....guard.enforcing.enforcement import Enforcement
    from ....guard.mcp.running import WantedTask
    from ....service.config.models import Loaded

DEFAULT_STORE = "sqlite:///agpc.db"
FILE = click.Path(path_type=Path)

_Command = TypeVar("_Command", bound=Callable[..., Any])

FIELD = click.option("--field", multiple=True, metavar="NAME=VALUE", help="A field of the intent.")
USER = click.option("--user", metavar="ID", help="The person for whom the agent works.")
CONTEXT = click.option(
    "--context",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the policy reads of the context of every call, as you know it; several times.",
)
EXPLAIN = click.option(
    "--explain", type=click.Choice(("full", "reasons", "nothing")), help="How much a denial says."
)


def task_options(command: _Command) -> _Command:
    """Add the options that say which task is started."""
    for option in (
        click.option("--said", metavar="TEXT", help="What the person said."),
        USER,
        FIELD,
        click.option("--intent", metavar="INTENT", help="What for, as PACKAGE.INTENT."),
        click.option("--agent", metavar="SPIFFE", help="The SPIFFE ID of who works: a task is started."),
    ):  # fmt: skip
        command = option(command)
    return command


def store_options(command: _Command) -> _Command:
    """Add the options that say what decides: a store of the guard's own, or a service."""
    for option in (
        click.option("--public-url", metavar="URL", help="How people reach the page of approvals."),
        click.option("--key-file", metavar="FILE", help="The file with the API key for the service."),
        click.option("--service", metavar="URL", help="The service that decides, in place of a store."),
        click.option("--config", type=FILE, metavar="FILE", help="The settings of the service, `service.toml`."),
        click.option("--store", metavar="URL", help=f"The store; {DEFAULT_STORE} by default."),
    ):  # fmt: skip
        command = option(command)
    return command


def check_task(options: Mapping[str, Any]) -> None:
    """See that a task is named or started, not both, and that what starts one is whole."""
    if options["task"] is not None:
        for each in ("agent", "intent", "user", "said"):
            if options[each] is not None:
                raise click.UsageError(f"--task names a task that is there: without --{each}")
        if options["field"]:
            raise click.UsageError("--task names a task that is there: without --field")
    elif (options["agent"] is None) != (options["intent"] is None):
        raise click.UsageError("a task is started for an agent and an intent: give both")
    for each in ("agent", "intent", "user", "said", "task"):
        if options[each] is not None:
            check_text(options[each])


def wanted_of(options: Mapping[str, Any]) -> WantedTask:
    """Say which task that is."""
    from ....guard.mcp.running import WantedTask

    return WantedTask(
        task=options["task"],
        agent=options["agent"],
        intent=options["intent"],
        fields=named_values(options["field"], (), "the field"),
        user=options["user"],
        said=options["said"],
    )


def check_service(options: Mapping[str, Any]) -> None:
    """See that nothing is said of a store where a service decides."""
    if options["service"] is None:
        return
    for each in ("store", "public_url"):
        if options[each] is not None:
            name = each.replace("_", "-")
            raise click.UsageError(f"the service has a store and a page: without --{name}")


def service_settings(paths: tuple[str, ...], options: Mapping[str, Any]) -> Loaded:
    """Read the settings of the service, with what the command line says over them."""
    flags: dict[str, Any] = {
        "policies": [os.path.abspath(each) for each in paths] or None,
        "store": store_told(options["store"])
        or (None if options["config"] else store_told(DEFAULT_STORE)),
        "public_url": options["public_url"],
    }
    return settings_of(options["config"], flags)


def enforcing(
    paths: tuple[str, ...], options: Mapping[str, Any], loaded: Loaded
) -> Callable[[], Awaitable[Enforcement]]:
    """Say what decides: a core of the guard's own, or the service."""
    from ....guard.enforcing.embedded import Embedded

    if options["service"] is None:

        async def begin_here() -> Enforcement:
            found = await Embedded.begin(loaded)
            click.echo(
                f"agpc guard: the trail is verified with: agpc audit verify --key {found.verifier_key}",
                err=True,
            )
            return found

        return begin_here
    from ....guard.enforcing.enforcement import CannotEnforce
    from ....guard.enforcing.remote import Remote

    try:
        remote = Remote.of(paths or (".",), options["service"], api_key(options["key_file"]))
    except CannotEnforce as error:
        raise cannot_begin(error) from None

    async def begin() -> Enforcement:
        return remote

    return begin


def cannot_begin(error: Exception) -> Exception:
    """Give what ends a command whose guard cannot begin; what the compiler reports keeps its lines."""
    from ....compiler.text.visible import visible
    from ....guard.enforcing.enforcement import CannotCompile

    if not isinstance(error, CannotCompile):
        return exits.Failure(str(error))
    for line in f"error: {error}".splitlines():
        click.echo(visible(line), err=True)
    return exits.Stop(exits.USAGE)
