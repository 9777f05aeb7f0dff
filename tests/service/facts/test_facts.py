"""Facts on a store are those of the reference function over the record, and those of a monitor, whatever happens."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from engines.kept import SECOND, Kept
from generators.histories import BOTS, VALUES, WORDS, draw_request, draw_result, draw_start
from generators.values import Draw, chance, pick
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

ONWARD = (0, 1, SECOND, 7 * SECOND, 25 * SECOND)
NUMBERS = itertools.count()

drawn = settings(
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck), deadline=None
)


@pytest.fixture
def fresh_url(store_url: str, request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """Gives the address of an empty store, each time another."""
    if store_url.startswith("sqlite"):
        return lambda: f"sqlite:///{tmp_path}/{next(NUMBERS)}.db"
    return request.getfixturevalue("shared_cluster").create_database


@drawn
@given(data=st.data())
def test_its_facts_are_those_of_the_reference(fresh_url: Any, data: st.DataObject) -> None:
    kept = Kept(fresh_url(), processes=data.draw(st.integers(1, 3)))
    try:
        live_through(data.draw, kept)
    finally:
        kept.close()


def live_through(draw: Draw, kept: Kept) -> None:
    """What happens to a store, whose facts are looked at at each call."""
    tasks: list[tuple[str, str]] = []
    active: set[str] = set()
    for number in range(draw(st.integers(1, 24))):
        between(draw, kept)
        step(draw, kept, tasks, active, number)
    for each in [draw_request(draw, tasks) for _ in range(3)]:
        kept.time += pick(draw, ONWARD)
        if each["context"].get("task") != 7:
            kept.ask(each)


def between(draw: Draw, kept: Kept) -> None:
    """Time goes on, or another process takes a turn, or one begins anew; or the turn goes on."""
    what = draw(st.integers(0, 5))
    if what == 0:
        return
    kept.commit(draw(st.integers(0, 2)))
    kept.time += pick(draw, ONWARD)
    if what == 1:
        kept.restart()


def step(
    draw: Draw, kept: Kept, tasks: list[tuple[str, str]], active: set[str], number: int
) -> None:
    fails = chance(draw, 15)
    what = draw(st.integers(0, 10))
    if what == 0 or not tasks:
        start(draw, kept, tasks, active, f"t{number}x", fails)
    elif what == 1:
        kept.say(pick(draw, tuple(tasks))[0], pick(draw, WORDS), fails_before=fails)
    elif what < 7:
        effect = pick(draw, (None, None, "permit", "challenge"))
        kept.call(draw_request(draw, tasks), effect, fails_before=fails)
    elif what == 7 and active and chance(draw, 30):
        ending = pick(draw, tuple(sorted(active)))
        active.discard(ending)
        kept.end(ending, fails_before=fails)
    elif kept.calls:
        become(draw, kept, fails)


def start(
    draw: Draw, kept: Kept, tasks: list[tuple[str, str]], active: set[str], id: str, fails: bool
) -> None:
    parents = tuple(each for each in tasks if each[0] in active)
    parent = pick(draw, parents) if parents and draw(st.booleans()) else None
    fields = {"order": pick(draw, VALUES), "more": [pick(draw, VALUES)], "n": pick(draw, (20, "x", None))}  # fmt: skip
    task = {"id": id, "intent": pick(draw, ("p.work", "p.part", "p.none")), **fields}
    if parent is not None and draw(st.integers(0, 3)):
        kept.call(draw_start(draw, parent, task, now_of(kept)), fails_before=fails)
        if chance(draw, 10) and kept.calls[-1][1] == "permit":
            kept.outcome(kept.calls[-1][0], "withdrawn")
        if chance(draw, 10):
            task[pick(draw, ("order", "n"))] = pick(draw, VALUES)
        task["intent"] = pick(draw, ("p.part", "p.part", "p.work"))
    agent = pick(draw, BOTS)
    kept.start(
        task,
        agent=agent,
        user=pick(draw, (None, {"id": "user:joe"})),
        parent=None if parent is None else parent[0],
        fails_before=fails,
    )
    tasks.append((id, agent))
    active.add(id)


def now_of(kept: Kept) -> str:
    from agpc.runtime.time_text import format_time

    return format_time(kept.time)


def become(draw: Draw, kept: Kept, fails: bool) -> None:
    """Something becomes of a call."""
    seq, effect, request = pick(draw, tuple(kept.calls))
    if effect == "challenge":
        kept.refuse(seq, fails_before=fails)
    elif effect == "permit" and seq not in kept.told:
        outcome = pick(draw, ("done", "done", "failed", "withdrawn"))
        if outcome == "withdrawn":
            kept.outcome(seq, outcome, fails_before=fails)
        else:
            kept.outcome(seq, outcome, draw_result(draw, request), fails_before=fails)
