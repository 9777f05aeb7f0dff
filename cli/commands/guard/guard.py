"""`agpc guard`: a policy in front of an agent's tools."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.mcp_servers import check_upstream, headers_from, missing, upstream_options
from ...input.service import named_values
from ..service.serve import listening_at
from .enforcing import (
    CONTEXT,
    cannot_begin,
    check_service,
    check_task,
    enforcing,
    service_settings,
    store_options,
    task_options,
    wanted_of,
)
from .extmcp import extmcp
from .hooks import hook, hooks
from .init import init

if TYPE_CHECKING:
    import socket

    from ....guard.mcp.running import Plan
    from ....service.config.models import Loaded

COMMAND = "agpc.guard.command"
"""Where in the context the words after `--` are kept."""
ALLOWED = ("resources", "prompts", "logging", "sampling", "elicitation", "roots")


class Guarded(click.Group):
    """A group that guards where no subcommand is named. What stands after `--` is the server's, and no option of ours."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the command of the server apart."""
        if not args or args[0] in self.commands or args[0] in ctx.help_option_names:
            return super().parse_args(ctx, args)
        ours, theirs = args, list[str]()
        if "--" in args:
            at = args.index("--")
            ours, theirs = args[:at], args[at + 1 :]
        ctx.meta[COMMAND] = tuple(theirs)
        return super().parse_args(ctx, ["run", *ours])


@click.group(cls=Guarded)
def guard() -> None:
    """Put a policy in front of an agent's tools.

    \b
    agpc guard POLICIES --intent INTENT --agent SPIFFE -- COMMAND…
    agpc guard POLICIES --upstream URL --listen HOST:PORT

    Every call is decided before it is made, recorded, and made as it was decided, or it is not made. Options: `agpc
    guard run --help`.
    """


@guard.command()
@PATHS
@task_options
@click.option("--task", metavar="ID", help="The task to serve, in place of one that is started.")
@CONTEXT
@upstream_options
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Where clients reach the guard over HTTP, in place of standard input and output.",
)
@store_options
@click.option(
    "--tool",
    multiple=True,
    metavar="RESOURCE",
    help="Of the policy's resources one that this server has; several times. All by default.",
)
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(ALLOWED),
    help="What is passed on although no policy governs it; several times.",
)
@click.option(
    "--task-tokens",
    is_flag=True,
    help="Over HTTP let nobody in who brings no task token of the service, but for callers of the settings.",
)
@click.option(
    "--confirm-here",
    is_flag=True,
    help="The person at the client is the user of the task, and confirms by its forms.",
)
@click.option(
    "--explain",
    type=click.Choice(("full", "reasons", "nothing")),
    help="How much a denial says; `reasons` if nobody says.",
)
@click.option(
    "--wait", type=click.IntRange(0, 3600), metavar="SECONDS",
    help="How long a call waits for people before the model is told to repeat it; 45 if nobody says.",
)  # fmt: skip
@click.option(
    "--timeout", type=click.IntRange(1, 86400), default=300, show_default=True, metavar="SECONDS",
    help="How long the server may take for a call.",
)  # fmt: skip
@click.pass_context
def run(context: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Guard a server of the Model Context Protocol.

    The guard is the server that a client starts, and starts the real one: `agpc guard POLICIES … -- COMMAND…`. Or both
    are reached over HTTP: `--upstream URL`, `--listen HOST:PORT`, in any combination.
    """
    command: tuple[str, ...] = context.meta.get(COMMAND, ())
    _check(options, command)
    listener = None if options["listen"] is None else _listening(options["listen"])
    loaded = service_settings(paths, options)
    try:
        import anyio

        from ....guard.enforcing.enforcement import CannotEnforce
        from ....guard.mcp.running import CannotGuard, run
    except ImportError as error:
        raise missing(error) from None
    begin = enforcing(paths, options, loaded)
    plan = _plan(options, command, listener, loaded)

    async def main() -> bool:
        return await run(await begin(), plan)

    try:
        in_order = anyio.run(main, backend_options={"use_uvloop": find_spec("uvloop") is not None})
    except (CannotEnforce, CannotGuard) as error:
        raise cannot_begin(error) from None
    if not in_order:
        raise exits.Stop(exits.FINDINGS)


def _check(options: Mapping[str, Any], command: tuple[str, ...]) -> None:
    """See that what was asked for fits together."""
    if bool(command) == (options["upstream"] is not None):
        raise click.UsageError(
            "say which server to guard: its command after `--`, or --upstream URL"
        )
    check_task(options)
    if all(options[each] is None for each in ("task", "agent", "listen")):
        raise click.UsageError("say for which task: --agent and --intent, or --task")
    check_upstream(options["upstream"])
    check_service(options)
    if options["confirm_here"] and options["task"] is None and options["user"] is None:
        raise click.UsageError("--confirm-here is for the user of the task: say who, with --user")
    if options["task_tokens"] and options["listen"] is None:
        raise click.UsageError("--task-tokens is for clients over HTTP: give --listen")
    if options["confirm_here"] and options["listen"] is not None:
        raise click.UsageError("--confirm-here is for one person, at standard input and output")


def _plan(
    options: Mapping[str, Any],
    command: tuple[str, ...],
    listener: socket.socket | None,
    loaded: Loaded,
) -> Plan:
    from ....guard.enforcing.settings import SettingsError, settings_of
    from ....guard.mcp.client_side.standard_streams import claimed
    from ....guard.mcp.running import Plan
    from ....guard.mcp.settings import ServerSettings

    try:
        of_guard = settings_of(loaded, explain=options["explain"], wait=options["wait"])
    except SettingsError as error:
        raise exits.Failure(str(error)) from None
    settings = ServerSettings(
        passes=frozenset(options["allow"]),
        resources=options["tool"],
        answer_within=float(options["timeout"]),
        confirms=options["confirm_here"],
        context=named_values(options["context"], (), "the context"),
    )
    return Plan(
        wanted_of(options),
        settings,
        of_guard,
        command,
        options["upstream"],
        headers_from(options["upstream_header"]),
        None if listener is not None else claimed(),
        listener,
        *_door(options, loaded, listener),
    )


def _door(
    options: Mapping[str, Any], loaded: Loaded, listener: socket.socket | None
) -> tuple[tuple[str, ...], Any]:
    """Who may call over HTTP, and what this host is called. Nobody has to say who they are on the loopback alone."""
    if listener is None:
        return (), None
    from ....guard.mcp.client_side.door import hosts_of
    from ....guard.mcp.client_side.entering import Known
    from ....service.config.kinds import is_loopback
    from ....service.config.models import host_and_port
    from ....service.config.secrets import SecretError

    host, _ = host_and_port(options["listen"])
    try:
        known = Known.of(loaded, tokens_alone=options["task_tokens"])
    except (SecretError, ValueError) as error:
        raise exits.Failure(str(error)) from None
    if known is None:
        if not is_loopback(host):
            raise exits.Failure(
                f"`{options['listen']}` is reached from elsewhere, and nobody would have to say who they are: give"
                " --config FILE with `callers` or `workloads`, or --task-tokens, or listen on 127.0.0.1"
            )
        click.echo(
            "agpc guard: WARNING: whoever reaches this port may call, in any task: no `callers` and no `workloads` are configured",
            err=True,
        )
    return hosts_of(host, listener.getsockname()[1]), known


def _listening(listen: str) -> socket.socket:
    from ....service.config.models import host_and_port

    try:
        host, port = host_and_port(listen)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--listen") from None
    return listening_at(host, port)


guard.add_command(init)
guard.add_command(hooks)
guard.add_command(hook)
guard.add_command(extmcp)
