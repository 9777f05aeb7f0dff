"""Faults that an emitter might have: each leaves out or changes what a policy says in one place.

An emitter that is given the changed policy behaves as one with the fault. Each fault answers None for
a policy that it does not change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from agpc.compiler.ir import nodes as ir

Fault = Callable[[ir.Policy], ir.Policy]


def allows(**changes: Any) -> Fault:
    """Every allow with other fields."""
    return lambda policy: replace(
        policy, allows=tuple(replace(each, **changes) for each in policy.allows)
    )


def forbids(**changes: Any) -> Fault:
    """Every forbid with other fields."""
    return lambda policy: replace(
        policy, forbids=tuple(replace(each, **changes) for each in policy.forbids)
    )


def nodes(change: Callable[[Any], Any]) -> Fault:
    """Every part of every condition as `change` has it."""

    def walk(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            inner = {
                each.name: walk(getattr(value, each.name))
                for each in fields(value)
                if each.compare  # not where it stands
                and (
                    isinstance(getattr(value, each.name), tuple)
                    or is_dataclass(getattr(value, each.name))
                )
            }
            return change(replace(value, **inner))
        return tuple(map(walk, value)) if isinstance(value, tuple) else value

    return lambda policy: replace(
        policy,
        allows=tuple(
            replace(each, condition=walk(each.condition), revoke=walk(each.revoke))
            for each in policy.allows
        ),
        forbids=tuple(
            replace(each, condition=walk(each.condition), unless=walk(each.unless))
            for each in policy.forbids
        ),
    )


def shifted(node: Any) -> Any:
    """Less, and greater, take the edge with them."""
    if isinstance(node, ir.Compare) and node.op in ("<", ">"):
        return replace(node, op=f"{node.op}=")
    return node


def unnegated(node: Any) -> Any:
    """A `not` is overlooked."""
    return node.part if isinstance(node, ir.Not) else node


def joined_loosely(node: Any) -> Any:
    """`and` becomes `or`."""
    return ir.Or(node.parts) if isinstance(node, ir.And) else node


def some_for_every(node: Any) -> Any:
    """`every` becomes `some`, and the other way round."""
    if isinstance(node, ir.Quantified):
        return replace(node, kind="some" if node.kind == "every" else "every")
    return node


def any_text(node: Any) -> Any:
    """A pattern matches everything."""
    return replace(node, pattern="*") if isinstance(node, ir.Like) else node


FAULTS: dict[str, Fault] = {
    "conditions of allows are left out": allows(condition=None),
    "revocation is left out": allows(revoke=()),
    "validity is left out": allows(validity=None),
    "windows are left out": allows(window=None),
    "requirements are left out": allows(requirements=()),
    "allows are for every agent": allows(agents=ir.DECLARED),
    "allows are for every intent": allows(intents=ir.DECLARED),
    "forbids are left out": lambda policy: replace(policy, forbids=()),
    "conditions of forbids are left out": forbids(condition=None),
    "exceptions are left out": forbids(unless=None, unless_evidence=()),
    "an edge is moved": nodes(shifted),
    "a not is overlooked": nodes(unnegated),
    "and is or": nodes(joined_loosely),
    "every is some": nodes(some_for_every),
    "patterns match all": nodes(any_text),
}
