"""The schema of a policy's requests, and the translation of AuthZEN requests into them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...compiler import ir
from ...compiler.interpreter import location
from .names import ACTION, AGENT, ANY, FAMILY, NAMESPACE, entity_type
from .values import AGE, pair_type, record, schema_type, translated_type
from .vocabulary import Slot, Vocabulary, age_key

FORMAT = "agpc-cedar-request"
VERSION = 1


def schema_of(policy: ir.Policy, vocabulary: Vocabulary) -> dict[str, Any]:
    """The Cedar schema, in its JSON form."""
    types: dict[str, Any] = {
        _short(FAMILY): {},
        _short(AGENT): {"memberOfTypes": [FAMILY], "shape": _record_of(vocabulary.agent)},
    }
    actions: dict[str, Any] = {}
    for resource in policy.resources:
        shape = _record_of(vocabulary.resources[resource.name])
        types[_short(entity_type(resource.name))] = {"shape": shape}
        for action in resource.actions:
            capability = f"{resource.name}.{action.name}"
            actions[capability] = {
                "appliesTo": {
                    "principalTypes": [AGENT],
                    "resourceTypes": [entity_type(resource.name)],
                    "context": _context(vocabulary, capability),
                }
            }
    return {NAMESPACE: {"entityTypes": types, "actions": actions}}


def _context(vocabulary: Vocabulary, capability: str) -> dict[str, Any]:
    age = pair_type(AGE)
    declared = {slot.name: schema_type(slot.type) for slot in vocabulary.context}
    return record(
        {**declared, "now": schema_type(ir.TIME)},
        {
            "ages": record({age_key(each): age for each in vocabulary.ages}),
            "args": _record_of(vocabulary.arguments[capability]),
            "malformed": {"type": "Set", "element": {"type": "String"}},
            "task": record(
                {
                    "intent": {"type": "String"},
                    **{slot.name: schema_type(slot.type) for slot in vocabulary.task},
                }
            ),
            "user": _record_of(vocabulary.user),
        },
    )


def _record_of(slots: Iterable[Slot]) -> dict[str, Any]:
    """A record of what may be absent, and the id of an agent or a resource, which is always there."""
    slots = tuple(slots)
    required = {
        slot.name: schema_type(slot.type)
        for slot in slots
        if slot.root in ("agent", "resource") and slot.field == "id"
    }
    return record(
        {slot.name: schema_type(slot.type) for slot in slots if slot.name not in required},
        required,
    )


def _short(name: str) -> str:
    return name.rpartition("::")[2]


def translation_of(policy: ir.Policy, vocabulary: Vocabulary) -> dict[str, Any]:
    """How a request becomes a Cedar request, as data for the algorithm in the target's README."""
    families = {each.name: policy.identities[each.name] for each in policy.families}
    families[ANY] = policy.identify(None)

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
        "principal": {"type": AGENT, "family": FAMILY, "attributes": slots(vocabulary.agent)},
        "families": {
            name: {"ids": list(ids), "patterns": list(patterns)}
            for name, (ids, patterns) in sorted(families.items())
        },
        "intents": sorted(each.name for each in policy.intents),
        "resources": {
            each.name: {
                "type": entity_type(each.name),
                "attributes": slots(vocabulary.resources[each.name]),
                "actions": {
                    action.name: {
                        "type": ACTION,
                        "id": f"{each.name}.{action.name}",
                        "args": slots(vocabulary.arguments[f"{each.name}.{action.name}"]),
                    }
                    for action in each.actions
                },
            }
            for each in policy.resources
        },
        "context": slots(vocabulary.context),
        "task": slots(vocabulary.task),
        "user": slots(vocabulary.user),
        "ages": {age_key(each): list(location(each)) for each in vocabulary.ages},
    }
