"""Whether what a server or a framework has by a name is the tool that the policy declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...compiler.importers.tool_drift import drift
from ...compiler.importers.tool_list import Tool as Listed
from ...compiler.importers.tool_list import ToolListError
from .vocabulary import Tool, Vocabulary

UNDECLARED = "the policy declares no such tool"
DRIFTED = "it is not the tool that the policy declares"


def drift_of(
    tool: Tool,
    vocabulary: Vocabulary,
    name: str,
    description: str | None,
    takes: Mapping[str, Any],
    gives: Mapping[str, Any] | None,
) -> tuple[str, ...]:
    """Say what a tool takes or gives else than the action that it stands for, or why it cannot be read; nothing if it fits."""
    listed = Listed(
        name, description or "", dict(takes), {}, None if gives is None else dict(gives)
    )
    try:
        return drift(tool, vocabulary.members, listed)
    except ToolListError as error:
        return (str(error),)
