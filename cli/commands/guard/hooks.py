"""`agpc guard hooks` and `agpc guard hook`: a policy in front of a coding agent that has hooks of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.mcp_servers import missing
from ...input.service import check_text, named_values
from ..service.serve import listening_at
from .enforcing import (
    EXPLAIN,
    FIELD,
    FILE,
    USER,
    cannot_begin,
    check_service,
    enforcing,
    service_settings,
    store_options,
)

if TYPE_CHECKING:
    from ....guard.hooks.events import Client

LISTEN = "127.0.0.1:8767"
SECRET = "~/.config/agpc/hooks.secret"  # the name of a file
WITHIN = 120


@click.group()
def hooks() -> None:
    """Put a policy in front of a coding agent that has hooks.

    `serve` decides; `claude-code` and `codex` write the settings that make a client ask it before each use of a tool.
    """


@hooks.command()
@PATHS
@click.option("--agent", required=True, metavar="SPIFFE", help="The SPIFFE ID of who works.")
@click.option("--intent", required=True, metavar="INTENT", help="What for, as PACKAGE.INTENT.")
@FIELD
@USER
@click.option(
    "--root",
    type=FILE,
    default=".",
    show_default=True,
    metavar="DIRECTORY",
    help="The folder that the agent works in.",
)
@click.option(
    "--package",
    default="workstation",
    show_default=True,
    metavar="PACKAGE",
    help="The package that declares the tools of coding agents.",
)
@click.option(
    "--listen",
    default=LISTEN,
    show_default=True,
    metavar="HOST:PORT",
    help="Where hooks reach it, on this machine.",
)
@click.option(
    "--secret-file",
    default=SECRET,
    show_default=True,
    metavar="FILE",
    help="The secret that hooks bring; made if it is not there.",
)
@store_options
@EXPLAIN
@click.option(
    "--wait",
    type=click.IntRange(0, 90),
    metavar="SECONDS",
    help="How long a use of a tool waits for people, at most 90.",
)
@click.option(
    "--allow-permitted", is_flag=True,
    help="What the policy permits, Claude Code does not ask its person about again.",
)  # fmt: skip
def serve(paths: tuple[str, ...], **options: Any) -> None:
    """Decide what coding agents on this machine do, one task for each of their sessions."""
    for each in ("agent", "intent", "user", "package"):
        if options[each] is not None:
            check_text(options[each])
    host, port = _on_this_machine(options["listen"])
    check_service(options)
    loaded = service_settings(paths, options)
    listener = listening_at(host, port)
    try:
        import asyncio

        from ....guard.enforcing.enforcement import CannotEnforce
        from ....guard.enforcing.settings import SettingsError
        from ....guard.enforcing.settings import settings_of as guard_settings
        from ....guard.hooks.door import SecretProblem, secret_in
        from ....guard.hooks.running import run
        from ....guard.hooks.sessions import Plan
    except ImportError as error:
        raise missing(error) from None

    try:
        secret = secret_in(_file(options["secret_file"]), make=True)
        settings = guard_settings(loaded, explain=options["explain"], wait=options["wait"])
    except (SecretProblem, SettingsError) as error:
        raise exits.Failure(str(error)) from None
    root = os.path.realpath(options["root"])
    if not os.path.isdir(root):
        raise exits.Failure(f"`{options['root']}` is no folder")
    plan = Plan(
        options["agent"],
        options["intent"],
        root,
        named_values(options["field"], (), "the field"),
        options["user"],
        options["package"],
        options["allow_permitted"],
    )

    begin = enforcing(paths, options, loaded)

    def tell(text: str) -> None:
        click.echo(f"agpc guard: {text}", err=True)

    async def main() -> None:
        enforcement = await begin()
        mistake = enforcement.vocabulary.mistake_in_start(plan.agent, plan.intent, plan.fields)
        if mistake is not None:  # every session would be denied, by which the agent cannot say why
            await enforcement.close()
            raise CannotEnforce(mistake)
        await run(enforcement, settings, plan, listener, secret, tell)

    try:
        asyncio.run(main())
    except CannotEnforce as error:
        raise cannot_begin(error) from None


def _client_options(command: Any) -> Any:
    for option in (
        click.option("--managed", is_flag=True, help="Settings that no user turns off: other hooks are not run."),
        click.option("--client-version", metavar="VERSION", help="Its version, where it is not installed here."),
        click.option("--client", metavar="PROGRAM", help="The client's program, to see its version."),
        click.option(
            "--secret-file", default=SECRET, show_default=True, metavar="FILE",
            help="The secret that hooks bring.",
        ),
        click.option(
            "--at", default=f"http://{LISTEN}", show_default=True, metavar="URL",
            help="Where `agpc guard hooks serve` listens.",
        ),
        click.option("--write", type=FILE, metavar="FILE", help="The settings to put them into, in place of printing them."),
    ):  # fmt: skip
        command = option(command)
    return command


@hooks.command("claude-code")
@_client_options
def claude_code(**options: Any) -> None:
    """Print the hooks for Claude Code, or put them into its settings.

    A version before 2.1.295 is refused: it would go on where a hook fails.
    """
    _settle("claude-code", options)


@hooks.command()
@_client_options
def codex(**options: Any) -> None:
    """Print the hooks for Codex, or put them into its hooks.json.

    Codex runs them once its user has looked at them (`/hooks`), or at once where they are managed.
    """
    _settle("codex", options)


def _settle(client: Client, options: dict[str, Any]) -> None:
    from ....guard.hooks.client_settings import (
        CannotWrite,
        checked,
        hooks_for,
        merged,
        replace_file,
        version_of,
        works,
        written,
    )

    _on_this_machine(options["at"].removeprefix("http://"))
    if options["managed"] and client == "codex":
        raise click.UsageError(
            "--managed is for Claude Code: Codex reads managed hooks from `requirements.toml`"
        )
    secret, path = _file(options["secret_file"]), options["write"]
    command = [
        # Isolated: nothing of the folder that the agent works in, nor of its environment, is imported in place of ours.
        *(sys.executable, "-I", "-m", "agpc", "guard", "hook", client),
        *("--at", options["at"], "--secret-file", str(secret)),
    ]
    try:
        if options["client_version"] is None:
            version = version_of(client, options["client"])
        else:
            version = checked(client, options["client_version"])
        works(command)
        text = path.read_text(encoding="utf-8") if path is not None and path.exists() else None
        settings, notes = merged(text, hooks_for(client, command), managed=options["managed"])
        if path is not None:
            replace_file(path, written(settings))
    except (CannotWrite, UnicodeDecodeError, OSError) as error:
        raise exits.Failure(str(error)) from None
    for each in notes:
        click.echo(f"agpc guard: WARNING: {each}", err=True)
    if path is None:
        click.echo(written(settings), nl=False)
    else:
        click.echo(f"agpc guard: {client} {version} asks {options['at']}: {path}", err=True)


@click.command()
@click.argument("client", type=click.Choice(("claude-code", "codex")))
@click.option(
    "--at",
    default=f"http://{LISTEN}",
    show_default=True,
    metavar="URL",
    help="Whom to ask.",
    allow_from_autoenv=False,
)
@click.option(
    "--secret-file",
    default=SECRET,
    show_default=True,
    metavar="FILE",
    help="The secret to bring.",
    allow_from_autoenv=False,
)
@click.option(
    "--after",
    is_flag=True,
    help="The event is over: a failure here stops nothing.",
    allow_from_autoenv=False,
)
@click.option(
    "--within", type=click.IntRange(1, 300), default=WITHIN, show_default=True, metavar="SECONDS",
    help="How long to wait for an answer.", allow_from_autoenv=False,
)  # fmt: skip
def hook(client: Client, at: str, secret_file: str, after: bool, within: int) -> None:
    """Ask about one event, which is read from standard input. Clients run this; it ends with 2 if anything fails."""
    from ....guard.hooks import hook as hooked

    status = hooked.FAULTY if after else hooked.BLOCKED
    watch = hooked.watch(float(within), status)
    try:
        event = hooked.read_all()
        why = None
        if client == "claude-code" and not after:
            why = hooked.too_old(os.environ.get("AI_AGENT"))
        if why is not None:
            raise hooked.NoAnswer(why)
        _on_this_machine(at.removeprefix("http://"))
        secret = _file(secret_file).read_text(encoding="ascii").strip()
        answer = hooked.ask(f"{at.rstrip('/')}/hooks/{client}", secret, event, float(within))
    except hooked.NoAnswer as error:
        hooked.end(status, str(error))
    except BaseException as error:  # noqa: BLE001 -- whatever fails here keeps the tool from running
        hooked.end(status, f"the hook failed ({type(error).__name__})")
    watch.cancel()
    if answer != b"{}":
        sys.stdout.write(answer.decode("ascii"))


def _file(name: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(name)))


def _on_this_machine(listen: str) -> tuple[str, int]:
    """Read an address of this machine: the secret would go over the network to any other."""
    host, sign, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if (
        not sign
        or host not in ("127.0.0.1", "::1", "localhost")
        or not port.isascii()
        or not port.isdigit()
    ):
        raise click.UsageError(
            f"hooks are answered on this machine alone, 127.0.0.1:PORT, and not at `{listen}`"
        )
    return host, int(port)
