"""The roots that conditions read, a row for each; whoever asks about a root reads its row.

A row that is added is read by the compiler, the interpreter and the targets that write a program or Rego;
a target that does not find it in what its platform sees refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias, assert_never

from ..structs import Struct
from . import nodes as ir

Declarer: TypeAlias = Literal["agents", "intents", "resources", "actions", "block"]

SCALARS = (
    *("string", "bool", "int", "number", "time", "date", "duration", "ip"),
    *("domain", "email", "url", "json"),
)
"""The types that a field may have by their own names."""
NEW_SCALARS = ("date", "domain", "email", "url")
"""Those that came with version 2: a policy may have declared a type called so."""
TESTED_RESOURCE = "test-resource"
TESTED_TASK = "test-task"
"""The ids that the call of a test has where it says none."""


class Row(Struct):
    """One root: the steps to it in a request, and what it holds."""

    place: tuple[str, ...]
    declared_by: Declarer | None = None
    """What declares further fields: the agents and families that a rule names, and so on, or a block."""
    built_in: tuple[ir.Field, ...] = ()
    beside: tuple[str, ...] = ()
    """The steps to its `id`, where every request has one, beside the other fields."""
    required: tuple[str, ...] = ()
    """What AuthZEN requires beside the other fields: strings, without which a request is none."""
    kept: tuple[str, ...] = ()
    """What else a request has there that is no field, and no root of its own."""
    value: ir.Type | None = None
    """The type of a root that has no fields, and is a value itself."""


ROOTS: dict[str, Row] = {
    "agent": Row(
        ("subject", "properties"),
        "agents",
        (ir.Field("id", ir.STRING),),
        beside=("subject", "id"),
        required=("type", "id"),
    ),
    "args": Row(("action", "properties"), "actions", required=("name",)),
    "resource": Row(
        ("resource", "properties"),
        "resources",
        (ir.Field("id", ir.STRING),),
        beside=("resource", "id"),
        required=("type", "id"),
    ),
    "task": Row(
        ("context", "task"),
        "intents",
        (
            ir.Field("id", ir.STRING),
            ir.Field("state", ir.EnumType(ir.TASK_STATE)),
            ir.Field("started_at", ir.TIME, optional=True),
        ),
        kept=("intent",),
    ),
    "context": Row(
        ("context",), "block", kept=("approvals", "step_up", "meters", "sources", "delegation")
    ),
    "user": Row(("context", "user"), "block", (ir.Field("id", ir.STRING, optional=True),)),
    "now": Row(("context", "time"), value=ir.TIME),
}


def location(attribute: ir.Attribute) -> tuple[str, ...]:
    """The steps to an attribute in a request; of what is read of a list, to the list."""
    row = ROOTS[attribute.root]
    path = attribute.path
    if ir.EACH in path:
        path = path[: path.index(ir.EACH)]
    return row.beside if is_identity(attribute) else (*row.place, *path)


def is_identity(attribute: ir.Attribute) -> bool:
    """Whether it is the id of the agent or of the resource, which every request has."""
    return attribute.path == ("id",) and ROOTS[attribute.root].beside != ()


def required() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The parts that every request has, each with the strings that it has there."""
    return tuple((row.place[0], row.required) for row in ROOTS.values() if row.required)


def bare_request(**said: tuple[str, ...]) -> dict[str, Any]:
    """A request that has what all have, and no more; by root what is said where it is required."""
    request: dict[str, Any] = {}
    for root, row in ROOTS.items():
        if row.required:
            part, fields = row.place
            request[part] = {**dict(zip(row.required, said[root], strict=True)), fields: {}}
    return request


def reserved(root: str) -> tuple[str, ...]:
    """The names that no declared field of a root may have: a request has something else there."""
    row = ROOTS[root]
    inner = (each.place[-1] for each in ROOTS.values() if each.place[:-1] == row.place)
    return (*(each.name for each in row.built_in), *row.kept, *inner)


def declared(policy: ir.Policy, root: str) -> Iterable[tuple[ir.Field, ...]]:
    """The fields that each thing declares whose fields are read at a root."""
    by = ROOTS[root].declared_by
    match by:
        case "agents":
            return [
                *(each.attributes for each in policy.agents),
                *(each.attributes for each in policy.families),
            ]
        case "intents":
            return [each.fields for each in policy.intents]
        case "resources":
            return [each.attributes for each in policy.resources]
        case "actions":
            return [action.parameters for each in policy.resources for action in each.actions]
        case "block":
            return [getattr(policy, root) or ()]
        case None:
            return []
        case _:
            assert_never(by)
