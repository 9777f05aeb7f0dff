"""Starts of tasks in policies, and requests for them: from inside a task, and first ones, for which there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.starts import KIND, START, resource_of, whole

from .values import BOOLEANS, Draw, chance, pick

NO_STARTERS: tuple[Any, ...] = ("spiffe://t.example/ns/a/sa/x", "spiffe://t.example/y", "", None, 7, ["portal"])  # fmt: skip


def has_starts(policy: ir.Policy) -> bool:
    """Whether starts of tasks are calls."""
    return any(each.kind == KIND for each in policy.resources)


def with_starts(policy: ir.Policy) -> ir.Policy:
    """A policy in which each intent has a start."""
    others = [each for each in policy.resources if each.kind != KIND]
    made = [resource_of(each) for each in policy.intents]
    resources = tuple(sorted((*others, *made), key=lambda each: each.name))
    return replace(policy, resources=resources)


def settled(policy: ir.Policy) -> ir.Policy:
    """A policy with starts as its intents have them now, and allows of them that ask for their fields."""
    if not has_starts(policy):
        return policy
    policy = with_starts(policy)
    return replace(policy, allows=tuple(with_fields(policy, each) for each in policy.allows))


def starts_of(policy: ir.Policy) -> tuple[str, ...]:
    """The capabilities that are starts."""
    return tuple(f"{each.name}.{START}" for each in policy.resources if each.kind == KIND)


def with_fields(policy: ir.Policy, rule: ir.Allow) -> ir.Allow:
    """An allow of a start asks for the fields of the new task, as its compiler has it."""
    starts = [each for each in rule.capabilities if each in starts_of(policy)]
    if not starts:
        return rule
    asked = _parts(whole(policy.declared_actions[starts[0]].parameters))
    parts = _parts(rule.condition)
    parts = (*parts, *(each for each in asked if each not in parts))
    condition = None if not parts else parts[0] if len(parts) == 1 else ir.And(parts)
    return replace(rule, condition=condition)


def _parts(condition: ir.Condition | None) -> tuple[ir.Condition, ...]:
    if condition is None:
        return ()
    return condition.parts if isinstance(condition, ir.And) else (condition,)


def make_first(draw: Draw, request: dict[str, Any]) -> None:
    """Turn a request for a start into one for a first start, or into one that only nearly is one."""
    context = request["context"]
    del context["task"]
    if chance(draw, 4):
        context["task"] = pick(draw, (None, {}, "t-17", {"id": "t-17"}))
    if chance(draw, 94):
        context["starter"] = pick(draw, NO_STARTERS if chance(draw, 15) else ("portal", "ops"))
    if chance(draw, 90):
        context.pop("delegation", None)
    elif draw(BOOLEANS):
        context["delegation"] = pick(draw, ([], None, [{}]))
