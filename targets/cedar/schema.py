"""The schema of a policy's requests, and the translation of AuthZEN requests into them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ...compiler.ir import nodes as ir
from ...compiler.ir.roots import is_identity, location
from .names import (
    ACTION,
    AGENT,
    ANY,
    FAMILY,
    NAMESPACE,
    entity_type,
)
from .request_shape import RequestShape, Slot, age_key
from .values import (
    COMMON,
    PAIRS,
    pair_type,
    record,
    schema_type,
    translated_type,
)

FORMAT = "agpc-cedar-request"
VERSION = 3


def schema_of(policy: ir.Policy, shape: RequestShape) -> dict[str, Any]:
    """The Cedar schema, in its JSON form; what several actions have in common stands once."""
    types: dict[str, Any] = {
        _short(FAMILY): {},
        _short(AGENT): {"memberOfTypes": [FAMILY], "shape": _record_of(shape.agent)},
    }
    actions: dict[str, Any] = {}
    for resource in policy.resources:
        kind = _record_of(shape.resources[resource.name])
        types[_short(entity_type(resource.name))] = {"shape": kind}
        for action in resource.actions:
            capability = f"{resource.name}.{action.name}"
            actions[capability] = {
                "appliesTo": {
                    "principalTypes": [AGENT],
                    "resourceTypes": [entity_type(resource.name)],
                    "context": _context(shape, capability),
                }
            }
    common = {
        **{COMMON[type_]: pair_type(names) for type_, names in PAIRS.items()},
        **_parts_of_contexts(shape),
        **_shared_contexts(actions),
    }
    space = {"entityTypes": types, "actions": actions}
    used = _reached(space, common)
    return {NAMESPACE: {**space, "commonTypes": used} if used else space}


def _parts_of_contexts(shape: RequestShape) -> dict[str, Any]:
    """What is the same in the contexts of all actions, by the names that they call it."""
    task = {slot.name: schema_type(slot.type) for slot in shape.task}
    return {
        "Ages": record({age_key(each): schema_type(ir.TIME) for each in shape.ages}),
        "Task": record({"intent": {"type": "String"}, **task}),
        "User": _record_of(shape.user),
        **{kind.capitalize(): _record_of(slots) for kind, slots in shape.facts.items()},
    }


def _shared_contexts(actions: dict[str, Any]) -> dict[str, Any]:
    """Give the contexts that several actions have a name, and call them by it in the actions."""
    alike: dict[str, list[dict[str, Any]]] = {}
    for action in actions.values():
        about = action["appliesTo"]
        alike.setdefault(json.dumps(about["context"]), []).append(about)
    named: dict[str, Any] = {}
    for group in alike.values():
        if len(group) > 1:
            name = f"Context{len(named) + 1}" if named else "Context"
            named[name] = group[0]["context"]
            for about in group:
                about["context"] = {"type": name}
    return named


def _reached(space: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    """The common types that a schema names, and those that they name."""
    found: dict[str, Any] = {}
    waiting: list[Any] = [space]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            name = each.get("type")
            if isinstance(name, str) and name in common and name not in found:
                found[name] = common[name]
                waiting.append(common[name])
            waiting.extend(each.values())
    return dict(sorted(found.items()))


def _context(shape: RequestShape, capability: str) -> dict[str, Any]:
    declared = {slot.name: schema_type(slot.type) for slot in shape.context}
    return record(
        {**declared, "now": schema_type(ir.TIME)},
        {
            "ages": {"type": "Ages"},
            "args": _record_of(shape.arguments[capability]),
            "malformed": {"type": "Set", "element": {"type": "String"}},
            **{kind: {"type": kind.capitalize()} for kind in shape.facts},
            "task": {"type": "Task"},
            "user": {"type": "User"},
        },
    )


def _record_of(slots: Iterable[Slot]) -> dict[str, Any]:
    """A record of what may be absent, and the id of an agent or a resource, which is always there."""
    slots = tuple(slots)
    required = {slot.name: schema_type(slot.type) for slot in slots if is_identity(slot.attribute)}
    return record(
        {slot.name: schema_type(slot.type) for slot in slots if slot.name not in required},
        required,
    )


def _short(name: str) -> str:
    return name.rpartition("::")[2]


def translation_of(policy: ir.Policy, shape: RequestShape) -> dict[str, Any]:
    """How a request becomes a Cedar request, as data for the algorithm in the target's README."""
    families = {each.name: policy.identities[each.name] for each in policy.families}
    families[ANY] = policy.identify()

    def slots(found: Iterable[Slot]) -> list[dict[str, Any]]:
        return [
            {
                "name": slot.name,
                "from": list(slot.source),
                "key": slot.key,
                **translated_type(slot.type, policy.members_of),
            }
            for slot in found
        ]

    return {
        "format": FORMAT,
        "version": VERSION,
        "principal": {"type": AGENT, "family": FAMILY, "attributes": slots(shape.agent)},
        "families": {
            name: {"ids": list(ids), "patterns": list(patterns)}
            for name, (ids, patterns) in sorted(families.items())
        },
        "intents": sorted(each.name for each in policy.intents),
        "resources": {
            each.name: {
                "type": entity_type(each.name),
                "attributes": slots(shape.resources[each.name]),
                "actions": {
                    called: {
                        "type": ACTION,
                        "id": f"{each.name}.{action}",
                        "open": policy.declared_actions[f"{each.name}.{action}"].is_open,
                        "args": slots(shape.arguments[f"{each.name}.{action}"]),
                    }
                    for called, action in sorted(policy.actions_called[each.name].items())
                },
            }
            for each in policy.resources
        },
        "context": slots(shape.context),
        "task": slots(shape.task),
        "user": slots(shape.user),
        "facts": {kind: slots(found) for kind, found in shape.facts.items()},
        "ages": {age_key(each): list(location(each)) for each in shape.ages},
    }
