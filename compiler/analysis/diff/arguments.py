"""Calls that one policy takes with an argument which no allow of the other one is about.

Arguments are closed: an action that gains a parameter, or becomes open, opens each call that an allow permits once
more, with that argument. Both policies read everything else of a call as before, so that such a call is one without the
argument, which is put in.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from ...ir import nodes as ir
from ...meaning import interpreter
from ...meaning.request import Call, strangers
from ...text.field_names import dotted
from ..procedure.search.avoid import permits
from ..procedure.search.witness import sample
from .cell import Cell, Open, Opening
from .joint.arguments_taken import Steps
from .joint.sides import OTHER, RulePart, Side
from .order import Kind


def by_arguments(cell: Cell, side: Side) -> Iterator[Opening]:
    """What a policy opens since it takes arguments that the other one does not."""
    joined = cell.world.joined
    for steps in joined.taken.get(cell.call, {}).get(side, ()):
        for part in cell.allows(side):
            allow = part.rule
            assert isinstance(allow, ir.Allow)
            kinds: tuple[Kind, ...] = ("permit", "challenge") if allow.requirements else ("permit",)
            for kind in kinds:
                is_permit = kind == "permit"
                found = cell.search(
                    kind,
                    side,
                    (part,),
                    lambda allow=allow, is_permit=is_permit: [  # type: ignore[misc]
                        cell.world.parts.permits(allow)
                        if is_permit
                        else cell.world.parts.applies(allow)
                    ],
                    [partial(_holds, cell, side, part, kind)],
                    lambda is_permit=is_permit: [  # type: ignore[misc]
                        *cell.no_forbids(side),
                        *([] if is_permit else cell.no_permits(side)),
                    ],
                )
                if found is None:
                    continue
                shown = _with_argument(cell, side, steps, found)
                if shown is None:
                    reason = f"`{dotted('args', steps)}` is an argument of one policy alone"
                    cell.open.append(Open(kind, side, (part,), reason))
                else:
                    yield shown


def _with_argument(cell: Cell, side: Side, steps: Steps, opening: Opening) -> Opening | None:
    """The same with the argument in it, if that shows what it opens."""
    joined = cell.world.joined
    policy = joined.called[side]
    action = policy.declared_actions[joined.calls[cell.call][side] or ""]
    parameters = ir.RecordType(action.parameters)
    for value in _values(parameters, steps, policy):
        request = copy.deepcopy(opening.request)
        before = request["action"].get("properties")
        arguments = _put(before, parameters, steps, value, policy)
        request["action"]["properties"] = arguments
        for each in request.get("context", {}).get("approvals", ()):
            if "args" in each:
                each["args"] = copy.deepcopy(arguments)
        if _is_open(cell, side, opening, Call(cell.world.policy, request)):
            return replace(opening, request=request, argument=steps)
    return None


def _is_open(cell: Cell, side: Side, opening: Opening, call: Call) -> bool:
    """Whether the allow of an opening is about a call, and none of the other policy is."""
    (part,) = opening.parts
    return (
        _holds(cell, side, part, opening.kind, call)
        and not any(cell.applying(each)(call) for each in cell.forbids(side))
        and any(True for _ in strangers(cell.world.calls_of(call)[OTHER[side]]))
    )


def _holds(cell: Cell, side: Side, part: RulePart, kind: Kind, call: Call) -> bool:
    """Whether an allow permits, or at least applies, as a policy has it."""
    judge = permits if kind == "permit" else interpreter.allow_applies
    allow = part.of[side]
    assert isinstance(allow, ir.Allow)
    return judge(allow, cell.world.calls_of(call)[side])


def _values(type_: ir.Type, steps: Steps, policy: ir.Policy) -> Iterator[Any]:
    """What an argument may be, the likeliest first; null is there as well, and most conditions do not see it."""
    found: ir.Type | None = type_
    for step in steps:
        inner = found and ir.innermost_type(found)
        fields = inner.fields if isinstance(inner, ir.RecordType) else ()
        found = next((each.type for each in fields if each.name == step), None)
    yield "x" if found is None else sample(found, policy)
    yield None


def _put(value: Any, type_: ir.Type | None, steps: Steps, new: Any, policy: ir.Policy) -> Any:
    """A value of a type with something in it, through the first element of each list."""
    if isinstance(type_, ir.ListType):
        elements = value if type(value) is list and value else [None]
        return [_put(elements[0], type_.of, steps, new, policy), *elements[1:]]
    if not steps:
        return new
    step, *rest = steps
    fields: dict[str, ir.Type] = {}
    if isinstance(type_, ir.RecordType):
        fields = {each.name: each.type for each in type_.fields}
        if type(value) is not dict:
            value = sample(type_, policy)
    holder = dict(value) if type(value) is dict else {}
    inner = _put(holder.get(step), fields.get(step), tuple(rest), new, policy) if rest else new
    return {**holder, step: inner}
