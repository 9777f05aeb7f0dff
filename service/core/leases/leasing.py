"""What a lease may be: whether the policy permits its capabilities, for how long, and until when."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....monitor.starts import rests_on_people
from ....runtime.call import fields_of
from ....runtime.decision import Decision
from ....runtime.time_text import format_time
from ....runtime.values import NANOSECONDS
from ...policies.times import changes_of, times_in
from ...store import Person, Reading, Session, Task
from ..approvals.questions import approvals_of
from ..deciding.asked import as_asked
from ..people.sessions import needs_step_up, shown_by, step_up_of
from ..turns.state import Active

ANY = "*"
"""The id of the resource that a lease is decided with: no rule that it may rest on reads it."""
_MINUTE = 60 * NANOSECONDS
MOST_MOMENTS = 2_000
"""Moments that are looked at for one lease: more than a day has minutes."""


@dataclass(frozen=True, slots=True)
class LeaseTerms:
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
) -> LeaseTerms | Decision:
    """Decide a lease as it would be issued now; what stands in its way is the decision on one of its capabilities."""
    for each in capabilities:
        if not is_declared(active, each):
            return _denied(f"`{each}` is no capability of the policy")
        why = why_none(active, each)
        if why is not None:
            return _denied(f"no lease may stand for `{each}`: {why}")
    request = _request(active, reading, task, asked_for, at)
    decisions = _decided(active, capabilities, request)
    sessions: list[Session] = []
    if any(each.effect == "challenge" for each in decisions):
        given: dict[str, Any] = {}
        given["approvals"] = [
            approval
            for each in capabilities
            for approval in approvals_of(reading, task.id, each, None, at)
        ]
        if any(map(needs_step_up, decisions)):
            sessions = shown_by(reading, fields_of(request["context"].get("user")).get("id"), at)
            given["step_up"] = step_up_of(sessions)
        given = {name: each for name, each in given.items() if each}
        if given:
            request = {**request, "context": {**request["context"], **given}}
            decisions = _decided(active, capabilities, request)
    for name, decision in zip(capabilities, decisions, strict=True):
        if decision.effect != "permit":
            return decision
        if decision.credential is None:
            return _denied(f"no rule gives a credential for `{name}`")
    found = [each.credential for each in decisions if each.credential is not None]
    ttl = min(longest, *(each["ttl_seconds"] * NANOSECONDS for each in found))
    shown = {item["id"] for each in decisions for item in each.evidence}
    end = min([at + ttl, *(each.ends for each in sessions if each.id in shown)])
    timed = [each for each in capabilities if each in active.generation.timed]
    end = _known_until(reading, decisions, [each for each in sessions if each.id in shown], end)
    ends = _ends_of(reading, request, sessions) if timed else {}
    until = _until(active, timed, request, at, end, ends) if timed else end
    return LeaseTerms(
        request=request,
        ttl=ttl,
        renew=min(each["renew"] for each in found),
        until=until,
        agreed=any(map(rests_on_people, decisions)) or any(each.id in shown for each in sessions),
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


def _known_until(
    reading: Reading, decisions: Sequence[Decision], sessions: Sequence[Session], end: int
) -> int:
    """Give until when all of the people are known on whom decisions and sessions rest; `end` at the latest."""
    names = {each.get("by") for decision in decisions for each in decision.evidence}
    names |= {each.person for each in sessions}
    people = [reading.get(Person, each) for each in names if type(each) is str]
    return min([end, *(each.until for each in people if each and each.until is not None)])


def _ends_of(
    reading: Reading, request: dict[str, Any], sessions: Sequence[Session]
) -> dict[str, int]:
    """Give when what people gave counts no more, of all that a request has of it and that has an end of its own."""
    by = {each["id"]: each["by"] for each in request["context"].get("approvals", ())}
    by |= {each.id: each.person for each in sessions}
    found = {each.id: each.ends for each in sessions}
    for id, name in by.items():
        person = reading.get(Person, name)
        if person is not None and person.until is not None:
            found[id] = min(found.get(id, person.until), person.until)
    return found


def _then(context: dict[str, Any], ends: Mapping[str, int], moment: int) -> dict[str, Any]:
    """Give a context as it is at a later moment: what counts no more by then is not in it."""
    given: dict[str, Any] = {
        name: [each for each in context[name] if ends.get(each["id"], moment + 1) > moment]
        for name in ("approvals", "step_up")
        if name in context
    }
    return {**context, **given, "time": format_time(moment)}


def _decided(
    active: Active, capabilities: Sequence[str], request: dict[str, Any]
) -> list[Decision]:
    return [active.engine.decide(asked_of(each, request)) for each in capabilities]


def _until(
    active: Active,
    capabilities: Sequence[str],
    request: dict[str, Any],
    at: int,
    end: int,
    ends: Mapping[str, int],
) -> int:
    """Give the first moment before `end` at which time alone ends a lease; `end` if there is none.

    What is decided changes where a window opens or closes, and at times that stand in the policy or in the request: it is
    the same from one of these to the next. Evidence gets too old at any time, but never young again, so that the last
    moment before the next one tells. What is asked to be of some age is looked at from minute to minute.

    INVARIANT: no more than `MOST_MOMENTS` are looked at. A lease that has more of them ends at the last one.
    """
    moments = _moments(active, capabilities, request, at, end)
    if len(moments) > MOST_MOMENTS:
        end = moments[MOST_MOMENTS]
        moments = moments[:MOST_MOMENTS]
    context = request["context"]
    is_aging = "approvals" in context or "step_up" in context
    is_sudden = not is_aging and active.generation.aging.isdisjoint(capabilities)

    def permits(moment: int) -> bool:
        told = {**request, "context": _then(context, ends, moment)}
        return all(each.effect == "permit" for each in _decided(active, capabilities, told))

    good = at
    for bad in (*moments, end):
        if not is_sudden and bad - good > 1 and not permits(bad - 1):
            return _first(permits, good, bad - 1)
        if bad != end and not permits(bad):
            return bad
        good = bad
    return end


def _moments(
    active: Active, capabilities: Sequence[str], request: dict[str, Any], at: int, end: int
) -> list[int]:
    """Give the moments between two at which what is decided may change, in their order."""
    generation = active.generation
    told = generation.instants | times_in(json.dumps(request))
    found = {*told, *(each + 1 for each in told)}  # before it, at it, and after it
    windows = {one for each in capabilities for one in generation.windows.get(each, ())}
    for window in windows:
        found.update(changes_of(window, at, end))
    if not generation.aging.isdisjoint(capabilities):
        found.update(range((at // _MINUTE + 1) * _MINUTE, end, _MINUTE))
    return sorted(each for each in found if at < each < end)


def _first(permits: Callable[[int], bool], good: int, bad: int) -> int:
    """Give the first moment that is not permitted, between one that is and one that is not."""
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if permits(middle) else (good, middle)
    return bad


def _denied(why: str) -> Decision:
    return Decision("deny", reasons=(why,))
