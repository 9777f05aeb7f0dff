"""The active policy changes by an event like any other; and so does what an operator says of the clock."""

from __future__ import annotations

from typing import Any

from ....runtime.time_text import format_time
from ...store import Generation
from ..operations.operations import AcceptClock, Adopt
from ..operations.problem import Problem
from ..turns.step import Step


def adopt(step: Step[Adopt]) -> dict[str, Any]:
    """Make a policy the active one, unless it is."""
    turn, new = step.turn, step.operation.generation
    before = turn.head.generation
    if before == new.digest:
        return {"policy": new.digest, "changed": False}
    turn.head.generation = new.digest
    at = turn.tick()
    told = {"policy": new.digest, "previous": before, "note": step.operation.note}
    seq = step.append("generation", at, told)
    if turn.get(Generation, new.digest) is None:
        turn.add(Generation(new.digest, seq, at, new.ir, new.mapping_json, new.directory_json))
    step.active.facts.adopt(turn)
    return step.answered({"policy": new.digest, "changed": True}, seq)


def accept_clock(step: Step[AcceptClock]) -> dict[str, Any]:
    """Go on with an earlier time. What was counted by the later one is unknown until the clock has come there again."""
    turn, later = step.turn, step.turn.behind
    if later is None:
        raise Problem(
            409,
            "clock_right",
            "the clock is not behind the latest event: there is nothing to accept",
        )
    at = turn.tick()
    told = {
        "what": "clock",
        "from": format_time(later),
        "to": format_time(at),
        "why": step.operation.why,
    }
    seq = step.append("clock", at, told)
    step.active.facts.doubt(turn, later)
    return step.answered({"time": format_time(at)}, seq)
