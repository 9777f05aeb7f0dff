"""A new policy knows what follows from the record, or does not know it: nothing starts at zero by accident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from engines.kept import SECOND, WHOLE, Kept
from generators.histories import BOTS, draw_request
from generators.kept_histories import ONWARD, between, step
from generators.values import Draw, chance, pick
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.runtime.facts import Facts as Declared
from agpc.runtime.facts import Read
from agpc.service.facts import adopt as adopting

METERS, SOURCES = WHOLE.facts.reads["any"].meters, WHOLE.facts.reads["any"].sources


def some_of(draw: Draw) -> Declared:
    """A policy that has some of the facts, the sources all or none or one."""
    meters = tuple(each for each in METERS if draw(st.booleans()))
    sources = pick(draw, (SOURCES, (), SOURCES[:1], SOURCES[1:2], SOURCES[-1:]))
    return replace(WHOLE.facts, reads={"any": Read(meters, sources)})


def live_through(draw: Draw, kept: Kept) -> None:
    """What happens to a store whose policy changes."""
    tasks: list[tuple[str, str]] = []
    active: set[str] = set()
    for number in range(draw(st.integers(1, 24))):
        between(draw, kept)
        if chance(draw, 20):
            kept.adopt(some_of(draw), fails_before=draw(st.booleans()))
        step(draw, kept, tasks, active, number)
    for each in [draw_request(draw, tasks) for _ in range(3)]:
        kept.time += pick(draw, ONWARD)
        kept.ask(each)


def test_meters_are_counted_again_from_a_trail_that_is_whole(
    fresh_url: Callable[[], str], drawn: settings
) -> None:
    @drawn
    @given(st.data())
    def lived(data: st.DataObject) -> None:
        first, processes = some_of(data.draw), data.draw(st.integers(1, 2))
        kept = Kept(fresh_url(), declared=first, processes=processes, beside=False)
        kept.may_lack = {each.key for each in WHOLE.facts.sources}
        try:
            live_through(data.draw, kept)
        finally:
            kept.close()

    lived()


def test_what_a_trail_lacks_is_unknown_and_never_wrong(
    fresh_url: Callable[[], str], drawn: settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    @drawn
    @given(st.data())
    def lived(data: st.DataObject) -> None:
        kept = Kept(fresh_url(), declared=some_of(data.draw), beside=False)
        kept.may_lack = {each.key for each in (*WHOLE.facts.meters, *WHOLE.facts.sources)}
        kept.redacts = lambda: pick(data.draw, ("", "", "", "redacted", "pruned"))
        monkeypatch.setattr(adopting, "MOST_EVENTS", pick(data.draw, (2, 6, 1_000)))
        try:
            live_through(data.draw, kept)
        finally:
            kept.close()

    lived()


def call(task: str, tool: str = "pay", name: str = "send", **arguments: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": BOTS[0], "properties": {}},
        "action": {"name": name, "properties": arguments},
        "resource": {"type": f"p.{tool}", "id": "r1", "properties": {"grade": "low"}},
        "context": {
            "task": {"id": task, "intent": "p.work", "state": "active", "order": "o-7"},
            "user": {"id": "user:joe"},
        },
    }


def told(known: Any) -> dict[str, Any]:
    context = known["context"]
    found = {**context.get("meters", {}), **context.get("sources", {})}
    return {key.partition("#")[0]: value for key, value in found.items()}


def start(kept: Kept, id: str) -> None:
    kept.start({"id": id, "intent": "p.work", "order": "o-7"}, agent=BOTS[0])


def test_a_meter_that_is_new_is_unknown_until_its_window_has_passed_what_is_not_read(
    fresh_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adopting, "MOST_EVENTS", 2)
    without = replace(WHOLE.facts, reads={"any": Read((), ())})
    kept = Kept(fresh_url(), declared=without, beside=False)
    kept.may_lack = {each.key for each in (*WHOLE.facts.meters, *WHOLE.facts.sources)}
    start(kept, "t1")
    for _ in range(4):
        kept.call(call("t1", amount=1), "permit")
        kept.commit()
        kept.time += SECOND
    kept.adopt(WHOLE.facts)
    found = told(kept.ask(call("t1", amount=1)))
    assert "p.calls" not in found  # of a run that began before
    assert "p.all_" not in found  # within 20s
    assert "p.people" not in found
    start(kept, "t2")
    found = told(kept.ask(call("t2", amount=1)))
    assert found["p.calls"] == {"before": 0, "with": 1}
    assert "p.people" in found
    kept.time += 30 * SECOND
    found = told(kept.ask(call("t1", amount=1)))
    assert found["p.all_"] == {"before": 0, "with": 1}
    assert "p.calls" not in found
    kept.close()


def test_after_a_clock_was_set_back_nothing_is_known_of_before(
    fresh_url: Callable[[], str],
) -> None:
    kept = Kept(fresh_url(), beside=False)
    start(kept, "t1")
    kept.call(call("t1", amount=1), "permit")
    kept.commit()
    later = kept.time
    kept.time -= 3_600 * SECOND
    with kept.process.store.turn(any_clock=True) as turn:
        kept.process.facts.doubt(turn, later)
        turn.head.time = turn.tick()
    kept.lines.clear()  # the reference knows no clock that goes back
    kept.may_lack = {each.key for each in (*WHOLE.facts.meters, *WHOLE.facts.sources)}
    asked = call("t1", amount=1)
    assert not told(kept.ask(asked))
    start(kept, "t2")
    found = told(kept.ask(call("t2", amount=1)))
    assert found["p.calls"] == {"before": 0, "with": 1}
    assert "p.all_" not in found
    kept.adopt(replace(WHOLE.facts, reads={"any": Read((), ())}))
    kept.adopt(WHOLE.facts)  # and a new policy knows no more
    assert not told(kept.ask(asked))
    assert "p.all_" not in told(kept.ask(call("t2", amount=1)))
    kept.time = later + 21 * SECOND
    assert told(kept.ask(call("t2", amount=1)))["p.all_"] == {"before": 0, "with": 1}
    kept.close()


def test_a_meter_that_comes_back_is_not_what_it_was(
    fresh_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adopting, "MOST_EVENTS", 1)
    kept = Kept(fresh_url(), beside=False)
    kept.may_lack = {each.key for each in (*WHOLE.facts.meters, *WHOLE.facts.sources)}
    start(kept, "t1")
    kept.call(call("t1", amount=1), "permit")
    assert told(kept.ask(call("t1", amount=1)))["p.calls"] == {"before": 1, "with": 2}
    without = replace(WHOLE.facts, reads={"any": Read((), ())})
    kept.adopt(without)
    kept.call(call("t1", amount=1), "permit")
    kept.call(call("t1", amount=1), "permit")
    kept.adopt(WHOLE.facts)
    assert "p.calls" not in told(kept.ask(call("t1", amount=1)))
    kept.close()
