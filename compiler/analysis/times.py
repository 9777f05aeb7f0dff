"""Instants that lie in some windows of local time and outside others."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from ...runtime.values import NANOSECONDS
from .. import interpreter, ir
from .effort import Effort
from .values import HINTS, Intervals

ENOUGH = 8
DAYS = (
    371  # a year and a week: each weekday on each date's neighbourhood, in both halves of the year
)
WEEK = 7 * 24 * 60
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
        return (_EPOCH + datetime.timedelta(seconds=seconds)).astimezone(ZoneInfo(zone)).utcoffset()

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
        start = (_EPOCH + datetime.timedelta(seconds=base // NANOSECONDS)).astimezone(
            ZoneInfo(zone)
        )
        midnight = datetime.datetime(start.year, start.month, start.day)
        local = midnight + datetime.timedelta(days=day, minutes=minute)
        for fold in (0, 1):
            instant = local.replace(tzinfo=ZoneInfo(zone), fold=fold) - _EPOCH
            yield int(instant.total_seconds()) * NANOSECONDS
    except (OverflowError, ValueError):
        return


def windows_exclude_each_other(windows: list[tuple[ir.Window, bool]]) -> bool:
    """Whether no minute of any week is as the windows ask; told only of windows in one zone."""
    if len({window.zone for window, _ in windows}) != 1:
        return False
    minutes = (1 << WEEK) - 1
    for window, wanted in windows:
        inside = _minutes(window)
        minutes &= inside if wanted else ~inside
    return minutes == 0


def _minutes(window: ir.Window) -> int:
    """The minutes of the week that a window holds, as bits."""
    length = (window.end - window.start) % (24 * 60) or 24 * 60
    found = 0
    for day in window.days:
        start = day * 24 * 60 + window.start
        for minute in range(start, start + length):
            found |= 1 << minute % WEEK
    return found
