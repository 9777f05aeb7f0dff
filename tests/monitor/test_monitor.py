"""The monitor gives the facts of the reference function over the whole record, whatever happens in whatever order."""

from __future__ import annotations

from pathlib import Path

import pytest
from engines.conformance_cases import (
    files_with_records,
    load,
    policy_of,
    record_of,
    requests_of,
)
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
from generators.values import Draw, pick
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.facts.reader import read_record
from agpc.monitor import BrokenRecord, Monitor, MonitorError
from agpc.runtime.values import read_time

FILES = files_with_records()
ONWARD = (0, 1, SECOND, 7 * SECOND, 25 * SECOND)


@settings(phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_its_facts_are_those_of_the_reference(data: st.DataObject) -> None:
    watched = live_through(data.draw, ONWARD, all_known=True)
    assert read_record(POLICY, watched.lines).problems == []


@settings(phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_a_clock_that_goes_back_leaves_the_record_in_order_and_no_fact_wrong(
    data: st.DataObject,
) -> None:
    steps = (*ONWARD, 60 * SECOND, -SECOND // 2, -3 * SECOND, -25 * SECOND, -60 * SECOND)
    watched = live_through(data.draw, steps, all_known=False)
    assert read_record(POLICY, watched.lines).problems == []


def live_through(draw: Draw, steps: tuple[int, ...], *, all_known: bool) -> Watched:
    """What happens to a monitor, whose facts are looked at before each call."""
    watched = Watched()
    monitor, tasks, calls = watched.monitor, [], []
    for number in range(draw(st.integers(1, 24))):
        watched.time += pick(draw, steps)
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
                check(watched, request, all_known=all_known)
                answer = monitor.decide(request)
                calls.append(answer)
                if answer.decision.effect == "permit" and draw(st.integers(0, 9)) == 0:
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
            check(watched, request, all_known=all_known)
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
                assert "told before" in str(error) or answer.decision.effect != "permit"
    requests = [draw_request(draw, tasks) for _ in range(3)]
    for each in requests:
        check(watched, each, all_known=all_known)
    again = Watched(record=watched.lines)  # which begins with the record of the first
    again.time = watched.time + 1
    for each in requests:
        check(again, each, all_known=all_known)
    return watched


@pytest.mark.parametrize("path", FILES, ids=[each.stem for each in FILES])
def test_a_record_gives_what_the_reference_makes_of_it(path: Path) -> None:
    """The cases of conformance, in which much happens at one time: each begins with its record, up to its time."""
    policy, data, asked = policy_of(path), load(path), 0
    whole = Whole(policy)
    for case, request in zip(data["cases"], requests_of(path), strict=True):
        now = read_time(request["context"].get("time"))
        lines = [each for each in record_of(data, case) if now is None or not is_later(each, now)]
        if read_record(policy, lines).problems:
            with pytest.raises(BrokenRecord):
                Monitor(whole, record=lines)
        elif now is not None:
            monitor = Monitor(whole, record=lines, clock=lambda now=now: now)  # type: ignore[misc]
            got = monitor.facts(request)
            assert facts_in(got) == facts_in(facts(policy, lines, got)), case["name"]
            asked += 1
    assert asked > 10


def is_later(line: object, now: int) -> bool:
    """Whether a line is of later than a time, so that a monitor would not have heard of it."""
    time = read_time(line.get("time")) if isinstance(line, dict) else None
    return time is not None and time > now
