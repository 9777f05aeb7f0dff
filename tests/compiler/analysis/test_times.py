"""Instants inside and outside of windows, compared with every minute of the days that matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.procedure.cubes.cube import Cube, Relation, key_of
from agpc.compiler.analysis.procedure.domains.values import Intervals, Values
from agpc.compiler.analysis.procedure.solving.instants import windows_exclude_each_other
from agpc.compiler.analysis.procedure.solving.solve import solve
from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.walk import NOW
from agpc.compiler.meaning import interpreter
from agpc.runtime.values import NANOSECONDS, read_time

ZONES = ("Europe/Berlin", "UTC", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe")
MINUTE = 60 * NANOSECONDS
STARTS = (
    "2026-03-29T00:30:00Z",  # clocks go forward in Berlin
    "2026-10-25T00:10:00Z",  # and back
    "2026-11-01T04:00:00Z",  # back in St John's
    "2026-04-04T14:30:00Z",  # back by half an hour on Lord Howe Island
    "2026-11-28T21:00:00Z",
)


def instant(text: str) -> int:
    found = read_time(text)
    assert found is not None
    return found


@st.composite
def windows(draw: st.DrawFn) -> ir.Window:
    start = draw(st.sampled_from((0, 1, 30, 120, 150, 157, 180, 600, 1439)))
    end = start + draw(st.sampled_from((1, 1, 30, 60, 720, 1439)))
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    return ir.Window(
        tuple(sorted(days)),
        start,
        end % 1440 if end != 1440 else end,
        draw(st.sampled_from(ZONES)),
    )


def found_instant(relations: frozenset[Relation], low: int, high: int) -> int | None:
    now = Values(False, False, Intervals("time", ((low, high),)))
    model = solve(Cube({key_of(NOW): now}, relations), ir.Policy())
    return None if model is None else int(model[key_of(NOW)])


@given(
    st.lists(st.tuples(windows(), st.booleans()), min_size=1, max_size=3),
    st.sampled_from(STARTS),
    st.integers(0, 200),
    st.integers(1, 1500),
)
def test_an_instant_is_found_exactly_where_some_minute_is_as_asked(
    asked: list[tuple[ir.Window, bool]], start: str, later: int, minutes: int
) -> None:
    low = instant(start) + later * MINUTE
    high = low + minutes * MINUTE - 1
    exists = any(
        all(interpreter.in_window(window, at) is wanted for window, wanted in asked)
        for at in range(low, high + 1, MINUTE)
    )
    try:
        found = found_instant(frozenset(asked), low, high)
    except Undetermined:
        pytest.fail("a short stretch of time is always decided")
    assert (found is not None) == exists
    if found is not None:
        assert low <= found <= high
        assert all(interpreter.in_window(window, found) is wanted for window, wanted in asked)


def test_a_minute_that_comes_twice_is_found_the_second_time() -> None:
    window = ir.Window((6,), 157, 158, "Europe/Berlin")  # 02:37, at 00:37Z and at 01:37Z
    low = instant("2026-10-25T01:30:00Z")
    assert found_instant(frozenset({(window, True)}), low, low + 10 * MINUTE) is not None


@given(st.lists(st.tuples(windows(), st.booleans()), min_size=1, max_size=3))
def test_windows_of_one_zone_exclude_each_other_only_if_no_minute_of_a_week_is_left(
    asked: list[tuple[ir.Window, bool]],
) -> None:
    utc = [(ir.Window(w.days, w.start, w.end, "UTC"), wanted) for w, wanted in asked]
    monday = instant("2026-11-23T00:00:00Z")
    exists = any(
        all(interpreter.in_window(w, monday + minute * MINUTE) is wanted for w, wanted in utc)
        for minute in range(7 * 1440)
    )
    assert windows_exclude_each_other(utc) != exists
