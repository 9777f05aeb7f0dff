"""What was done before, and where values come from, kept in a store as calls happen: `Facts` is told, and asked.

Meaning is the monitor's (`agpc.monitor`); what is here keeps it in rows, so that a decision costs the same whatever
there is, and a process that starts knows everything. In a turn:

    facts = Facts(engine.facts, limits)
    facts.adopt(turn)                                        # when its policy becomes active
    facts.prepare(turn, [(capability, request, task), ...])  # of a batch, in few statements
    request, own = facts.known(turn, capability, request, task, now)
    turn.add(call)                                           # decided at `call.at`, which is `now`
    facts.called(turn, call, request, own, agreed=rests_on_people(decision))
    facts.started(turn, task)                                # whose row was added, after the call that starts it
    facts.became(turn, call, "done", result)
    facts.ended(turn, task)                                  # whose row says so

Each step is at the time of the turn.

Begin with `facts.py`.
"""

from __future__ import annotations

from ...monitor.own import Own
from .facts import Facts

__all__ = ["Facts", "Own"]
