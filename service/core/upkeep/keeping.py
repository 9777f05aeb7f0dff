"""How the trail is kept: checkpoints are signed, full tiles laid aside, and bodies pruned whose time has come."""

from __future__ import annotations

from typing import Any

from ....runtime.time_text import format_time
from ...audit import checkpoints
from ...audit.tree import Edge
from ...store import Checkpoint, Reading
from ..operations.operations import Prune, Publish
from ..operations.problem import unavailable
from ..turns.step import Step
from . import tiles

AT_ONCE = 5_000  # bodies that are pruned in one turn


def publish(step: Step[Publish]) -> dict[str, Any]:
    """Sign the log as it is, unless nothing was added since the last time. It is no event, as it says nothing new."""
    turn, signer = step.turn, step.settings.signer
    if signer is None:
        raise unavailable("the service has no key to sign the log with")
    head, before = turn.head, latest(turn)
    if before is not None and before.size == head.seq:
        return {"size": before.size, "checkpoint": before.note}
    tiles.keep(turn, 0 if before is None else before.size, head.seq)
    edge = Edge.from_bytes(head.edge) if head.seq else Edge()
    note = checkpoints.signed(signer, edge)
    turn.put(Checkpoint(head.seq, turn.time, note))
    return {"size": head.seq, "checkpoint": note}


def latest(reading: Reading) -> Checkpoint | None:
    """Give the latest checkpoint that was signed."""
    found = reading.find(Checkpoint, "size <= ? ORDER BY size DESC LIMIT 1", (reading.head.seq,))
    return found[0] if found else None


def prune(step: Step[Prune]) -> dict[str, Any]:
    """Let bodies go that are older than a time, but for policies, public keys, and tasks that are still active. Leaves stay.

    It takes as many as one turn may: `more` says that there are others.
    """
    turn, before = step.turn, step.operation.before
    old = turn.select(
        "SELECT e.seq FROM event e LEFT JOIN task t ON t.id = e.task"
        " WHERE e.time < ? AND e.body IS NOT NULL AND e.kind NOT IN ('generation', 'passkey')"
        " AND (t.state IS NULL OR t.state <> 'active') ORDER BY e.seq LIMIT ?",
        (before, AT_ONCE),
    )
    if not old:
        return {"pruned": 0, "more": False}
    told = {
        "what": "prune",
        "before": format_time(before),
        "first": old[0][0],
        "last": old[-1][0],
        "count": len(old),
    }
    seq = step.append("admin", turn.tick(), told)
    turn.write("UPDATE event SET body = NULL WHERE seq = ?", old)
    answer = {"pruned": len(old), "more": len(old) == AT_ONCE}
    return step.answered(answer, seq)
