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


def check(watched: Watched, request: Any, *, all_known: bool = True) -> None:
    """A request has the facts that follow from the record, and its own claims are dropped."""
    got = watched.monitor.facts(copy.deepcopy(request))
    if got == request or not isinstance(got["context"].get("time"), str):
        return  # refused before it is decided
    wanted = facts_in(facts(POLICY, watched.lines, got))
    found = facts_in(got)
    if not all_known:
        assert_are_among(found, wanted)
        return
    if got["action"]["name"] == "nothing":  # of what nobody declared nothing is asked
        assert (found["meters"], found["sources"]) == ({}, {})
        return
    assert_are_among(found, wanted)
    assert_are_among(wanted, found)


def assert_are_among(found: Any, wanted: Any) -> None:
    """What is known is as it follows from the record."""
    for kind in ("meters", "sources"):
        known = wanted.get(kind, {})
        wrong = {
            key: value for key, value in found.get(kind, {}).items() if known.get(key) != value
        }
        assert not wrong, {key: (value, known.get(key)) for key, value in wrong.items()}
    links = [each["delegation"] or [] for each in (found, wanted) if isinstance(each.get("delegation"), list)]  # fmt: skip
    for one, other in zip(*links, strict=True) if links else ():
        if isinstance(one, dict):
            assert_are_among(one, other)
