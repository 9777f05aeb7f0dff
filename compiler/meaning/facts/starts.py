"""Whether a person agreed to the start of a task inside another: its permit rested on a confirmation or an approval.

What the start rested on is decided again, by the policy at hand, with the facts that follow from the lines before it.
"""

from __future__ import annotations

from typing import Any

from ....runtime.time_text import format_time
from ....runtime.values import json_equal
from ...ir import nodes as ir
from ...ir.starts import KIND, START
from ..interpreter import decide
from ..request import Call, as_object
from .known import facts_of
from .record import Record, Recorded, Started


def rests_on_people(policy: ir.Policy, before: Record, call: Call, time: int) -> bool:
    """Whether a recorded call starts a task with what a person confirmed or approved."""
    if not _starts(policy, call) or not call.evidence.get("approvals"):
        return False
    from ....runtime.evidence import agrees  # which a check of policies does not need

    request = {**call.request, "context": {**call.evidence, "time": format_time(time)}}
    answer = decide(policy, facts_of(policy, before, request))
    return any(agrees(each["kind"]) for each in answer.evidence)


def _starts(policy: ir.Policy, call: Call) -> bool:
    name, _, action = str(call.capability).rpartition(".")
    return action == START and any(
        each.name == name and each.kind == KIND for each in policy.resources
    )


def was_agreed(policy: ir.Policy, before: Record, started: Started) -> bool:
    """Whether a person agreed to the start of a task, with the very fields that it has."""
    return any(
        each.agreed and each.was_permitted(started.time) and _is_start_of(policy, each, started)
        for each in before.calls
    )


def _is_start_of(policy: ir.Policy, recorded: Recorded, started: Started) -> bool:
    intent = next(
        (each for each in policy.intents if each.name == started.fields.get("intent")), None
    )
    given = as_object(recorded.call.arguments)
    return (
        intent is not None
        and recorded.task == started.parent
        and recorded.call.capability == f"{intent.name}.{START}"
        and recorded.call.resource_id == started.id
        and all(
            _same(started.fields.get(each.name), given.get(each.name)) for each in intent.fields
        )
    )


def _same(one: Any, other: Any) -> bool:
    """Whether a field is what was asked for; what is absent may be null."""
    return one is other if one is None or other is None else json_equal(one, other)
