"""Lists of tools to AGP source text: one `tool` for each list, one action for each tool.

The text of a server ends up in comments and in the strings of a `bind mcp` block alone, so that
nothing which a server says can declare, allow or silence anything.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from .names import ROOTS
from .text import is_hidden
from .tool_list import Tool, ToolList, ToolListError, shown
from .tool_schema import MAX_IDENTIFIER, Enums, Parameter, ToolTypes, is_identifier
from .unparse import string_text
from .visible import visible

WIDTH = 100
MAX_DESCRIPTION = 400  # characters of a tool's description that are worth reading in a policy
MAX_HINT = 120  # of a parameter's
MAX_COMMENT = 10_000  # characters that are looked at to find those


@dataclass(frozen=True, slots=True)
class Imported:
    """AGP source text, and what its reader should know that is no error."""

    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Action:
    """A tool under the name that it has in AGP."""

    name: str
    tool: Tool
    parameters: tuple[Parameter, ...]
    notes: tuple[str, ...]


def tools_to_source(lists: Iterable[tuple[str, ToolList]], package: str) -> Imported:
    """Declare (name, list of tools) pairs in a package; the text is not formatted yet.

    Raises `ToolListError` where a name cannot be had.
    """
    enums = Enums()
    declared = [(name, listed, _actions(listed.tools, enums)) for name, listed in lists]
    _check_names(package, [name for name, _, _ in declared])
    blocks = [
        f"enum {name} = {', '.join(members)}\n" for name, members in sorted(enums.members.items())
    ]
    for name, _, actions in declared:
        blocks.append(_tool_block(name, actions))
    bound = [_binding(name, actions) for name, _, actions in declared if actions]
    if bound:
        blocks.append("bind mcp {\n" + "".join(bound) + "}\n")
    head = _comment(
        "Made by `agpc import mcp` from the tools that a server lists. The comments are the server's "
        "own words, and nobody has checked them.",
        "",
    )
    return Imported(
        f"{head}package {package}\n\n" + "\n".join(blocks),
        tuple(
            f"tool {shown(action.tool.name)}: {note}"
            for _, _, actions in declared
            for action in actions
            for note in action.notes
        )
        + tuple(
            f"the list of `{name}` is not whole: the server has more pages"
            for name, listed, _ in declared
            if not listed.complete
        ),
    )


def action_name(tool: str) -> str:
    """Name the action that stands for a tool; a name that is no identifier is changed into one.

    >>> action_name("github.create-issue")
    'github_create_issue'
    """
    if is_identifier(tool):
        return tool
    name = re.sub(r"[^A-Za-z0-9]+", "_", tool).strip("_")
    if name[:1].isdigit():
        name = f"tool_{name}"
    if is_identifier(name):
        return name
    digest = hashlib.sha256(tool.encode()).hexdigest()[:8]  # nothing else is left to tell it by
    return f"{name[: MAX_IDENTIFIER - 9] or 'tool'}_{digest}"


def _actions(tools: Iterable[Tool], enums: Enums) -> list[_Action]:
    actions: dict[str, _Action] = {}
    for tool in tools:
        name = action_name(tool.name)
        if name in actions:
            # Not told apart by a number: a list that grows would give one tool the other's name.
            raise ToolListError(
                f"the tools {shown(actions[name].tool.name)} and {shown(tool.name)} would both be "
                f"the action `{name}`: import them as two lists, each under a `--tool` of its own"
            )
        types = ToolTypes(name, tool.schema, enums)
        parameters = types.parameters()
        actions[name] = _Action(name, tool, parameters, tuple(types.notes))
    return list(actions.values())


def _check_names(package: str, names: list[str]) -> None:
    if not all(is_identifier(part) for part in package.split(".")):
        raise ToolListError(f"{shown(package)} cannot be the name of a package")
    if package.partition(".")[0] in ROOTS:
        raise ToolListError(f"a package cannot be called `{package}`: conditions use this word")
    for name in names:
        if not is_identifier(name) or name in ("any", *ROOTS):
            raise ToolListError(
                f"{shown(name)} cannot be the name of a tool: choose one with `--tool`"
            )
        if names.count(name) > 1:
            raise ToolListError(f"two lists would both be the tool `{name}`")


def _tool_block(name: str, actions: list[_Action]) -> str:
    lines = [
        f"tool {name} {{\n",
        _comment(
            "A schema does not say what a call is about. Declare here, as `name: type`, what the "
            "enforcement point knows of it, and conditions can read it as `resource.name`.",
            "    ",
        ),
    ]
    for action in actions:
        lines.append("\n")
        lines.append(_comment(action.tool.description, "    ", MAX_DESCRIPTION))
        for parameter in action.parameters:
            hint = f"  {parameter.name}: {parameter.description}" if parameter.description else ""
            lines.append(_comment(hint, "    ", MAX_HINT))
        for note in action.notes:
            lines.append(_comment(f"NOTE {note}", "    "))
        lines.append(f"    {_signature(action)}\n")
    return "".join(lines) + "}\n"


def _signature(action: _Action) -> str:
    if not action.parameters:
        return f"action {action.name}"
    parameters = [f"{p.name}{'?' if p.optional else ''}: {p.type}" for p in action.parameters]
    return f"action {action.name}({', '.join(parameters)})"


def _binding(name: str, actions: list[_Action]) -> str:
    lines = [f"    resource {name} {{\n"]
    lines += [f"        {each.name} = {string_text(each.tool.name)}\n" for each in actions]
    return "".join(lines) + "    }\n"


def _comment(text: str, indent: str, limit: int | None = None) -> str:
    """Comment lines that hold this text, and can be nothing but comments; none for no text.

    A leading blank in the text is kept. What looks like a directive to `agpc` loses its colon.
    """
    margin = " " * (len(text) - len(text.lstrip(" ")))
    visible = "".join(
        " " if each.isspace() else "" if _drop(each) else each for each in text[:MAX_COMMENT]
    )
    plain = " ".join(re.sub(r"(?i)(agpc)\s*:", r"\1", visible).split())
    if limit is not None and len(plain) > limit:
        plain = plain[: limit - 1].rstrip() + "…"
    prefix = f"{indent}# {margin}"
    lines = textwrap.wrap(
        plain,
        WIDTH,
        initial_indent=prefix,
        subsequent_indent=prefix + ("  " if margin else ""),
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in lines)


def _drop(character: str) -> bool:
    """Whether a character has no place in a comment."""
    return character == "\ufffd" or is_hidden(character) or visible(character) != character
