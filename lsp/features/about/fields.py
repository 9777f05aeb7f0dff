"""Fields and parameters by their names, as `Target` has them: what is declared, and how conditions read it."""

from __future__ import annotations

from collections.abc import Iterable

from ....compiler.ir import nodes as ir
from ....compiler.lowering.names.definitions import Target
from ....compiler.text.field_names import segments, written
from ...snapshot import Snapshot

_ROOTS = ("agent", "resource", "task")
"""The roots whose fields stand right below what declares them in what comments are filed under."""


def field_of(snapshot: Snapshot, name: str) -> ir.Field | None:
    """The field or parameter of a name, as `Target` has it."""
    known = snapshot.refer.vocabulary
    parts = segments(name)
    if parts[0] in ("context", "user"):
        blocks = known.context if parts[0] == "context" else known.user
        return _below((field for each in blocks.values() for field in each), parts[1:])
    for at in range(len(parts) - 1, 0, -1):
        holder, root, path = ".".join(parts[:at]), parts[at], parts[at + 1 :]
        if not path:
            continue
        if root == "agent":
            one = known.agents.get(holder) or known.families.get(holder)
            fields = None if one is None else one.attributes
        elif root == "task":
            intent = known.intents.get(holder)
            fields = None if intent is None else intent.fields
        elif root == "resource":
            resource = known.resources.get(holder)
            fields = None if resource is None else resource.attributes
        elif root == "args" or root.endswith("()"):
            fields = _of_action(
                snapshot, holder if root == "args" else f"{holder}.{root[:-2]}", root
            )
        else:
            fields = None
        if fields is not None and (found := _below(fields, path)) is not None:
            return found
    return None


def _of_action(snapshot: Snapshot, capability: str, root: str) -> tuple[ir.Field, ...] | None:
    action = snapshot.refer.vocabulary.action(capability)
    if action is None:
        return None
    if root == "args":
        return action.parameters
    return _record(action.result) if action.result is not None else ()


def _below(fields: Iterable[ir.Field], path: list[str]) -> ir.Field | None:
    found = next((each for each in fields if each.name == path[0]), None)
    if found is None or len(path) == 1:
        return found
    return _below(_record(found.type), path[1:])


def _record(type_: ir.Type) -> tuple[ir.Field, ...]:
    inner = ir.innermost_type(type_)
    return inner.fields if isinstance(inner, ir.RecordType) else ()


def read_as(target: Target) -> str:
    """How a condition reads a field."""
    parts = segments(target.name)
    if parts[0] in ("context", "user"):
        return ".".join((parts[0], *map(written, parts[1:])))
    for word in ("args", "agent", "resource", "task"):
        if word in parts[1:-1]:
            at = parts.index(word, 1)
            return ".".join((word, *map(written, parts[at + 1 :])))
    return ".".join(("it", *map(written, parts[-1:])))


def name_in_comments(target: Target) -> str:
    """What a comment's text is filed under: attributes stand right below what declares them."""
    if target.kind != "field":
        return target.name
    parts = segments(target.name)
    if parts[0] in ("context", "user"):
        return target.name
    for at in range(1, len(parts) - 1):
        if parts[at] in _ROOTS:
            return ".".join((*map(written, parts[:at]), *map(written, parts[at + 1 :])))
    return target.name
