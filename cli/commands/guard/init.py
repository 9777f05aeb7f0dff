"""`agpc guard init`: a first policy for a server, or how its tools differ from those that are declared."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ... import exits
from ...input.mcp_servers import check_upstream, headers_from, missing, upstream_options
from ...output.whole_file import create_whole

if TYPE_CHECKING:
    from ....compiler.importers.tool_list import ToolList

TOOLS, POLICY = "tools.agp", "policy.agp"
DEFAULT_NAME = "tools"


@click.command("init")
@click.option(
    "--out",
    metavar="DIRECTORY",
    type=click.Path(path_type=Path),
    default=Path("policies"),
    show_default=True,
    help="Where the policy is written, or stands already.",
)
@click.option("--tool", metavar="NAME", help="What the server is called in the policy.")
@click.option("--package", metavar="NAME", help="The package; else called like the tool.")
@click.option("--agent", metavar="SPIFFE", help="The SPIFFE ID of the agent.")
@upstream_options
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def init(
    out: Path,
    tool: str | None,
    package: str | None,
    agent: str | None,
    upstream: str | None,
    upstream_header: tuple[str, ...],
    command: tuple[str, ...],
) -> None:
    """Write a first policy for the tools of a server: `agpc guard init -- COMMAND…`.

    `tools.agp` declares what the server lists, and `policy.agp` permits none of it: what the server says only reads is
    put to a person each time, and what may change something is denied. A file that is there is never written over: where
    `tools.agp` is, it says how the server differs from it, with status 1.
    """
    from ....compiler.text.visible import visible

    if bool(command) == (upstream is not None):
        raise click.UsageError("say which server to ask: its command after `--`, or --upstream URL")
    check_upstream(upstream)
    tools, policy = out / TOOLS, out / POLICY
    is_there = tools.exists()
    if not is_there and policy.exists():
        raise exits.Failure(f"`{policy}` is there already, and is not written over")
    listed = _listed(command, upstream, headers_from(upstream_header))
    if is_there:
        changes = _drift(tools, listed, tool, package)
        for each in changes:
            click.echo(visible(each))
        if not changes:
            click.echo(f"the server's tools are those that {visible(str(tools))} declares")
        raise exits.Stop(exits.FINDINGS if changes else exits.CLEAN)
    name = tool or DEFAULT_NAME
    texts, notes = _texts(listed, name, package or name, agent)
    _write(out, texts)
    for note in notes:
        click.echo(f"note: {visible(note)}", err=True)
    place = visible(str(out))
    click.echo(f"wrote {visible(str(tools))} and {visible(str(policy))}")
    click.echo(f"next: work through what is marked TODO, and run `agpc check {place}`")
    click.echo(f"then: {visible(_guarding(out, package or name, agent, upstream, command))}")


def _guarding(
    out: Path, package: str, agent: str | None, upstream: str | None, command: tuple[str, ...]
) -> str:
    """What a client starts from now on in place of the server, once the policy is worked through."""
    from ....guard.init.first_policy import AGENT, INTENT

    task = ["--agent", agent or AGENT, "--intent", f"{package}.{INTENT}"]
    # Without a user nobody could confirm what the first policy has them asked.
    person = ["--user", "user:you", "--confirm-here"]
    server = ["--upstream", upstream] if upstream is not None else ["--", *command]
    return shlex.join(["agpc", "guard", str(out), *task, *person, *server])


def _listed(command: tuple[str, ...], upstream: str | None, headers: dict[str, str]) -> ToolList:
    from ....compiler.importers.tool_list import ToolListError, read_tool_lists

    try:
        from ....guard.init.reading import CannotList, tools_of
    except ImportError as error:
        raise missing(error) from None
    try:
        (listed,) = read_tool_lists(tools_of(command, upstream, headers))
    except (CannotList, ToolListError) as error:
        raise exits.Failure(str(error)) from None
    return listed


def _texts(
    listed: ToolList, name: str, package: str, agent: str | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The files, after making sure that they compile: what they are made of was foreign."""
    from ....compiler.check.compiling.compile import compile_sources
    from ....compiler.format.formatter import format_source
    from ....compiler.importers.tool_list import ToolListError
    from ....compiler.importers.tool_source import servers_of, servers_to_source
    from ....compiler.report.source import Source
    from ....guard.init.first_policy import AGENT, first_policy

    try:
        servers = servers_of([(name, listed)], package)
    except ToolListError as error:
        raise exits.Failure(f"no policy can be written for these tools: {error}") from None
    sources = [
        Source(TOOLS, servers_to_source(servers, package)),
        Source(POLICY, first_policy(servers, package, agent or AGENT)),
    ]
    wrong = [each for each in compile_sources(sources).diagnostics if each.severity == "error"]
    if wrong:
        raise exits.Failure(f"no policy can be written for these tools: {wrong[0].message}")
    notes = tuple(note for server in servers for note in server.notes)
    return {each.name: format_source(each) for each in sources}, notes


def _drift(tools: Path, listed: ToolList, tool: str | None, package: str | None) -> tuple[str, ...]:
    """How the server differs from the file; its names are those of the file, where nobody says others."""
    from ....compiler.check.project.files import PolicyFilesError, read_text
    from ....compiler.importers.tool_list import ToolListError
    from ....compiler.importers.tool_source import servers_of
    from ....compiler.importers.tool_update import parsed, update
    from ....compiler.report.source import Source
    from ....compiler.syntax.tree import ResourceDeclaration

    try:
        source = Source(str(tools), read_text(tools))
        file = parsed(source)
        declared = [
            each.name.text for each in file.statements if isinstance(each, ResourceDeclaration)
        ]
        name = tool or (declared[0] if len(declared) == 1 else DEFAULT_NAME)
        there = package or (file.package.text if file.package is not None else name)
        return update(source, servers_of([(name, listed)], there), there, guessed=True).changes
    except PolicyFilesError as error:
        raise exits.Failure("; ".join(error.problems)) from None
    except ToolListError as error:
        raise exits.Failure(f"cannot compare with `{tools}`: {error}") from None


def _write(out: Path, texts: dict[str, str]) -> None:
    """Write all of the files or none, and none over another."""
    from ....compiler.check.project.files import make_directories, reason

    written: list[Path] = []
    path = out
    try:
        make_directories(out)
        for name, text in texts.items():
            path = out / name
            create_whole(path, text.encode("utf-8"))
            written.append(path)
    except FileExistsError:
        _remove(written)
        there = path if path.exists() else out
        raise exits.Failure(f"`{there}` is there already, and is not written over") from None
    except (OSError, ValueError) as error:  # a NUL byte in the path is a ValueError
        _remove(written)
        raise exits.Failure(f"cannot write `{path}`: {reason(error)}") from None


def _remove(written: list[Path]) -> None:
    for each in written:
        each.unlink(missing_ok=True)
