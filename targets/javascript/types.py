"""What a policy declares, as a type of TypeScript: the arguments of each action, by resource type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from ...compiler.ir import nodes as ir
from .literals import literal

MOST_TYPED = 500
"""Names of actions; of more, no one is named, since a compiler takes time with a larger union."""
MOST_MEMBERS = 100
"""Members of an enum or a level that a type names; of more, it is a string."""


def capabilities_of(policy: ir.Policy) -> str:
    """Give the body of the interface, one line for each action; other arguments are ignored."""
    called = policy.actions_called
    if sum(map(len, called.values())) > MOST_TYPED:
        return "  readonly [type: string]: { readonly [action: string]: JsonObject };\n"
    members = policy.members_of
    lines = []
    for resource in sorted(policy.resources, key=lambda each: each.name):
        args = {action.name: action.parameters for action in resource.actions}
        lines.append(f"  readonly {literal(resource.name)}: {{")
        lines += (
            f"    readonly {literal(name)}: {_fields(args[action], members, True)};"
            for name, action in sorted(called[resource.name].items())
        )
        lines.append("  };")
    return "".join(f"{line}\n" for line in lines)


def _fields(
    fields: tuple[ir.Field, ...], members: Mapping[str, tuple[str, ...]], all_: bool
) -> str:
    """Give an object with known fields and others; `all_` of them may be left out."""
    known = " ".join(
        f"readonly {literal(each.name)}?: {_type(each.type, members)} | null;"
        if all_ or each.optional
        else f"readonly {literal(each.name)}: {_type(each.type, members)};"
        for each in fields
    )
    return f"JsonObject & {{ {known} }}" if known else "JsonObject"


def _type(type_: ir.Type, members: Mapping[str, tuple[str, ...]]) -> str:
    match type_:
        case ir.Scalar("bool"):
            return "boolean"
        case ir.Scalar("int" | "number"):
            return "number"
        case ir.Scalar("json"):
            return "Json"
        case ir.Scalar(_):
            return "string"
        case ir.LevelType(name) | ir.EnumType(name):
            known = members[name]
            return " | ".join(map(literal, known)) if len(known) <= MOST_MEMBERS else "string"
        case ir.ListType(of):
            return f"readonly ({_type(of, members)})[]"
        case ir.OrNothing() | ir.PartOf():
            raise TypeError("no parameter has this type")
        case ir.RecordType(fields):
            return _fields(fields, members, False)
        case _:
            assert_never(type_)
