"""What decides for a guard that a command starts: a core of its own, or a service."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from .. import exits
from ..input.service import api_key
from .serve import settings_of, store_told

if TYPE_CHECKING:
    from ...guard.enforcing.enforcement import Enforcement
    from ...service.config.models import Loaded

DEFAULT_STORE = "sqlite:///agpc.db"
SERVICE_WITHIN = 10
"""Seconds for the service to answer, each time."""


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
    from ...guard.enforcing.embedded import Embedded

    if options["service"] is None:

        async def begin_here() -> Enforcement:
            found = await Embedded.begin(loaded)
            click.echo(
                f"agpc guard: the trail is verified with: agpc audit verify --key {found.verifier_key}",
                err=True,
            )
            return found

        return begin_here
    from ...compiler.check.files import PolicyFilesError
    from ...compiler.check.load import PolicyError, load_policy
    from ...guard.enforcing.enforcement import CannotCompile
    from ...guard.enforcing.remote import Remote
    from ...guard.enforcing.vocabulary import Vocabulary
    from ...service.client.address import NotAnAddress, read_address
    from ...service.client.client import Client, ServiceProblem

    try:
        address = read_address(options["service"])
        client = Client(address, api_key=api_key(options["key_file"]), timeout=SERVICE_WITHIN)
        vocabulary = Vocabulary.of(load_policy(paths or (".",)))
    except NotAnAddress as problem:
        raise exits.Failure(
            f"`{options['service']}` is no address of a service: {problem}"
        ) from None
    except ServiceProblem as problem:
        raise exits.Failure(str(problem)) from None
    except (PolicyFilesError, PolicyError) as problem:
        raise cannot_begin(CannotCompile(str(problem))) from None

    async def begin() -> Enforcement:
        return Remote(client, vocabulary)

    return begin


def cannot_begin(error: Exception) -> Exception:
    """Give what ends a command whose guard cannot begin; what the compiler reports keeps its lines."""
    from ...compiler.text.visible import visible
    from ...guard.enforcing.enforcement import CannotCompile

    if not isinstance(error, CannotCompile):
        return exits.Failure(str(error))
    for line in f"error: {error}".splitlines():
        click.echo(visible(line), err=True)
    return exits.Stop(exits.USAGE)
