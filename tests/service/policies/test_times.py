"""Where a window of local time may open or close: it is the same from one such time to the next, wherever clocks are set."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.ir.nodes import Window
from agpc.runtime.windows import Window as Holding
from agpc.service.policies.times import changes_of

MINUTE = 60
ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"),
    *("Africa/Casablanca", "America/St_Johns", "Pacific/Apia"),
)
BEGINS = (
    *((2026, 3, 29), (2026, 10, 25), (2026, 3, 8), (2026, 11, 1), (2026, 4, 4), (2026, 10, 3)),
    *((2026, 2, 15), (2026, 3, 22), (2026, 11, 24), (2011, 12, 29)),
)
"""Days on which some of the zones set their clocks, one on which none does, and one that Samoa left out."""


@given(
    st.sampled_from(ZONES),
    st.sampled_from(BEGINS),
    st.integers(-24 * 60, 24 * 60),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(1, 24 * 60),
)
def test_nothing_changes_between_two_of_them(
    zone: str,
    day: tuple[int, int, int],
    shift: int,
    start: int,
    end: int,
    days: set[int],
    minutes: int,
) -> None:
    if start == end:
        end = (end + 1) % 1440
    window = Window(tuple(sorted(days)), start, end, zone)
    holding = Holding(window.days, window.start, window.end, window.zone)
    begins = int(datetime(*day, tzinfo=UTC).timestamp()) + shift * MINUTE
    ends = begins + minutes * MINUTE
    changes = set(changes_of(window, begins * 10**9, ends * 10**9))
    assert all(begins * 10**9 < each < ends * 10**9 for each in changes)
    before = holding.holds(begins * 10**9)
    for second in range(begins + MINUTE, ends, MINUTE):
        now = holding.holds(second * 10**9)
        if now is not before:
            assert any((second - MINUTE) * 10**9 < each <= second * 10**9 for each in changes)
        before = now
    marks = sorted({begins * 10**9, *changes, ends * 10**9})
    for first, following in itertools.pairwise(marks):
        assert holding.holds(first) is holding.holds(following - 1)
