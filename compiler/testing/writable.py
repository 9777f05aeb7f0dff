"""The requests that a test can make, as a cube: well-formed, with what is declared for who calls what and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..analysis.procedure.cubes.cube import Cube, CubeKey, key_of
from ..analysis.procedure.domains.values import Values, body_of
from ..ir import nodes as ir
from ..ir.printing.scenarios import attributes_of
from ..ir.roots import ROOTS


def writable(
    policy: ir.Policy, agent: str, intent: str, capability: str, read: Iterable[ir.Attribute]
) -> Cube:
    """Of requests of one agent, intent and call those that a test can make, as far as some attributes tell."""
    declared = set(_declared(policy, agent, intent, capability))
    values: dict[CubeKey, Values] = {}
    for each in read:
        if each.root == "now" or (each.root, each.path[0]) in declared:
            values[key_of(each)] = Values(True, False, body_of(each.type, policy))
        else:
            values[key_of(each)] = Values(True, False, None)
    return Cube(values)


def _declared(
    policy: ir.Policy, agent: str, intent: str, capability: str
) -> Iterator[tuple[str, str]]:
    """The roots and the fields that a test can give there."""
    resource, _, name = capability.rpartition(".")
    kinds = [each for each in policy.resources if each.name == resource]
    fields = {
        "agent": attributes_of(policy, agent),
        "args": [p for k in kinds for a in k.actions if a.name == name for p in a.parameters],
        "resource": [field for kind in kinds for field in kind.attributes],
        "task": [f for each in policy.intents if each.name == intent for f in each.fields],
        "context": policy.context,
        "user": policy.user or (),
    }
    for root, given in fields.items():
        for field in (*given, *ROOTS[root].built_in):
            yield root, field.name
