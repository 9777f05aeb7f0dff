"""One tool as JSON, in each of the shapes in which people have it.

| where from | shape |
| --- | --- |
| MCP (`tools/list`) | `{"name", "description", "inputSchema", "annotations"}` |
| Anthropic's API | `{"name", "description", "input_schema"}` |
| OpenAI's chat API | `{"type": "function", "function": {"name", "description", "parameters"}}` |
| OpenAI's responses API | `{"type": "function", "name", "description", "parameters"}` |
| Amazon Bedrock's Converse API | `{"toolSpec": {"name", "description", "inputSchema": {"json": …}}}` |
| Docker's MCP catalog | `{"name", "description", "arguments": [{"name", "type", "desc"}]}` |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCHEMA_KEYS = ("inputSchema", "input_schema", "parameters", "arguments")


def looks_like_a_tool(entry: Any) -> bool:
    """Whether an object is one tool by itself, and not a list of them."""
    tool = unwrapped(entry)
    return (
        isinstance(tool, dict)
        and isinstance(tool.get("name"), str)
        and any(key in tool for key in SCHEMA_KEYS)
    )


def unwrapped(entry: Any) -> Any:
    """The object that has the name: some shapes put it into another one."""
    if isinstance(entry, dict) and "name" not in entry:
        for key in ("function", "toolSpec"):
            if isinstance(entry.get(key), dict):
                return entry[key]
    return entry


def schema_of(tool: Mapping[str, Any]) -> dict[str, Any] | None:
    """The JSON Schema of a tool's arguments, wherever it stands; None if it has none.

    OpenAI leaves the schema out of a function without parameters.
    """
    for key in ("inputSchema", "input_schema", "parameters"):
        found = tool.get(key)
        if isinstance(found, dict):
            inner = found.get("json")
            is_bedrock = key == "inputSchema" and found.keys() == {"json"}
            return inner if is_bedrock and isinstance(inner, dict) else found
        if found is not None:
            return None
    if "arguments" in tool:
        return _from_arguments(tool["arguments"])
    return {"type": "object", "properties": {}} if tool.get("type") == "function" else None


def _from_arguments(arguments: Any) -> dict[str, Any] | None:
    """A schema of a list of arguments, each of which says its name and, mostly, its type."""
    if not isinstance(arguments, list):
        return None
    properties: dict[str, Any] = {}
    required: list[str] = []
    for each in arguments:
        if not isinstance(each, dict) or not isinstance(each.get("name"), str):
            return None
        if each["name"] in properties:
            return None
        schema = {key: value for key, value in each.items() if key not in ("name", "desc")}
        if isinstance(each.get("desc"), str):
            schema["description"] = each["desc"]
        if schema.pop("optional", False) is not True:
            required.append(each["name"])
        properties[each["name"]] = schema
    return {"type": "object", "properties": properties, "required": required}
