"""The monitor gives the facts of the reference function over the whole record, whatever happens in whatever order."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from engines.conformance_cases import load, policy_of, requests_of
from generators.histories import (
    BOTS,
    VALUES,
    WORDS,
    Whole,
    draw_request,
    draw_result,
    policy_of_histories,
)
from generators.values import pick
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.facts.record import read_record
from agpc.monitor import BrokenRecord, Limits, Monitor, MonitorError

POLICY = policy_of_histories()
WHOLE = Whole(POLICY)
FILES = [
    Path(__file__).parents[1] / "conformance" / f"{name}.json" for name in ("meters", "sources")
]
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


def facts_in(request: Any) -> dict[str, Any]:
    context = request["context"]
    found = {kind: context.get(kind, {}) for kind in ("meters", "sources")}
    return {**found, "delegation": context.get("delegation")}


def expected(policy: Any, lines: Any, request: Any) -> dict[str, Any]:
    """The facts by the reference, as the arguments' names that are asked for."""
    found = facts_in(facts(policy, lines, request))
    return found


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


@settings(phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_its_facts_are_those_of_the_reference(data: st.DataObject) -> None:
    draw = data.draw
    watched = Watched()
    monitor, tasks, calls = watched.monitor, [], []
    for number in range(draw(st.integers(1, 24))):
        watched.time += pick(draw, (0, 1, SECOND, 7 * SECOND, 25 * SECOND))
        step = draw(st.integers(0, 9))
        if step == 0 or not tasks:
            inside = bool(tasks) and draw(st.booleans())
            parent = pick(draw, tuple(tasks))[0] if inside else None
            agent = pick(draw, BOTS)
            fields = {"order": pick(draw, VALUES), "more": [pick(draw, VALUES)], "n": pick(draw, (20, "x", None))}  # fmt: skip
            intent = pick(draw, ("p.work", "p.work", "p.none"))
            monitor.start(
                {"id": f"t{number}x", "intent": intent, **fields},
                agent=agent,
                parent=parent,
                user=pick(draw, (None, {"id": "user:joe"})),
            )
            tasks.append((f"t{number}x", agent))
        elif step == 1:
            monitor.said(pick(draw, tuple(tasks))[0], pick(draw, WORDS))
        elif step < 6:
            request = draw_request(draw, tasks)
            check(watched, request)
            answer = monitor.decide(request)
            if answer.call is not None:
                calls.append(answer)
        elif calls:
            answer = pick(draw, tuple(calls))
            assert answer.call is not None
            what = draw(st.integers(0, 5))
            try:
                if what < 3:
                    monitor.done(answer.call, draw_result(draw, answer.request))
                elif what == 3:
                    monitor.failed(answer.call, draw_result(draw, answer.request))
                elif what == 4:
                    monitor.withdrawn(answer.call)
                else:
                    monitor.refused(answer.call, by="user:ann")
            except MonitorError as error:
                assert "told before" in str(error)
    assert read_record(POLICY, watched.lines).problems == []
    for _ in range(3):
        check(watched, draw_request(draw, tasks))


@pytest.mark.parametrize("path", FILES, ids=[each.stem for each in FILES])
def test_a_record_gives_what_the_reference_makes_of_it(path: Path) -> None:
    """The cases of conformance, in which much happens at one time: each begins with its record."""
    policy, data, asked = policy_of(path), load(path), 0
    whole = Whole(policy)
    for case, request in zip(data["cases"], requests_of(path), strict=True):
        lines = [*data["record"], *case.get("record", [])]
        problems = read_record(policy, lines).problems
        time = facts(policy, lines, request)["context"].get("time") if type(request) is dict and type(request.get("context")) is dict else None  # fmt: skip
        from agpc.runtime.values import read_time

        now = read_time(time)
        if now is None:
            continue
        if problems:
            with pytest.raises(BrokenRecord):
                Monitor(whole, record=lines)
            continue
        try:
            monitor = Monitor(whole, record=lines, clock=lambda now=now: now)  # type: ignore[misc]
        except BrokenRecord:
            continue
        if any(read_time(line["time"]) >= now for line in lines):
            continue  # a replay is cut there, and a monitor would not have heard of it
        got = monitor.facts(request)
        assert facts_in(got) == facts_in(facts(policy, lines, got)), case["name"]
        asked += 1
    assert asked > 50
    json.dumps(data)
