"""What the service says of leases, as people read it; every text is shown so that nothing in it hides or moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ....service.causes import CAUSES
from .answers import beside, columns, items_of, object_of, text_of, to_the_second


def listed(answer: Mapping[str, Any]) -> list[str]:
    """Leases, a line each."""
    rows = [
        (
            text_of(each.get("lease")),
            _state(each, each.get("good", True)),
            to_the_second(each.get("expires_at")),
            text_of(each.get("task")),
            text_of(each.get("agent")),
            " ".join(text_of(name) for name in items_of(each.get("capabilities"))),
        )
        for each in map(object_of, items_of(answer.get("leases")))
    ]
    return columns(rows)


def _state(lease: Mapping[str, Any], good: object) -> str:
    state = text_of(lease.get("state"))
    if state == "active" and good is not True:
        return "active, and not good until it was looked at again"
    return state


def of_list(answer: Mapping[str, Any]) -> str | None:
    """What is to be said of a list beside its rows."""
    return beside(answer, "leases", "there are no leases")


def shown(answer: Mapping[str, Any]) -> str:
    """A lease with all that is known of it."""
    return "\n".join(_shown(answer))


def _shown(answer: Mapping[str, Any]) -> Iterator[str]:
    lease = object_of(answer.get("lease"))
    state = _state(lease, answer.get("good"))
    yield f"{text_of(lease.get('lease'))}  {state}"
    yield f"  agent    {text_of(lease.get('agent'))}"
    yield f"  task     {text_of(lease.get('task'))}"
    for name in items_of(lease.get("capabilities")):
        yield f"  for      {text_of(name)}"
    yield f"  issued   {text_of(lease.get('issued_at'))}"
    yield f"  until    {text_of(lease.get('expires_at'))}, renewals left: {text_of(lease.get('renewals_left'))}"
    if "cause" in lease:
        cause = lease["cause"]
        why = CAUSES.get(cause) if type(cause) is str else None
        yield f"  ended    {text_of(lease.get('ended_at'))}: {why or text_of(cause)}"
        if type(said := lease.get("why")) is str:
            yield f"  why      {text_of(said)}"


def ended(answer: Mapping[str, Any]) -> str:
    """That a lease was ended, or had ended before."""
    id = text_of(answer.get("lease"))
    if answer.get("had_ended") is not True:
        return f"{id} was revoked"
    state, at = text_of(answer.get("state")), answer.get("ended_at", answer.get("expires_at"))
    return f"{id} had ended before: {state} at {text_of(at)}"
