"""How leases end: by somebody's word, with a task, or because their time is over."""

from __future__ import annotations

import json
from typing import Any

from ...store import Lease
from ..approvals.acting import chain_of
from ..turns.step import Step

ACTIVE, REVOKED, EXPIRED = "active", "revoked", "expired"
_NOTHING = "{}"
"""What is kept of what a lease was decided by, once it has ended: the trail has it, as far as it may."""


def ended_with(step: Step[Any], task: str, state: str) -> None:
    """End the leases that rest on a task that has ended or drifted, in the turn in which it did."""
    for lease in active_of(step, task):
        end(step, lease, step.turn.tick(), "task", f"the task is {state}")
    for lease in _acting_for(step, task):
        why = f"its agent acts for {task}, which is {state}"
        end(step, lease, step.turn.tick(), "task", why)


def end(
    step: Step[Any],
    lease: Lease,
    at: int,
    cause: str,
    why: str | None,
    *,
    signal: int | None = None,
) -> None:
    """End a lease; `signal` is the event that tells of the signal which ends it."""
    lease.state, lease.ended, lease.cause = REVOKED, at, cause
    lease.asked_for = _NOTHING
    told: dict[str, Any] = {"lease": lease.id, "task": lease.task, "cause": cause, **proof_of(step)}
    if why is not None:
        told["why"] = why
    if signal is not None:
        told["signal"] = signal
    lease.end_seq = step.append("revoked", at, told, task=lease.task)
    step.turn.put(lease)


def proof_of(step: Step[Any]) -> dict[str, str]:
    """What an event says of the proof that was used up with it."""
    proof = getattr(step.operation, "proof", None)
    return {} if proof is None else {"proof": proof}


def lapse(step: Step[Any], lease: Lease) -> None:
    """Note that the time of a lease is over. It is no event: each said beforehand when that would be."""
    lease.state, lease.asked_for = EXPIRED, _NOTHING
    step.turn.put(lease)


def active_of(step: Step[Any], task: str) -> list[Lease]:
    """Give the leases of a task that have not ended."""
    where = "task = ? AND state = 'active' AND expires > ? ORDER BY seq"
    return step.turn.find(Lease, where, (task, step.turn.time), kept=True)


def _acting_for(step: Step[Any], task: str) -> list[Lease]:
    """Give leases of other tasks whose chain, as whoever enforces has named it, has this one in it."""
    where = "chained AND state = 'active' AND expires > ? AND asked_for LIKE ? ORDER BY seq"
    likely = step.turn.find(Lease, where, (step.turn.time, f"%{task}%"), kept=True)
    return [each for each in likely if task in _named_in(each)]


def _named_in(lease: Lease) -> list[Any]:
    return [id for _, id in chain_of(json.loads(lease.asked_for))]
