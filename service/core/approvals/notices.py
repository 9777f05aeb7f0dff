"""Who has to be told that something waits for people: of each request once through each channel."""

from __future__ import annotations

import json
from typing import Any

from ....runtime.time_text import format_time
from ...store import Notice, Reading, Request
from ..operations.of_people import Notify
from ..turns.step import Step
from .questions import PENDING

AT_ONCE = 100  # requests of one turn
_UNTOLD = f"state = '{PENDING}' AND expires > ? AND call > ? ORDER BY call LIMIT ?"


def notify(step: Step[Notify]) -> dict[str, Any]:
    """Take on to tell people of requests: whoever sends does so after this has lasted, so that nobody is told twice."""
    turn, channel = step.turn, step.operation.channel
    found = untold(turn, channel, turn.time)
    if found:
        turn.put(Notice(channel, found[-1].call))
    return {"requests": [_told(each) for each in found], "more": len(found) == AT_ONCE}


def untold(reading: Reading, channel: str, now: int, most: int = AT_ONCE) -> list[Request]:
    """Give open requests of which nobody was told through a channel, in the order in which they were asked."""
    told = reading.get(Notice, channel)
    return reading.find(Request, _UNTOLD, (now, -1 if told is None else told.upto, most))


def _told(question: Request) -> dict[str, Any]:
    """What may be told to whoever reads a channel: nothing that an agent or a person wrote."""
    requirements = json.loads(question.asks)["requirements"]
    return {
        "id": question.id,
        "agent": question.agent,
        "capability": question.capability,
        "requirements": requirements,
        "expires_at": format_time(question.expires),
    }
