"""Approvals, confirmations and step-ups: whether a request carries the evidence that a rule requires.

Evidence that is malformed is evidence that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from .call import Call
from .values import (
    NANOSECONDS,
    is_identity,
    is_text,
    json_equal,
    read_time,
)

_WORKLOAD = "spiffe://"

Given = tuple[int, dict[str, Any]]
"""When evidence was given, and what was."""


@dataclass(frozen=True, slots=True)
class StepUp:
    """A stronger authentication of the user, at most `within` seconds ago."""

    method: str
    within: int | None = None

    kind: ClassVar[str] = "step_up"
    agrees: ClassVar[bool] = False  # it shows who somebody is, and not what they agree to
    by_several: ClassVar[bool] = False
    named_by: ClassVar[str] = "method"
    count: ClassVar[int] = 1

    def shown(self, call: Call, user_declared: bool) -> list[Given]:
        """Give the evidence that counts."""
        return [
            (at, each)
            for each in _objects(call.context.get("step_up"))
            if _same(each.get("method"), self.method)
            and (at := _came(each, self.within, call.now)) is not None
        ]

    def can_be_given(self, call: Call, user_declared: bool) -> bool:
        """Whether anybody could still show it."""
        return call.now is not None

    def describe(self, rule: str) -> dict[str, Any]:
        """Say what would meet it, as JSON data."""
        return {
            "rule": rule,
            "type": "step_up",
            "method": self.method,
            "within_seconds": self.within,
        }


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A yes to this exact call of the person on whose behalf the agent acts, at most `within` seconds ago."""

    within: int | None = None

    kind: ClassVar[str] = "confirmation"
    agrees: ClassVar[bool] = True
    by_several: ClassVar[bool] = False
    named_by: ClassVar[str] = "by"
    count: ClassVar[int] = 1

    def shown(self, call: Call, user_declared: bool) -> list[Given]:
        """Give the evidence that counts."""
        person = _confirmer(call)
        if person is None:
            return []
        return [
            (at, each)
            for each in _objects(call.context.get("approvals"))
            if _same(each.get("by"), person)
            and (at := _came(each, self.within, call.now)) is not None
            and _is_for(each, call, False)
        ]

    def can_be_given(self, call: Call, user_declared: bool) -> bool:
        """Whether anybody could still give it."""
        return call.now is not None and _confirmer(call) is not None and _can_be_named(call, False)

    def describe(self, rule: str) -> dict[str, Any]:
        """Say what would meet it, as JSON data."""
        return {"rule": rule, "type": "confirmation", "within_seconds": self.within}


@dataclass(frozen=True, slots=True)
class Approval:
    """Approvals by `count` people, by role or identity, at most `within` seconds ago.

    Each is for one exact call, or, `per_task`, for every call of the capability in the task.
    """

    by: tuple[str, ...]
    count: int = 1
    within: int | None = None
    per_task: bool = False

    kind: ClassVar[str] = "approval"
    agrees: ClassVar[bool] = True
    by_several: ClassVar[bool] = True
    named_by: ClassVar[str] = "by"

    def shown(self, call: Call, user_declared: bool) -> list[Given]:
        """Give the evidence that counts: that of nobody who acts, or is acted for."""
        if not _user_is_known(call, user_declared):
            return []
        barred = [call.user.get("id"), *_actors(call)]
        return [
            (at, each)
            for each in _objects(call.context.get("approvals"))
            if each.get("by") not in barred
            and (at := _came(each, self.within, call.now)) is not None
            and _is_for(each, call, self.per_task)
            and self._is_by(each)
        ]

    def _is_by(self, evidence: dict[str, Any]) -> bool:
        """Whether it is by one of those asked for; a workload approves only by its very identity, which is no role."""
        by: str = evidence["by"]
        return by in self.by or (
            not by.startswith(_WORKLOAD)
            and any(
                each in evidence["roles"] and not each.startswith(_WORKLOAD) for each in self.by
            )
        )

    def can_be_given(self, call: Call, user_declared: bool) -> bool:
        """Whether anybody could still give it."""
        return (
            call.now is not None
            and _user_is_known(call, user_declared)
            and _can_be_named(call, self.per_task)
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


Requirement = Approval | StepUp | Confirmation
KINDS: dict[str, type[Requirement]] = {each.kind: each for each in get_args(Requirement)}
"""What answers call each kind of evidence."""


def agrees(kind: object) -> bool:
    """Whether by evidence of a kind somebody says yes to a call. Raises `ValueError` for a kind that nobody knows."""
    found = KINDS.get(kind) if type(kind) is str else None
    if found is None:
        raise ValueError(f"no kind of evidence: {kind}")
    return found.agrees


def _came(evidence: dict[str, Any], within: int | None, now: int | None) -> int | None:
    """When it was given: in the past, no more than `within` seconds ago, and its `id` is one, if it has any."""
    given = evidence.get("id")
    if now is None or (given is not None and not is_identity(given)):
        return None
    at = read_time(evidence.get("at"))
    if at is None or at > now or (within is not None and now - at > within * NANOSECONDS):
        return None
    return at


def _is_for(evidence: dict[str, Any], call: Call, per_task: bool) -> bool:
    """Whether somebody said yes to this call, or to its capability in this task."""
    roles, task = evidence.get("roles"), call.task.get("id")
    if not is_identity(evidence.get("by")):
        return False
    if type(roles) is not list or not all(map(is_text, roles)):
        return False
    return (
        is_identity(task)
        and _same(evidence.get("task"), task)
        and _same(evidence.get("capability"), call.capability)
        and (per_task or _is_of_this_call(evidence, call))
    )


def _is_of_this_call(evidence: dict[str, Any], call: Call) -> bool:
    """Whether an approval names the resource and the arguments of the call."""
    args = evidence.get("args")
    return (
        _same(evidence.get("resource"), call.resource_id)
        and type(args) is dict
        and json_equal(args, call.request["action"].get("properties"))
    )


def _can_be_named(call: Call, per_task: bool) -> bool:
    """Whether evidence could say that it is for this call, or for its task."""
    return is_identity(call.task.get("id")) and (
        per_task or type(call.request["action"].get("properties")) is dict
    )


def _actors(call: Call) -> list[object]:
    """Give the agents that nobody may approve as: the one that acts, and those that it acts for."""
    chain = call.context.get("delegation")
    if not chain:
        return [call.agent_id]
    return [call.agent_id, *(each.get("agent") for each in _objects(chain))]


def _user_is_known(call: Call, user_declared: bool) -> bool:
    """Whether it is clear who may not approve.

    Where the policy declares a `user` block, a request that names no user has no approval.
    """
    user = call.context.get("user")
    if user is None:
        return not user_declared
    return type(user) is dict and is_identity(user.get("id"))


def _confirmer(call: Call) -> str | None:
    """Give who may confirm: the user, if that is a person at all and does not act himself."""
    user: Any = call.user.get("id")
    if not is_identity(user) or user.startswith(_WORKLOAD) or user in _actors(call):
        return None
    found: str = user
    return found


def _same(value: object, text: object) -> bool:
    """Whether a value is a string and this one."""
    return type(value) is str and value == text


def _objects(value: object) -> list[dict[str, Any]]:
    """Give the JSON objects in a list; none if it is not a list."""
    if type(value) is not list:
        return []
    return [each for each in value if type(each) is dict]
