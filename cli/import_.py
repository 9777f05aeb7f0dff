"""`agpc import`: declarations from what others have written down already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import exits
from .output import write_whole

if TYPE_CHECKING:
    from ..compiler.tool_list import ToolList

DEFAULT_NAME = "tools"


@click.group("import")
def import_() -> None:
    """Turn what is declared elsewhere into AGP."""


@import_.command()
@click.argument("file")
@click.option("--package", metavar="NAME", help="The package; else the suite's name, or `tools`.")
@click.option("--tool", metavar="NAME", help="The tool; else the suite's name, or `tools`.")
@click.option("--suite", metavar="NAME", help="Of a file with several lists, the one to import.")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Where to write.")
def mcp(
    file: str, package: str | None, tool: str | None, suite: str | None, out: Path | None
) -> None:
    """Declare the tools of an MCP server, from its `tools/list` answer; `-` is standard input.

    FILE is JSON: a result or response of `tools/list`, a list of tools, or an object with a list
    of tools for each suite. Actions get the names of the tools, as far as AGP can write them; a
    `bind mcp` block has the real ones. An argument whose schema says too little is `json`.
    """
    from ..compiler.tool_list import ToolListError, read_tool_lists
    from ..compiler.tool_source import tools_to_source
    from ..compiler.visible import visible

    try:
        lists = _chosen(read_tool_lists(_read(file)), suite)
        if tool is not None and len(lists) > 1:
            raise ToolListError("there are several lists: choose one with `--suite`")
        named = [(tool or each.suite or DEFAULT_NAME, each) for each in lists]
        only = lists[0].suite if len(lists) == 1 else None
        imported = tools_to_source(named, package or only or DEFAULT_NAME)
    except ToolListError as error:
        raise exits.Failure(f"cannot import `{visible(file)}`: {error}") from None
    text = _formatted(imported.text)
    for note in imported.notes:
        click.echo(f"note: {visible(note)}", err=True)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text)


def _read(file: str) -> str:
    from ..compiler.files import (
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
    from ..compiler.tool_list import ToolListError, shown

    if suite is None:
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
    from ..compiler.compile import compile_sources
    from ..compiler.formatter import format_source
    from ..compiler.source import Source

    source = Source("tools.agp", text)
    wrong = [each for each in compile_sources([source]).diagnostics if each.severity == "error"]
    if wrong:
        raise exits.Failure(f"these tools cannot be written in AGP: {wrong[0].message}")
    return format_source(source)
