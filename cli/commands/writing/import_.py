"""`agpc import`: declarations from what others have written down already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ... import exits
from ...output.whole_file import write_whole

if TYPE_CHECKING:
    from ....compiler.importers.tool_list import ToolList
    from ....compiler.report.diagnostics import Diagnostics
    from ....compiler.report.source import Source

DEFAULT_NAME = "tools"


@click.group("import")
def import_() -> None:
    """Turn what is declared elsewhere into AGP."""


@import_.command()
@click.argument("file")
@click.option("--package", metavar="NAME", help="The package; else the suite's name, or `tools`.")
@click.option("--tool", metavar="NAME", help="The tool; else the suite's name, or the file's.")
@click.option(
    "--suite", metavar="NAME", help="Of a file with several lists or versions, the one to import."
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to write. A file that is there is brought up to date, and keeps what was added.",
)
@click.option(
    "--check", is_flag=True, help="Write nothing; say how the tools differ from FILE: status 1."
)
def mcp(
    file: str,
    package: str | None,
    tool: str | None,
    suite: str | None,
    out: Path | None,
    check: bool,
) -> None:
    """Declare the tools of an MCP server, from its `tools/list` answer; `-` is standard input.

    FILE is JSON: a result or response of `tools/list`, a list of tools or one tool, in the shapes of
    MCP, OpenAI, Anthropic, Bedrock and Docker, or an object with a list of tools for each suite.
    Actions get the names of the tools, as far as AGP can write them; a `bind mcp` block has the real
    ones. An argument whose schema says too little is `json`.
    """
    from ....compiler.importers.tool_list import ToolListError, read_tool_lists
    from ....compiler.importers.tool_source import servers_of, servers_to_source
    from ....compiler.importers.tool_update import update
    from ....compiler.text.visible import visible

    if check and out is None:
        raise click.UsageError("--check compares with the file that --out names")
    before = _present(out) if out is not None else None
    if check and before is None:
        raise exits.Failure(f"cannot read `{out}`: no such file or directory")
    try:
        lists = _chosen(read_tool_lists(_read(file)), suite)
        if tool is not None and len(lists) > 1:
            raise ToolListError("there are several lists: choose one with `--suite`")
        named = [(tool or _name_of(each, file), each) for each in lists]
        only = lists[0].suite if len(lists) == 1 and not lists[0].is_version else None
        chosen = package or only or DEFAULT_NAME
        servers = servers_of(named, chosen)
        if before is None:
            text, changes = _formatted(servers_to_source(servers, chosen)), tuple[str, ...]()
        else:
            guessed = tool is None and only is None and len(servers) == 1
            updated = update(before, servers, chosen, guessed=guessed)
            text, changes = _laid_out(updated.text, before.name), updated.changes
    except ToolListError as error:
        raise exits.Failure(f"cannot import `{visible(file)}`: {error}") from None
    for change in changes:
        click.echo(visible(change), err=not check)
    if check:
        raise exits.Stop(exits.FINDINGS if changes else exits.CLEAN)
    for note in (note for server in servers for note in server.notes):
        click.echo(f"note: {visible(note)}", err=True)
    if out is None:
        click.echo(text, nl=False)
    elif before is None or changes:
        write_whole(out, text)


def _name_of(listed: ToolList, file: str) -> str:
    """The name of a server's resource: that of its suite, or of the file, as people name those."""
    from ....compiler.check.project.files import STANDARD_INPUT
    from ....compiler.importers.tool_names import snake_case
    from ....compiler.ir.roots import ROOTS

    if listed.suite is not None and not listed.is_version:
        return listed.suite
    stem = "" if file == STANDARD_INPUT else snake_case(Path(file).name.partition(".")[0])
    return stem if stem and not stem[0].isdigit() and stem not in ("any", *ROOTS) else DEFAULT_NAME


def _present(out: Path) -> Source | None:
    """The file as it is, or None if there is none yet."""
    from ....compiler.report.source import Source

    if not out.exists():
        return None
    return Source(str(out), _read(str(out)))


def _read(file: str) -> str:
    from ....compiler.check.project.files import (
        STANDARD_INPUT,
        PolicyFilesError,
        read_standard_input,
        read_text,
        reason,
    )

    try:
        return read_standard_input() if file == STANDARD_INPUT else read_text(Path(file))
    except PolicyFilesError as error:
        raise exits.Failure("; ".join(error.problems)) from None
    except ValueError as error:  # a NUL byte in the path
        raise exits.Failure(f"cannot read `{file}`: {reason(error)}") from None


def _chosen(lists: tuple[ToolList, ...], suite: str | None) -> tuple[ToolList, ...]:
    """The lists to import: all, or the one that `--suite` names."""
    from ....compiler.importers.tool_list import ToolListError, shown

    if suite is None:
        if len(lists) > 1 and lists[0].is_version:
            versions = ", ".join(shown(each.suite) for each in lists if each.suite is not None)
            raise ToolListError(
                f"it holds several versions of a server: choose {versions} with `--suite`"
            )
        return lists
    found = tuple(each for each in lists if each.suite == suite)
    if not found:
        known = ", ".join(shown(each.suite) for each in lists if each.suite is not None)
        raise ToolListError(
            f"there is no suite {shown(suite)} in it" + (f"; it has {known}" if known else "")
        )
    return found


def _formatted(text: str) -> str:
    """Lay the text out, after making sure that it is AGP: what it is made of was foreign."""
    from ....compiler.check.compiling.compile import compile_sources
    from ....compiler.format.formatter import format_source
    from ....compiler.report.source import Source

    source = Source("tools.agp", text)
    wrong = [each for each in compile_sources([source]).diagnostics if each.severity == "error"]
    if wrong:
        raise exits.Failure(f"these tools cannot be written in AGP: {wrong[0].message}")
    return format_source(source)


def _laid_out(text: str, name: str) -> str:
    """Lay an edited file out, which may need others to compile, after making sure that it is AGP."""
    from ....compiler.format.formatter import format_source
    from ....compiler.report.source import Source
    from ....compiler.syntax.parse import parse

    source = Source(name, text)
    diagnostics: Diagnostics = []
    parse(source, diagnostics)
    wrong = [each for each in diagnostics if each.severity == "error"]
    if wrong:
        raise exits.Failure(f"`{name}` cannot be brought up to date by itself: {wrong[0].message}")
    return format_source(source)
