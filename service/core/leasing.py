"""What a lease may be: whether the policy permits its capabilities, for how long, and until when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...monitor.starts import rests_on_people
from ...runtime.decision import Decision
from ...runtime.time_text import format_time
from ...runtime.values import NANOSECONDS
from ..policies.times import times_in
from ..store import Reading, Task
from .asked import as_asked
from .questions import approvals_of
from .state import Active

ANY = "*"
"""The id of the resource that a lease is decided with: no rule that it may rest on reads it."""
_MINUTE = 60 * NANOSECONDS


@dataclass(frozen=True, slots=True)
class Terms:
    """What a lease is permitted to be.

    `request` has the subject and the context that it was decided with, which all its capabilities share; `until` is the
    first moment at which the policy permits it no more because of time alone.
    """

    request: dict[str, Any]
    ttl: int
    renew: int
    until: int
    agreed: bool


def asked_of(capability: str, shared: dict[str, Any]) -> dict[str, Any]:
    """Give the request by which a lease is decided for one of its capabilities."""
    kind, _, action = capability.rpartition(".")
    return {
        "subject": shared["subject"],
        "action": {"name": action},
        "resource": {"type": kind, "id": ANY},
        "context": shared["context"],
    }


def why_none(active: Active, capability: str) -> str | None:
    """Say why no lease may stand for a declared capability, whoever asks."""
    generation = active.generation
    if capability.rpartition(".")[0] in generation.conformance:
        return "it is there for conformance tests alone"
    return generation.without_leases.get(capability)


def is_declared(active: Active, capability: str) -> bool:
    """Whether a policy has a capability, under this very name."""
    kind, _, action = capability.rpartition(".")
    return bool(active.engine.capability(kind, action) == capability)


def terms(
    active: Active,
    reading: Reading,
    task: Task,
    capabilities: Sequence[str],
    asked_for: dict[str, Any],
    at: int,
    longest: int,
) -> Terms | Decision:
    """Decide a lease as it would be issued now; what stands in its way is the decision on one of its capabilities."""
    for each in capabilities:
        if not is_declared(active, each):
            return _denied(f"`{each}` is no capability of the policy")
        why = why_none(active, each)
        if why is not None:
            return _denied(f"no lease may stand for `{each}`: {why}")
    request = _request(active, reading, task, asked_for, at)
    decisions = _decided(active, capabilities, request)
    if any(each.effect == "challenge" for each in decisions):
        given = [
            approval
            for each in capabilities
            for approval in approvals_of(reading, task.id, each, None, at)
        ]
        if given:
            request = {**request, "context": {**request["context"], "approvals": given}}
            decisions = _decided(active, capabilities, request)
    for name, decision in zip(capabilities, decisions, strict=True):
        if decision.effect != "permit":
            return decision
        if decision.credential is None:
            return _denied(f"no rule gives a credential for `{name}`")
    found = [each.credential for each in decisions if each.credential is not None]
    ttl = min(longest, *(each["ttl_seconds"] * NANOSECONDS for each in found))
    timed = [each for each in capabilities if each in active.generation.timed]
    until = _until(active, timed, request, at, at + ttl) if timed else at + ttl
    return Terms(
        request=request,
        ttl=ttl,
        renew=min(each["renew"] for each in found),
        until=until,
        agreed=any(map(rests_on_people, decisions)),
    )


def _request(
    active: Active, reading: Reading, task: Task, asked_for: dict[str, Any], at: int
) -> dict[str, Any]:
    """Give what all capabilities of a lease share of a request."""
    subject: dict[str, Any] = {"type": "agent", "id": task.agent}
    if asked_for.get("properties") is not None:
        subject["properties"] = asked_for["properties"]
    asked = as_asked(
        active.generation.attributes,
        reading,
        {
            "subject": subject,
            "action": {"name": ""},
            "resource": {"type": "", "id": ANY},
            "context": asked_for["context"],
        },
        task,
    )
    return {
        "subject": asked["subject"],
        "context": {**asked["context"], "time": format_time(at)},
    }


def _decided(
    active: Active, capabilities: Sequence[str], request: dict[str, Any]
) -> list[Decision]:
    return [active.engine.decide(asked_of(each, request)) for each in capabilities]


def _until(
    active: Active, capabilities: Sequence[str], request: dict[str, Any], at: int, end: int
) -> int:
    """Give the first moment before `end` at which time alone ends a lease; `end` if there is none.

    Windows change at whole minutes, and all else at times that stand in the policy or in the request: it is looked for from
    one of these to the next, and then between two. Evidence gets too old at any time, but never young again, so that the
    last moment before the next one tells.
    """
    told = (*active.generation.instants, *times_in(json.dumps(request)))
    stops = sorted({each for each in told if at < each < end}, reverse=True)
    is_aging = "approvals" in request["context"]

    def permits(moment: int) -> bool:
        context = {**request["context"], "time": format_time(moment)}
        decisions = _decided(active, capabilities, {**request, "context": context})
        return all(each.effect == "permit" for each in decisions)

    good = bad = at
    while bad < end:
        good, bad = bad, min((bad // _MINUTE + 1) * _MINUTE, end)
        if stops and stops[-1] <= bad:
            bad = stops.pop()
        if is_aging and bad - good > 1 and not permits(bad - 1):
            bad -= 1
            break
        if not permits(bad):
            break
    else:
        return end
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if permits(middle) else (good, middle)
    return bad


def _denied(why: str) -> Decision:
    return Decision("deny", reasons=(why,))
