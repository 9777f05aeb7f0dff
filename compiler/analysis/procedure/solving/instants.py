"""Instants that lie in some windows of local time and outside others."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise, takewhile

from .....runtime.values import NANOSECONDS
from ....ir import nodes as ir
from ....ir.times import local_time
from ....meaning import interpreter
from ..domains.values import EDGES, HINTS, Intervals
from ..effort import Effort
from .differences import Spans, common

ENOUGH = 8
DAYS = (
    371  # a year and a week: each weekday on each date's neighbourhood, in both halves of the year
)
WEEK = 7 * 24 * 60
SECONDS = WEEK * 60
EPOCH_WEEKDAY = 3 * 24 * 3600  # 1970 began on a Thursday
APART = 2 * 24 * 3600  # seconds; nowhere are clocks set twice within so few (a test reads them all)
HOUR = 3600  # seconds; nowhere are clocks set forward and back within one
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def candidates_of_time(
    body: Intervals, windows: list[tuple[ir.Window, bool]], effort: Effort
) -> list[int]:
    """A few instants of a set that are as the windows ask, if any is found in a year and a week."""

    def counted(instant: int) -> bool:
        effort.spend(2)
        return body.contains(instant)

    found = (
        instant
        for instant in filter(counted, _instants(body, windows))
        if all(interpreter.in_window(window, instant) is wanted for window, wanted in windows)
    )
    return list(islice(found, ENOUGH))


def _instants(body: Intervals, windows: list[tuple[ir.Window, bool]]) -> Iterator[int]:
    """The edges of the set, then the edges of the windows and the middles between, day by day."""
    for low, high in body.spans:
        hint = int(HINTS["time"][0])
        base = hint if low <= hint <= high and not is_short(body) else int(low)
        yield base
        yield int(low)
        yield int(high)
        if windows and is_short(body):
            for zone in sorted({window.zone for window, _ in windows}):
                yield from _changes(zone, int(low), int(high))
        for day in range(DAYS if windows else 0):
            for window, _ in windows:
                for minute in (
                    window.start,
                    (window.start + window.end) // 2,
                    window.end - 1,
                    window.end,
                ):
                    yield from _moments(base, day, minute, window.zone)


def _changes(zone: str, low: int, high: int) -> Iterator[int]:
    """The instants between two at which the clocks of a zone are set."""

    def offset(seconds: int) -> datetime.timedelta | None:
        return local_time(seconds, zone).utcoffset()

    start = low // NANOSECONDS
    before = offset(start)
    while start * NANOSECONDS < high:
        after = offset(start + HOUR)
        if after != before:
            same = (offset(at) == before for at in range(start, start + HOUR))
            yield (start + sum(takewhile(bool, same))) * NANOSECONDS
        start, before = start + HOUR, after


def is_short(body: Intervals) -> bool:
    """Whether a set is so short that every edge of a window in it, and every change of clocks, is tried."""
    spans = body.spans
    return not spans or spans[-1][1] - spans[0][0] < (DAYS - 2) * 24 * 3600 * NANOSECONDS


def _moments(base: int, day: int, minute: int, zone: str) -> Iterator[int]:
    """A minute of the local day that is so many days after an instant: both, where clocks go back."""
    try:
        start = local_time(base // NANOSECONDS, zone)
        midnight = datetime.datetime(start.year, start.month, start.day)
        local = midnight + datetime.timedelta(days=day, minutes=minute)
        for fold in (0, 1):
            instant = local.replace(tzinfo=start.tzinfo, fold=fold) - _EPOCH
            yield int(instant.total_seconds()) * NANOSECONDS
    except (OverflowError, ValueError):
        return


def instant(spans: Spans, windows: list[tuple[ir.Window, bool]], effort: Effort) -> int | None:
    """An instant in some spans that is as the windows ask; None if there is provably none."""
    body = Intervals("time", tuple(spans))
    if not windows:
        return int(next(body.members()))
    if windows_exclude_each_other(windows):
        return None
    found = next(iter(candidates_of_time(body, windows, effort)), None)
    if found is not None or is_short(body):
        return found
    return _in_any_year(body, windows, effort)


def _in_any_year(
    body: Intervals, windows: list[tuple[ir.Window, bool]], effort: Effort
) -> int | None:
    """The first instant that is as asked, by the seconds of the week between changes of clocks."""
    zones = sorted({window.zone for window, _ in windows})
    minutes = {zone: _asked([each for each in windows if each[0].zone == zone]) for zone in zones}
    for low, high in body.spans:
        start, end = int(low) // NANOSECONDS, int(high) // NANOSECONDS
        changes = sorted({at for zone in zones for at in _clock_changes(zone) if start < at <= end})
        for first, beyond in pairwise((start, *changes, end + 1)):
            effort.spend(len(zones))
            offsets = tuple(_offset(zone, first) for zone in zones)
            here = [(0, SECONDS)]
            for zone, offset in zip(zones, offsets, strict=True):
                here = list(common(here, _seconds(minutes[zone], offset)))  # type: ignore[arg-type]
            week = (first + EPOCH_WEEKDAY) // SECONDS * SECONDS - EPOCH_WEEKDAY
            while here and week < min(beyond, first + 2 * SECONDS):
                for opening, closing in here:
                    at = max(week + opening, first)
                    if at < min(week + closing, beyond):
                        return max(at * NANOSECONDS, int(low))
                week += SECONDS
    return None


def _asked(windows: list[tuple[ir.Window, bool]]) -> int:
    """The minutes of the local week that are as windows of one zone ask, as bits."""
    minutes = (1 << WEEK) - 1
    for window, wanted in windows:
        inside = _minutes(window)
        minutes &= inside if wanted else ~inside
    return minutes


@lru_cache(maxsize=1_000)
def _seconds(minutes: int, offset: int) -> tuple[tuple[int, int], ...]:
    """The seconds of the week in UTC at which local time is in some minutes: starts, and ends beyond."""
    found = []
    at = 0
    while minutes >> at:
        rest = minutes >> at
        at += (rest & -rest).bit_length() - 1
        ones = ~(minutes >> at)
        end = at + (ones & -ones).bit_length() - 1
        start, length = (at * 60 - offset) % SECONDS, (end - at) * 60
        found.append((start, min(start + length, SECONDS)))
        if start + length > SECONDS:
            found.append((0, start + length - SECONDS))
        at = end
    return tuple(sorted(found))


def _offset(zone: str, at: int) -> int:
    """How many seconds local time is ahead of UTC at a second."""
    ahead = local_time(at, zone).utcoffset()
    assert ahead is not None
    return int(ahead.total_seconds())


@lru_cache(maxsize=64)
def _clock_changes(zone: str) -> tuple[int, ...]:
    """The seconds at which the clocks of a zone are set, in all the time that there is."""
    found = []
    (low, high), *_ = EDGES["time"]
    start, end = int(low) // NANOSECONDS, int(high) // NANOSECONDS
    before = _offset(zone, start)
    while start < end:
        beyond = min(start + APART, end)
        after = _offset(zone, beyond)
        if after != before:
            low, high = start, beyond
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            found.append(high)
        start, before = beyond, after
    return tuple(found)


def windows_exclude_each_other(windows: list[tuple[ir.Window, bool]]) -> bool:
    """Whether no minute of any week is as the windows ask; told only of windows in one zone."""
    zones = {window.zone for window, _ in windows}
    return len(zones) == 1 and not _asked(windows)


def _minutes(window: ir.Window) -> int:
    """The minutes of the week that a window holds, as bits."""
    length = (window.end - window.start) % (24 * 60) or 24 * 60
    found = 0
    for day in window.days:
        minutes = ((1 << length) - 1) << day * 24 * 60 + window.start
        found |= minutes | minutes >> WEEK  # what is beyond Sunday is on Monday
    return found & ((1 << WEEK) - 1)
