"""How a lease stands, to whoever asks about it."""

from __future__ import annotations

import json
from typing import Any

from ....runtime.time_text import format_time
from ...store import Lease, Task
from .ending import ACTIVE, EXPIRED


def state_of(lease: Lease, now: int) -> str:
    """Give the state of a lease at a time, whether or not somebody has noticed.

    One that was decided later, before an operator set the clock back, lasts no longer for it.
    """
    if lease.state == ACTIVE and not lease.decided <= now < lease.expires:
        return EXPIRED
    return lease.state


def is_good(lease: Lease, task: Task | None, policy: str | None, now: int) -> bool:
    """Whether a lease holds: one that was not looked at under the active policy does not, until it is."""
    return (
        state_of(lease, now) == ACTIVE
        and lease.policy == policy
        and task is not None
        and task.state == "active"
    )


def shown(lease: Lease, now: int) -> dict[str, Any]:
    """Give a lease as callers see it."""
    found: dict[str, Any] = {
        "lease": lease.id,
        "task": lease.task,
        "agent": lease.agent,
        "capabilities": json.loads(lease.capabilities),
        "state": state_of(lease, now),
        "issued_at": format_time(lease.issued),
        "decided_at": format_time(lease.decided),
        "expires_at": format_time(lease.expires),
        "renewals_left": max(0, lease.renew - lease.renewed),
        "policy": lease.policy,
    }
    if lease.ended is not None:
        found["ended_at"] = format_time(lease.ended)
    if lease.cause is not None:
        found["cause"] = lease.cause
    return found
