"""A monitor under watch: it writes a record, of which the reference function has to make the same facts."""

from __future__ import annotations

import copy
from typing import Any

from generators.histories import Whole, policy_of_histories

from agpc.compiler.meaning.facts import facts
from agpc.monitor import Limits, Monitor
from agpc.runtime.time_text import format_time

POLICY = policy_of_histories()
WHOLE = Whole(POLICY)
START = 1_795_000_000_000_000_000
SECOND = 10**9


class Watched:
    """A monitor, the record that it writes, and a clock that stands still."""

    def __init__(self, policy: Any = WHOLE, limits: Limits | None = None, record: Any = ()) -> None:
        self.time = START
        self.lines: list[dict[str, Any]] = list(record)
        self.monitor = Monitor(
            policy,
            record=record,
            limits=limits,
            clock=lambda: self.time,
            journal=lambda line: self.lines.append(copy.deepcopy(line)),
        )

    def now(self) -> str:
        return format_time(self.time)


def facts_in(request: Any) -> dict[str, Any]:
    context = request["context"]
    found = {kind: context.get(kind, {}) for kind in ("meters", "sources")}
    return {**found, "delegation": context.get("delegation")}


def check(watched: Watched, request: Any) -> None:
    """A request has the facts that follow from the record, and its own claims are dropped."""
    got = watched.monitor.facts(copy.deepcopy(request))
    if got == request or not isinstance(got["context"].get("time"), str):
        return  # refused before it is decided
    wanted = facts_in(facts(POLICY, watched.lines, got))
    found = facts_in(got)
    if got["action"]["name"] == "nothing":  # of what nobody declared nothing is asked
        assert (found["meters"], found["sources"]) == ({}, {})
        return
    assert found == wanted, watched.lines
