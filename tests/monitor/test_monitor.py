"""The monitor gives the facts of the reference function over the whole record, whatever happens in whatever order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from engines.conformance_cases import load, policy_of, requests_of
from engines.watched import POLICY, SECOND, Watched, check, facts_in
from generators.histories import (
    BOTS,
    VALUES,
    WORDS,
    Whole,
    draw_request,
    draw_result,
    draw_start,
)
from generators.values import pick
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.facts.reader import read_record
from agpc.monitor import BrokenRecord, Monitor, MonitorError

FILES = [
    Path(__file__).parents[1] / "conformance" / f"{name}.json"
    for name in ("meters", "sources", "derived_tasks")
]


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
            task = {
                "id": f"t{number}x",
                "intent": pick(draw, ("p.work", "p.part", "p.none")),
                **fields,
            }
            if parent is not None and draw(st.integers(0, 3)):
                request = draw_start(draw, (parent, dict(tasks)[parent]), task, watched.now())
                check(watched, request)
                answer = monitor.decide(request)
                calls.append(answer)
                if draw(st.integers(0, 9)) == 0:
                    monitor.withdrawn(answer.call or "")
                if draw(st.integers(0, 9)) == 0:
                    task[pick(draw, ("order", "n"))] = pick(draw, VALUES)
                task["intent"] = pick(draw, ("p.part", "p.part", "p.work"))
            monitor.start(
                task,
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
    requests = [draw_request(draw, tasks) for _ in range(3)]
    for each in requests:
        check(watched, each)
    again = Watched(record=watched.lines)  # which begins with the record of the first
    again.time = watched.time + 1
    for each in requests:
        check(again, each)


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
    assert asked > 40
    json.dumps(data)
