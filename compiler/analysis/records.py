"""Whether a record gives the facts of a witness: the shortest one that there is, of a task that was just started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ir import nodes as ir
from ..meaning.facts import facts
from ..meaning.request import Call

TIME = "2026-01-01T00:00:00Z"  # of a witness that may be of any: without one nothing is known of before
ASSUMED = "its facts are assumed: a task that was just started does not have them"


def recorded(
    policy: ir.Policy, request: dict[str, Any], fits: Callable[[Call], bool]
) -> dict[str, Any]:
    """Give a request with the facts of a short record, if it still fits, else as it is."""
    if not _has_facts(request):
        return request
    timed = {**request, "context": {"time": TIME, **request["context"]}}
    made = _by_record(policy, timed)
    call = Call.read(policy, made)
    return made if call is not None and fits(call) else request


def assumes_facts(policy: ir.Policy, request: dict[str, Any]) -> bool:
    """Whether a request has facts that the short record does not give."""
    return _has_facts(request) and _by_record(policy, request) != request


def assumed(policy: ir.Policy, request: dict[str, Any]) -> tuple[str, ...]:
    """The note of a witness whose facts are assumed."""
    return (ASSUMED,) if assumes_facts(policy, request) else ()


def _has_facts(request: dict[str, Any]) -> bool:
    return not {"meters", "sources"}.isdisjoint(request.get("context", {}))


def _by_record(policy: ir.Policy, request: dict[str, Any]) -> dict[str, Any]:
    context = request["context"]
    task, user = context.get("task"), context.get("user")
    line = {
        "time": context.get("time"),
        "event": "task",
        "agent": request["subject"]["id"],
        "task": task,
    }
    if isinstance(user, dict) and "id" in user:
        line["user"] = {"id": user["id"]}
    made: dict[str, Any] = facts(policy, [line], request)
    return made
