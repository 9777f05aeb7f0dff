"""Approvals and step-ups: whether a request carries the evidence that a rule requires.

Evidence that is malformed is evidence that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .call import Call, fields_of
from .values import (
    NANOSECONDS,
    is_identity,
    is_text,
    json_equal,
    read_time,
)


@dataclass(frozen=True, slots=True)
class StepUp:
    """A stronger authentication of the user, at most `within` seconds ago."""

    method: str
    within: int | None = None

    def is_there(self, call: Call, user_declared: bool) -> bool:
        """Whether the request shows it."""
        return any(
            _same(each.get("method"), self.method)
            and _has_come(each.get("at"), self.within, call.now)
            for each in _objects(call.context.get("step_up"))
        )

    def describe(self, rule: str) -> dict[str, Any]:
        """Say what would meet it, as JSON data."""
        return {
            "rule": rule,
            "type": "step_up",
            "method": self.method,
            "within_seconds": self.within,
        }


@dataclass(frozen=True, slots=True)
class Approval:
    """Approvals by `count` people, by role or identity, at most `within` seconds ago.

    Each is for one exact call, or, `per_task`, for every call of the capability in the task.
    """

    by: tuple[str, ...]
    count: int = 1
    within: int | None = None
    per_task: bool = False

    def is_there(self, call: Call, user_declared: bool) -> bool:
        """Whether the request shows it.

        Where the policy declares a `user` block, a request that names no user has no approval: it
        is not clear who may not approve.
        """
        user = call.context.get("user")
        if user is None:
            if user_declared:
                return False
        elif type(user) is not dict or not is_identity(user.get("id")):
            return False
        approvers = {
            each["by"]
            for each in _objects(call.context.get("approvals"))
            if self._counts(each, call)
        }
        return len(approvers) >= self.count

    def _counts(self, evidence: dict[str, Any], call: Call) -> bool:
        """Whether one approval is whole, for this call or task, and by one of those asked."""
        by, roles = evidence.get("by"), evidence.get("roles")
        if not is_identity(by) or by == call.agent_id or by == call.user.get("id"):
            return False
        if type(roles) is not list or not all(is_text(role) for role in roles):
            return False
        task = call.task.get("id")
        return (
            any(each == by or each in roles for each in self.by)
            and _has_come(evidence.get("at"), self.within, call.now)
            and is_identity(task)
            and _same(evidence.get("task"), task)
            and _same(evidence.get("capability"), call.capability)
            and (self.per_task or _is_of_this_call(evidence, call))
        )

    def describe(self, rule: str) -> dict[str, Any]:
        """Say what would meet it, as JSON data."""
        return {
            "rule": rule,
            "type": "approval",
            "by": list(self.by),
            "count": self.count,
            "within_seconds": self.within,
            "per_task": self.per_task,
        }


Requirement = Approval | StepUp


def _is_of_this_call(evidence: dict[str, Any], call: Call) -> bool:
    """Whether an approval names the resource and the arguments of the call."""
    args = evidence.get("args")
    return (
        _same(evidence.get("resource"), call.resource_id)
        and type(args) is dict
        and json_equal(args, call.request["action"].get("properties"))
    )


def _same(value: object, text: object) -> bool:
    """Whether a value is a string and this one."""
    return type(value) is str and value == text


def _has_come(at: object, within: int | None, now: int | None) -> bool:
    """Whether a time is in the past, and no longer ago than `within` seconds."""
    time = read_time(at)
    if time is None or now is None or time > now:
        return False
    return within is None or now - time <= within * NANOSECONDS


def _objects(value: object) -> list[dict[str, Any]]:
    """Give the JSON objects in a list; none if it is not a list."""
    if type(value) is not list:
        return []
    return [fields_of(each) for each in value if type(each) is dict]
