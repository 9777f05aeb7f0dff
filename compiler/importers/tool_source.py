"""Lists of tools to AGP source text: one `tool` for each list, one action for each tool.

The text of a server ends up in comments, in the strings of a `bind mcp` block and in names in quotes alone, so that
nothing which a server says can declare, allow or silence anything.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from ..ir.printing.conditions import string_text
from ..ir.roots import ROOTS
from ..structs import Struct
from ..text.field_names import written
from ..text.strings import is_hidden
from ..text.visible import visible
from .tool_list import (
    Tool,
    ToolList,
    ToolListError,
    shown,
)
from .tool_names import MAX_IDENTIFIER, Enums, is_identifier
from .tool_schema import Parameter, ToolTypes

WIDTH = 100
MAX_DESCRIPTION = 400  # characters of a tool's description that are worth reading in a policy
MAX_HINT = 120  # of a parameter's
MAX_COMMENT = 10_000  # characters that are looked at to find those


class Imported(Struct):
    """AGP source text, and what its reader should know that is not an error."""

    text: str
    notes: tuple[str, ...]


class Action(Struct):
    """A tool under the name that it has in AGP."""

    name: str
    tool: Tool
    parameters: tuple[Parameter, ...]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]
    result: str | None = None


class Server(Struct):
    """The tools of one server, as they are declared: a resource, its actions, and their enums."""

    name: str
    actions: tuple[Action, ...]
    enums: dict[str, tuple[str, ...]]
    complete: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever imports them should know that is not an error."""
        found = [
            f"tool {shown(action.tool.name)}: {note}"
            for action in self.actions
            for note in action.notes
        ]
        if not self.complete:
            found.append(f"the list of `{self.name}` is not whole: the server has more pages")
        return tuple(found)


def servers_of(lists: Iterable[tuple[str, ToolList]], package: str) -> tuple[Server, ...]:
    """Read (name, list of tools) pairs. Raises `ToolListError` where a name cannot be had."""
    found = []
    for name, listed in lists:
        enums = Enums("" if name == package else f"{name}_")
        actions = _actions(listed.tools, enums)
        found.append(Server(name, actions, dict(sorted(enums.members.items())), listed.complete))
    _check_names(package, [each.name for each in found])
    return tuple(found)


def servers_to_source(servers: Iterable[Server], package: str) -> str:
    """Declare servers in a package of their own; the text is not formatted yet."""
    blocks = [enum_text(*each) for server in servers for each in server.enums.items()]
    blocks += [tool_text(server) for server in servers]
    bound = [binding_text(server) for server in servers if server.actions]
    if bound:
        blocks.append("bind mcp {\n" + "".join(bound) + "}\n")
    head = _comment(
        "Made by `agpc import mcp` from the tools that a server lists. The comments are the server's "
        "own words, and nobody has checked them.",
        "",
    )
    return f"{head}language 2\npackage {package}\n\n" + "\n".join(blocks)


def tools_to_source(lists: Iterable[tuple[str, ToolList]], package: str) -> Imported:
    """Declare (name, list of tools) pairs in a package; the text is not formatted yet.

    Raises `ToolListError` where a name cannot be had.
    """
    servers = servers_of(lists, package)
    return Imported(
        servers_to_source(servers, package),
        tuple(note for server in servers for note in server.notes),
    )


def enum_text(name: str, members: tuple[str, ...]) -> str:
    """The declaration of an enum."""
    return f"enum {name} = {', '.join(map(written, members))}\n"


def action_name(tool: str) -> str:
    """Name the action that stands for a tool; a name that is not an identifier is changed into one.

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


def _actions(tools: Iterable[Tool], enums: Enums) -> tuple[Action, ...]:
    actions: dict[str, Action] = {}
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
        given = None if tool.output is None else ToolTypes(f"{name}_result", tool.output, enums)
        result = given.result() if given else None
        doubts = (*types.doubts, *(given.doubts if given else ()))
        notes = (*types.notes, *(given.notes if given else ()))
        actions[name] = Action(name, tool, parameters, notes, doubts, result)
    return tuple(actions.values())


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


def tool_text(server: Server) -> str:
    """The declaration of a resource with its actions."""
    lines = [
        f"tool {server.name} {{\n",
        _comment(
            "A schema does not say what a call is about. Declare here, as `name: type`, what the "
            "enforcement point knows of it, and conditions can read it as `resource.name`.",
            "    ",
        ),
        *(action_text(action) for action in server.actions),
        "}\n",
    ]
    return "".join(lines)


def action_text(action: Action) -> str:
    """The declaration of an action, below what its server says of it."""
    lines = ["\n", _comment(action.tool.description, "    ", MAX_DESCRIPTION)]
    for parameter in action.parameters:
        said = " ".join(filter(None, (parameter.description, _in_brackets(parameter.limits))))
        lines.append(
            _comment(f"  {written(parameter.name)}: {said}" if said else "", "    ", MAX_HINT)
        )
    claims = [words for key, words in _HINTS.items() if _claims(action.tool.hints, key)]
    if claims:
        lines.append(_comment(f"The server says of it: {', '.join(claims)}.", "    "))
    for note in (*action.notes, *action.doubts):
        lines.append(_comment(f"NOTE {note}", "    "))
    return "".join(lines) + f"    action {signature(action)}\n"


_HINTS = {
    "readOnlyHint": "it changes nothing",
    "destructiveHint": "it may destroy something",
    "idempotentHint": "calling it again changes nothing more",
    "openWorldHint": "it reaches the outside",
}
"""What MCP's annotations of a tool claim, where they are true."""


def _claims(hints: Mapping[str, Any], key: str) -> bool:
    return hints.get(key) is True


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


def signature(action: Action) -> str:
    """An action with its parameters, without the keyword."""
    result = f" -> {action.result}" if action.result else ""
    if not action.parameters:
        return action.name + result
    parameters = [
        f"{written(p.name)}{'?' if p.optional else ''}: {p.type}" for p in action.parameters
    ]
    return f"{action.name}({', '.join(parameters)}){result}"


def binding_text(server: Server) -> str:
    """What binds the actions of a resource to the names of the tools."""
    lines = [f"    resource {server.name} {{\n"]
    lines += [f"        {bound_text(each)}\n" for each in server.actions]
    return "".join(lines) + "    }\n"


def bound_text(action: Action) -> str:
    """What binds one action to the name of its tool."""
    return f"{action.name} = {string_text(action.tool.name)}"


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
