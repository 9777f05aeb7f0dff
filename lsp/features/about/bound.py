"""Where declared things live on platforms, as `bind` blocks say."""

from __future__ import annotations

from collections.abc import Iterator

from ....compiler.ir import nodes as ir
from ...markup import Code, Item, codes, item


def bound_resource(policy: ir.Policy, resource: str) -> Iterator[Item]:
    """Where a resource lives."""
    for binding in policy.bindings:
        for each in binding.resources:
            if each.resource != resource:
                continue
            if each.location is not None:
                yield item("on ", Code(binding.target), " at ", Code(each.location))
            else:
                yield item("bound on ", Code(binding.target))


def bound_action(policy: ir.Policy, capability: str) -> Iterator[Item]:
    """What a platform calls an action."""
    resource, _, action = capability.rpartition(".")
    for binding in policy.bindings:
        for each in binding.resources:
            if each.resource != resource:
                continue
            for one in each.actions:
                if one.action == action:
                    place = one.on or each.location
                    at = () if place is None else (" at ", Code(place))
                    yield item("on ", Code(binding.target), " as ", *codes(one.names), *at)


def bound_attribute(policy: ir.Policy, resource: str, attribute: str) -> Iterator[Item]:
    """What a platform calls an attribute of a resource."""
    for binding in policy.bindings:
        for each in binding.resources:
            if each.resource == resource:
                for name, key in each.attributes:
                    if name == attribute:
                        yield item("on ", Code(binding.target), " as ", Code(key))


def bound_agent(policy: ir.Policy, agent: str) -> Iterator[Item]:
    """Who an agent is on a platform."""
    for binding in policy.bindings:
        for name, identity in binding.agents:
            if name == agent:
                yield item("on ", Code(binding.target), " as ", Code(identity))


def bound_context(policy: ir.Policy, field: str) -> Iterator[Item]:
    """What a platform calls a field of the context."""
    for binding in policy.bindings:
        for name, key in binding.context:
            if name == field:
                yield item("on ", Code(binding.target), " as ", Code(key))
