"""What platforms call the things that a policy declares."""

from __future__ import annotations

from ...report.source import Span
from ...structs import Struct, field

TOOLS = "mcp"
"""The target of a binding that gives actions the names of a server's tools."""


class ActionBinding(Struct):
    """The platform's names for an action, on a place of its own where `on` is given."""

    action: str
    names: tuple[str, ...]
    on: str | None = None


class ResourceBinding(Struct):
    """Where a resource lives; `location` may hold `${attribute}`."""

    resource: str
    location: str | None
    actions: tuple[ActionBinding, ...]
    attributes: tuple[tuple[str, str], ...]
    span: Span = field(compare=False, repr=False)


class Binding(Struct):
    """All that a policy set says about one platform; pairs are (declared name, platform's name).

    `tags` has a key for `intent`, `task` and `agent`, where a session carries it.
    """

    target: str
    resources: tuple[ResourceBinding, ...]
    agents: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]
    context: tuple[tuple[str, str], ...]
    span: Span = field(compare=False, repr=False)
