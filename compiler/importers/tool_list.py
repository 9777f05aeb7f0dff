"""Lists of tools as JSON, in the shapes in which people have them, to plain data.

A list is somebody else's text: whatever it holds, what comes out is names that can be written in
a policy's strings and schemas that are JSON, or one error that says what is wrong.
"""

from __future__ import annotations

import json
from typing import Any

from ...runtime.strict_json import NotJSON, each_once
from ...runtime.values import is_text
from ..structs import Struct, field
from ..text.visible import visible
from .tool_shapes import looks_like_a_tool, schema_of, unwrapped

MAX_CHARACTERS = 16 * 2**20
MAX_TOOLS = 2_000
MAX_NAME = 256  # characters; MCP itself advises 128


class ToolListError(ValueError):
    """The list cannot be imported; the message says why, in one sentence."""


class Tool(Struct):
    """One tool as its server describes it; `schema` is the JSON Schema of its arguments.

    `hints` are what the server says of it beside (MCP's `annotations`), which nobody has checked;
    `output` is the JSON Schema of what a call gives back (MCP's `outputSchema`), if it has one.
    """

    name: str
    description: str
    schema: dict[str, Any]
    hints: dict[str, Any] = field(default_factory=dict)
    output: dict[str, Any] | None = None


class ToolList(Struct):
    """Tools that belong together, under the name that the file gives them, if it gives one."""

    suite: str | None
    tools: tuple[Tool, ...]
    complete: bool = True
    """False if the server said that more pages follow."""
    is_version: bool = False
    """Whether `suite` is a version of a server: several say the same in other words."""


def read_tool_lists(text: str) -> tuple[ToolList, ...]:
    """Read tools in any shape in which people have them.

    A `tools/list` result or response, a bare list, one tool, `{suite: [tools]}`, or one of these for
    each of several `versions`; a tool in each of the shapes of `tool_shapes`. Raises `ToolListError`
    for anything else.
    """
    data = _decode(text)
    if isinstance(data, dict) and ("jsonrpc" in data or "result" in data):
        if data.get("error") is not None:
            raise ToolListError("this is a JSON-RPC error, and holds no tools")
        data = data.get("result")
    versions = data.get("versions") if isinstance(data, dict) and "tools" not in data else None
    if versions is not None:
        return _of_versions(versions)
    return _lists(data)


def _lists(data: Any) -> tuple[ToolList, ...]:
    if isinstance(data, list):
        return (ToolList(None, _tools(data)),)
    if not isinstance(data, dict):
        raise ToolListError("there is no list of tools in this JSON")
    if looks_like_a_tool(data):
        return (ToolList(None, _tools([data])),)
    if isinstance(data.get("toolConfig"), dict):  # a whole request of Bedrock's Converse API
        data = data["toolConfig"]
    if isinstance(data.get("tools"), list):
        complete = not data.get("nextCursor")
        return (ToolList(None, _tools(data["tools"]), complete),)
    if not data or not all(isinstance(each, list) for each in data.values()):
        raise ToolListError('there is no list of tools in this JSON, such as `{"tools": […]}`')
    return tuple(ToolList(suite, _tools(entries)) for suite, entries in data.items())


def _of_versions(versions: Any) -> tuple[ToolList, ...]:
    """The lists of several versions of a server: each is a suite, named as the version is."""
    named: list[tuple[str, Any]] = []
    if isinstance(versions, dict):
        named = list(versions.items())
    elif isinstance(versions, list):
        for each in versions:
            name = each.get("version", each.get("name")) if isinstance(each, dict) else None
            if not isinstance(name, str):
                raise ToolListError("an entry of `versions` does not say which version it is")
            if any(name == known for known, _ in named):
                raise ToolListError(f"the version {shown(name)} stands twice in `versions`")
            named.append((name, each))
    if not named:
        raise ToolListError("`versions` holds no list of tools")
    found = []
    for name, data in named:
        lists = _lists(data)
        if len(lists) > 1 or lists[0].suite is not None:
            raise ToolListError(f"the version {shown(name)} holds more than one list of tools")
        found.append(ToolList(name, lists[0].tools, lists[0].complete, is_version=True))
    return tuple(found)


def shown(value: str, limit: int = 60) -> str:
    """Quote foreign text for a message: in ASCII, on one line, and not at any length.

    >>> shown('a"\\n')
    '"a\\\\"\\\\n"'
    """
    quoted = json.dumps(value[:limit])
    return quoted if len(value) <= limit else quoted[:-1] + '…"'


def _decode(text: str) -> Any:
    if len(text) > MAX_CHARACTERS:
        raise ToolListError(f"more than {MAX_CHARACTERS:,} characters are not a list of tools")
    try:
        return json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=each_once,
            parse_constant=_no_constant,
        )
    except ToolListError:
        raise
    except NotJSON as error:
        raise ToolListError(str(error)) from None
    except RecursionError:
        raise ToolListError("the JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ToolListError(
            f"this is not JSON, from line {error.lineno}, column {error.colno} on"
            if text.strip()
            else "this is not JSON: it is empty"
        ) from None
    except ValueError:  # a whole number of thousands of digits
        raise ToolListError("the JSON holds a number that is too long") from None


def _no_constant(name: str) -> Any:
    raise ToolListError(f"`{name}` is not JSON")


def _tools(entries: list[Any]) -> tuple[Tool, ...]:
    if len(entries) > MAX_TOOLS:
        raise ToolListError(f"more than {MAX_TOOLS:,} tools in one list")
    tools = tuple(_tool(entry, index) for index, entry in enumerate(entries, start=1))
    names: set[str] = set()
    for tool in tools:
        if tool.name in names:
            raise ToolListError(f"two tools are called {shown(tool.name)}")
        names.add(tool.name)
    return tools


def _tool(entry: Any, index: int) -> Tool:
    entry = unwrapped(entry)
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name:
        raise ToolListError(f"entry {index} of the list is not a tool: it has no `name`")
    if len(name) > MAX_NAME:
        raise ToolListError(f"the name of tool {index} is longer than {MAX_NAME} characters")
    if not is_text(name) or visible(name) != name:
        raise ToolListError(f"the tool name {shown(name)} holds a character that cannot be seen")
    schema = schema_of(entry)
    if schema is None:
        raise ToolListError(
            f"tool {shown(name)} has no `inputSchema` (nor `input_schema`, `parameters` or a list of "
            "`arguments`)"
        )
    description, hints = entry.get("description"), entry.get("annotations")
    output = entry.get("outputSchema")
    return Tool(
        name,
        description if isinstance(description, str) else "",
        schema,
        hints if isinstance(hints, dict) else {},
        output if isinstance(output, dict) else None,
    )
