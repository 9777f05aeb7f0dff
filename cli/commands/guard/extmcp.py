"""`agpc guard extmcp`: what agentgateway asks about each request and each response that goes through it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.service import named_values
from .enforcing import (
    CONTEXT,
    EXPLAIN,
    FILE,
    cannot_begin,
    check_service,
    check_task,
    enforcing,
    service_settings,
    store_options,
    task_options,
    wanted_of,
)

if TYPE_CHECKING:
    from ....guard.extmcp.identity import Identity
    from ....guard.extmcp.serving import Plan
    from ....service.config.models import Loaded

LISTEN = "127.0.0.1:4445"
WAIT = 5
"""Seconds that a request waits for people: a gateway waits ten for the processor."""
TLS = ("tls_certificate", "tls_key", "client_ca")


@click.command()
@PATHS
@click.option(
    "--listen",
    default=LISTEN,
    show_default=True,
    metavar="HOST:PORT",
    help="Where the gateway reaches it.",
)
@task_options
@click.option("--task", metavar="ID", help="The one task, in place of one that is started.")
@CONTEXT
@click.option(
    "--task-metadata",
    default="task",
    show_default=True,
    metavar="NAME",
    help="What the gateway's metadata calls the id of the task.",
)
@click.option(
    "--agent-metadata",
    metavar="NAME",
    help="What the gateway's metadata calls who calls: the task has to be theirs.",
)
@click.option(
    "--call-metadata",
    default="call",
    show_default=True,
    metavar="NAME",
    help="What it calls `mcpGuardrails.agpc_call`, by which a response is that of a request.",
)
@click.option(
    "--backend",
    multiple=True,
    metavar="NAME=RESOURCE",
    help="A resource of the policy that a server of the gateway has; several times. All by default.",
)
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(("resources", "prompts")),
    help="What passes although no policy governs it; several times.",
)
@store_options
@EXPLAIN
@click.option(
    "--wait",
    type=click.IntRange(0, 3600),
    default=WAIT,
    show_default=True,
    metavar="SECONDS",
    help="How long a request waits for people; less than the gateway waits for the processor.",
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 86400),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="How long a response is waited for, before nobody knows what became of the call.",
)
@click.option("--tls-certificate", type=FILE, metavar="FILE", help="The processor's certificate.")
@click.option("--tls-key", type=FILE, metavar="FILE", help="Its key.")
@click.option(
    "--client-ca", type=FILE, metavar="FILE", help="The authority of the gateway's certificate."
)
def extmcp(paths: tuple[str, ...], **options: Any) -> None:
    """Answer agentgateway's questions about what goes through it (ExtMcp, over gRPC).

    Each call is decided and recorded before the gateway sends it on, with the arguments that were decided, and its response
    is recorded before the client gets it.
    """
    _check(options)
    identity = _identity(options)
    loaded = service_settings(paths, options)
    try:
        import asyncio

        from ....guard.enforcing.enforcement import CannotEnforce
        from ....guard.extmcp.serving import CannotServe, run
        from ....guard.mcp.running import CannotGuard
    except ImportError as error:
        raise _missing(error) from None
    plan = _plan(options, loaded, identity)
    begin = enforcing(paths, options, loaded)

    def ready(text: str) -> None:
        click.echo(f"agpc guard: {text}", err=True)

    async def main() -> None:
        await run(await begin(), plan, ready)

    try:
        asyncio.run(main())
    except (CannotEnforce, CannotGuard, CannotServe) as error:
        raise cannot_begin(error) from None


def _check(options: Mapping[str, Any]) -> None:
    """See that what was asked for fits together."""
    check_task(options)
    check_service(options)
    if options["task"] is None and options["agent"] is None and options["agent_metadata"] is None:
        click.echo(
            "agpc guard: WARNING: nobody says who calls: without --agent-metadata whoever reaches the gateway may name"
            " any task",
            err=True,
        )


def _identity(options: Mapping[str, Any]) -> Identity | None:
    from ....service.config.kinds import is_loopback
    from ....service.config.models import host_and_port

    given = [options[each] is not None for each in TLS]
    if any(given) and not all(given):
        raise click.UsageError("--tls-certificate, --tls-key and --client-ca belong together")
    try:
        host, _ = host_and_port(options["listen"])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from None
    if all(given):
        from ....guard.extmcp.identity import Identity

        return Identity(*(options[each] for each in TLS))
    if not is_loopback(host):
        raise exits.Failure(
            f"`{options['listen']}` is reached from elsewhere, and no gateway would have to say who it is: give"
            " --tls-certificate, --tls-key and --client-ca, or listen on 127.0.0.1"
        )
    return None


def _plan(options: Mapping[str, Any], loaded: Loaded, identity: Identity | None) -> Plan:
    from ....guard.enforcing.settings import SettingsError, settings_of
    from ....guard.extmcp.processor import ProcessorSettings
    from ....guard.extmcp.serving import Plan

    try:
        of_guard = settings_of(loaded, explain=options["explain"], wait=float(options["wait"]))
    except SettingsError as error:
        raise exits.Failure(str(error)) from None
    settings = ProcessorSettings(
        options["task_metadata"],
        options["agent_metadata"],
        options["call_metadata"],
        _backends(options["backend"]),
        frozenset(options["allow"]),
        float(options["timeout"]),
        named_values(options["context"], (), "the context"),
    )
    return Plan(options["listen"], wanted_of(options), settings, of_guard, identity)


def _backends(given: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in given:
        name, sign, resource = each.partition("=")
        if not sign or not name or not resource:
            raise click.UsageError(f"--backend is NAME=RESOURCE, and `{each}` is not")
        found[name] = (*found.get(name, ()), resource)
    return found


def _missing(error: ImportError) -> Exception:
    """Say what to install where a library is not there; an error of ours stays one."""
    if error.name is None or error.name.partition(".")[0] == "agpc":
        return error
    return exits.Failure(f"the processor needs `{error.name}`: pip install 'agpc[extmcp]'")
