"""What a request says of a call, wherever an event has it: nothing where it does not say it as it should."""

from __future__ import annotations

from typing import Any

from ...runtime.call import fields_of


def capability_of(request: dict[str, Any]) -> str:
    """Name what is called."""
    tool, action = fields_of(request.get("resource")), fields_of(request.get("action"))
    return f"{tool.get('type')}.{action.get('name')}"


def user_of(request: dict[str, Any]) -> Any:
    """Give the id of whoever it is done for."""
    return fields_of(fields_of(request.get("context")).get("user")).get("id")


def links_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the links of the chain of those for whom the agent acts, the nearest first."""
    return objects_of(fields_of(request.get("context")).get("delegation"))


def named_by(link: dict[str, Any]) -> tuple[Any, Any]:
    """Give the agent of a link, and its task."""
    return link.get("agent"), fields_of(link.get("task")).get("id")


def objects_of(value: object) -> list[dict[str, Any]]:
    """Give what stands in a list as objects; nothing where it is no list."""
    return [fields_of(each) for each in value] if type(value) is list else []
