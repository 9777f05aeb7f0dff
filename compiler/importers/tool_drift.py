"""How a tool as its server lists it today differs from what a policy declares of it.

It is the comparison of `agpc import mcp --check`, in the same words, for one tool at a time and of a policy that is
compiled: an enforcement point does not call a tool that is another one by now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, assert_never

from ..ir import nodes as ir
from ..report.source import Source
from ..structs import changed
from ..text.field_names import written
from .tool_list import Tool, ToolList, ToolListError
from .tool_schema import MAX_PARAMETERS
from .tool_source import Action, servers_of, servers_to_source
from .tool_update import compared, parsed

_NAME = "tools"
Members = Mapping[str, tuple[str, ...]]
"""What is in each level and enum, by its name."""


class DeclaredField(Protocol):
    """A declared argument, or a field of a record."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def type(self) -> ir.Type:
        """What it may be."""

    @property
    def optional(self) -> bool:
        """Whether it may be missing."""


class DeclaredAction(Protocol):
    """What a policy declares of an action."""

    @property
    def parameters(self) -> Sequence[DeclaredField]:
        """Its arguments."""

    @property
    def result(self) -> ir.Type | None:
        """What it gives back, if that is declared."""

    @property
    def is_open(self) -> bool:
        """Whether it takes arguments that nobody declared."""


def drift(action: DeclaredAction, members: Members, tool: Tool) -> tuple[str, ...]:
    """Say how a tool differs from the action that stands for it; nothing if it does not.

    What it gives back is compared where the policy declares that. Raises `ToolListError` where the tool cannot be read.
    """
    if action.result is None:
        tool = changed(tool, output=None)
    if action.is_open:
        tool = changed(tool, schema=_declared_alone(action, tool))
    properties = tool.schema.get("properties")
    if isinstance(properties, dict) and len(properties) > MAX_PARAMETERS:
        return (f"it has more than {MAX_PARAMETERS} arguments",)
    (server,) = servers_of([(_NAME, ToolList(None, (tool,)))], _NAME)
    (listed,) = server.actions
    today = parsed(Source("today", servers_to_source((server,), _NAME)))
    before = Source("declared", _source(action, listed, members, server.enums))
    return compared(before, parsed(before), today, listed)


def _declared_alone(action: DeclaredAction, tool: Tool) -> dict[str, object]:
    """Leave out of a schema what the policy does not declare: an open action takes that anyway."""
    names = {each.name for each in action.parameters}
    properties = tool.schema.get("properties")
    if not isinstance(properties, dict):
        return tool.schema
    return {**tool.schema, "properties": {k: v for k, v in properties.items() if k in names}}


def _source(
    action: DeclaredAction, listed: Action, members: Members, enums: Mapping[str, tuple[str, ...]]
) -> str:
    """Write an action as its package would, with the enums called as those of today that have the same members."""
    called = {frozenset(each): name for name, each in enums.items()}

    def text(type_: ir.Type) -> str:
        match type_:
            case ir.Scalar(name):
                return name
            case ir.LevelType(name) | ir.EnumType(name):
                return called.get(frozenset(members[name]), f"declared.{name}")
            case ir.ListType(of):
                return f"[{text(of)}]"
            case ir.RecordType(fields):
                return f"{{ {', '.join(map(field, fields))} }}"
            case ir.OrNothing() | ir.PartOf():
                raise ToolListError("no argument is declared so")
            case _:
                assert_never(type_)

    def field(each: DeclaredField) -> str:
        return f"{written(each.name)}{'?' if each.optional else ''}: {text(each.type)}"

    parameters = f"({', '.join(map(field, action.parameters))})" if action.parameters else ""
    result = f" -> {text(action.result)}" if action.result is not None else ""
    line = f"    action {listed.name}{parameters}{result}\n"
    return f"language 2\npackage {_NAME}\n\ntool {_NAME} {{\n{line}}}\n"
