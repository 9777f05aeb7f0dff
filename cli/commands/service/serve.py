"""`agpc serve`: the service, which decides calls, records them and proves its trail."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ... import exits
from ...input.arguments import PATHS

if TYPE_CHECKING:
    import socket

    from ....service.config.models import Loaded

ROLES = ("decide", "start", "outcome", "admin", "read", "lease", "signal", "confirm")
VARIABLE = "AGPC_SERVE_STORE"  # as click names that of `--store`
FILE = click.Path(path_type=Path)


@click.command()
@PATHS
@click.option(
    "--config",
    type=FILE,
    metavar="FILE",
    help="The settings, `service.toml`; options go before it.",
)
@click.option("--store", metavar="URL", help="`sqlite:///PATH` or `postgresql://…`.")
@click.option("--listen", metavar="HOST:PORT", help="The address to listen on.")
@click.option("--public-url", metavar="URL", help="How others reach the service.")
@click.option(
    "--tls",
    nargs=2,
    type=FILE,
    metavar="CERT KEY",
    help="The certificate with its chain, and its key, as PEM.",
)
@click.option("--mapping", type=FILE, metavar="FILE", help="The request mapping.")
@click.option(
    "--directory", type=FILE, metavar="FILE", help="The entities that searches look through."
)
@click.option(
    "--candidate",
    type=FILE,
    multiple=True,
    metavar="PATH",
    help="Policies that decide beside, and never answer.",
)
@click.option("--export", type=FILE, metavar="DIRECTORY", help="Where the log is written as files.")
@click.option("--workers", type=int, metavar="N", help="Processes that serve the one store.")
@click.option(
    "--log", type=click.Choice(("json", "text")), help="How the service's own lines look."
)
@click.option("--new-key", metavar="NAME", help="Make a key for a caller, print it once, and end.")
@click.option(
    "--new-passkey",
    metavar="ID",
    help="Make a code with which a person makes a passkey, print it once, and end.",
)
@click.option(
    "--person",
    is_flag=True,
    help="With --new-key: the key is for a person who is asked, whose roles are those of policies.",
)
@click.option(
    "--role",
    multiple=True,
    metavar="ROLE",
    help=f"With --new-key: what the caller may do ({', '.join(ROLES)}), or which role the person has, also with --new-passkey; several times.",
)
@click.option(
    "--agent",
    multiple=True,
    metavar="PATTERN",
    help="With --new-key: for which agents it may decide and start; several times.",
)
def serve(
    paths: tuple[str, ...],
    config: Path | None,
    store: str | None,
    listen: str | None,
    public_url: str | None,
    tls: tuple[Path, Path] | None,
    mapping: Path | None,
    directory: Path | None,
    candidate: tuple[Path, ...],
    export: Path | None,
    workers: int | None,
    log: str | None,
    new_key: str | None,
    new_passkey: str | None,
    person: bool,
    role: tuple[str, ...],
    agent: tuple[str, ...],
) -> None:
    """Serve policies: decide calls, record each before it is answered, and prove the record.

    SIGTERM ends it in order, a second one at once; SIGHUP takes up the policies anew, whole or not at all.
    """
    if new_passkey is not None:
        if agent or new_key is not None:
            raise click.UsageError("--new-passkey is for a person: it goes with --role alone")
        make_passkey(new_passkey, role)
        return
    if new_key is not None and person:
        if agent:
            raise click.UsageError("--agent is for callers: a person acts for none")
        make_person(new_key, role)
        return
    if new_key is not None:
        make_key(new_key, role, agent)
        return
    if role or agent or person:
        raise click.UsageError(
            "--role, --agent and --person go with --new-key, and --role with --new-passkey"
        )
    flags: dict[str, Any] = {
        "policies": [os.path.abspath(each) for each in paths] or None,
        "store": store_told(store),
        "listen": listen,
        "public_url": public_url,
        "tls": tls and {"cert": os.path.abspath(tls[0]), "key": os.path.abspath(tls[1])},
        "mapping": mapping and os.path.abspath(mapping),
        "directory": directory and os.path.abspath(directory),
        "candidate": [os.path.abspath(each) for each in candidate] or None,
        "audit.export": export and os.path.abspath(export),
        "workers": workers,
        "logging.format": log or (None if config else "text" if sys.stderr.isatty() else None),
    }
    serve_settings(settings_of(config, flags))


def serve_settings(loaded: Loaded) -> None:
    """Serve, or end the command with why that cannot be."""
    from ....service.config.models import host_and_port

    host, port = host_and_port(loaded.settings.listen)
    listener = listening_at(host, port)
    try:
        from ....service.serving.process import CannotCompile, CannotServe
        from ....service.serving.workers import serve as serve_them
    except ImportError as error:
        raise missing(error) from None
    try:
        in_order = serve_them(loaded, [listener])
    except CannotCompile as error:
        from ....compiler.text.visible import visible

        for each in [*error.problems, "", f"error: {error}"]:
            click.echo(visible(each), err=True)
        raise exits.Stop(exits.USAGE) from None
    except CannotServe as error:
        raise exits.Failure(str(error)) from None
    finally:
        listener.close()
    if not in_order:
        raise exits.Stop(exits.TERMINATED)


def settings_of(config: Path | None, flags: dict[str, Any]) -> Loaded:
    """Read the settings, or end the command with everything that is wrong in them."""
    from ....compiler.text.visible import visible
    from ....service.config.read import ConfigError, read_settings

    try:
        return read_settings(config, flags)
    except ConfigError as error:
        for each in error.problems:
            click.echo(f"error: {visible(each)}", err=True)
        raise exits.Stop(exits.USAGE) from None


def store_told(url: str | None) -> str | dict[str, str] | None:
    """A store of the command line, whose path starts where the command does and not where the settings are.

    One that stands in the environment stays there, where a password may be.
    """
    source = click.get_current_context().get_parameter_source("store")
    if source is ParameterSource.ENVIRONMENT and url is not None and not url.startswith("sqlite:"):
        return {"env": VARIABLE}
    if url is not None and url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return f"sqlite:///{os.path.abspath(url.removeprefix('sqlite:///'))}"
    return url


def listening_at(host: str, port: int) -> socket.socket:
    """Listen, or end the command."""
    try:
        from ....service.http.connections.server import listening
    except ImportError as error:
        raise missing(error) from None
    try:
        return listening(host, port)
    except OSError as error:
        raise exits.Failure(f"cannot listen on `{host}:{port}`: {error.strerror}") from None


def missing(error: ImportError) -> Exception:
    """Say what to install where a library is not there; an error of ours stays one."""
    if error.name is None or error.name.partition(".")[0] == "agpc":
        return error
    return exits.Failure(f"the service needs `{error.name}`: pip install 'agpc[service]'")


def make_key(name: str, roles: tuple[str, ...], agents: tuple[str, ...]) -> None:
    """Print a new key, once, and what `service.toml` has to say of its caller."""
    import tomllib

    from pydantic import ValidationError

    from ....service.config.callers import CallerEntry

    try:
        from ....service.http.gate.callers import new_entry
    except ImportError as error:
        raise missing(error) from None
    if not roles:
        raise click.UsageError("say what the caller may do: --role decide")
    for each in roles:
        if each not in ROLES:
            listed = ", ".join(f"`{name}`" for name in ROLES)
            raise click.BadParameter(f"`{each}` is none of {listed}", param_hint="--role")
    key, lines = new_entry(name, roles, agents)
    try:
        CallerEntry.model_validate(tomllib.loads(lines)["callers"][0])
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        told = error.errors()[0] if isinstance(error, ValidationError) else None
        option = {"name": "--new-key", "agents": "--agent"}.get(
            str(told["loc"][0]) if told and told["loc"] else ""
        )
        why = told["msg"].removeprefix("Value error, ") if told else "no caller is called so"
        raise click.BadParameter(why, param_hint=option or "--agent") from None
    # Each stream is what its file takes: `>> service.toml 2> gateway.key`, and neither has a word of the other.
    click.echo("\n# Its key, which was shown once, is with the caller.")
    click.echo(lines, nl=False)
    click.echo(key, err=True)


def make_person(id: str, roles: tuple[str, ...]) -> None:
    """Print a new key of a person, once, and what `service.toml` has to say of them."""
    try:
        from ....service.http.gate.callers import new_person
    except ImportError as error:
        raise missing(error) from None
    key, lines = new_person(id, roles)
    check_person(lines, "--new-key")
    # As of a caller: `>> service.toml 2> ann.key`.
    click.echo("\n# Their key, which was shown once, is with the person.")
    click.echo(lines, nl=False)
    click.echo(key, err=True)


def make_passkey(id: str, roles: tuple[str, ...]) -> None:
    """Print a new code for a passkey, once, and what `service.toml` has to say of its person."""
    try:
        from ....service.http.gate.callers import new_passkey
    except ImportError as error:
        raise missing(error) from None
    code, lines = new_passkey(id, roles)
    check_person(lines, "--new-passkey")
    click.echo(
        "\n# Their code, which was shown once, is with the person: it makes one passkey, at /enrol."
    )
    click.echo(lines, nl=False)
    click.echo(code, err=True)


def check_person(lines: str, option: str) -> None:
    """See that the settings would take the lines of a person."""
    import tomllib

    from pydantic import ValidationError

    from ....service.config.callers import PersonEntry

    try:
        PersonEntry.model_validate(tomllib.loads(lines)["people"][0])
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        told = error.errors()[0] if isinstance(error, ValidationError) else None
        option = "--role" if told and told["loc"] and told["loc"][0] == "roles" else option
        why = told["msg"].removeprefix("Value error, ") if told else "no person is called so"
        raise click.BadParameter(why, param_hint=option) from None
