"""Times that stand somewhere: what is decided may change when one of them comes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from ...compiler.ir.nodes import Window
from ...runtime.values import NANOSECONDS, read_time

_LIKE_ONE = re.compile(r'"(\d{4}-[^"\\]{6,60})"')


def times_in(text: str) -> frozenset[int]:
    """Give the times that stand in JSON, whatever for, in nanoseconds since 1970.

    >>> times_in('{"until": "1970-01-01T00:00:01Z", "other": "1970-"}')
    frozenset({1000000000})
    """
    found = map(read_time, _LIKE_ONE.findall(text))
    return frozenset(each for each in found if each is not None)


_DAY = datetime.timedelta(days=1)
_HOUR = 3600  # seconds


def changes_of(window: Window, start: int, end: int) -> Iterator[int]:
    """Give the times between two at which a window of local time may open or close, in no order; some more are no harm.

    That is where the minute of the local day is one of its ends, once or, where the clocks are set back, twice; and where
    the clocks are set.
    """
    zone = ZoneInfo(window.zone)
    day = _local(start // NANOSECONDS, zone).replace(hour=0, minute=0, second=0, tzinfo=None) - _DAY
    last = _local(end // NANOSECONDS, zone).replace(tzinfo=None) + _DAY
    found: set[int] = set(_settings(zone, start // NANOSECONDS, end // NANOSECONDS + 1))
    while day <= last:
        for minute in (0, window.start, window.end):
            local = (day + datetime.timedelta(minutes=minute)).replace(tzinfo=zone)
            found.update(int(local.replace(fold=fold).timestamp()) for fold in (0, 1))
        day += _DAY
    yield from (each * NANOSECONDS for each in found if start < each * NANOSECONDS < end)


def _settings(zone: ZoneInfo, start: int, end: int) -> Iterator[int]:
    """Give the seconds between two at which the clocks of a zone are set, which they are not twice in an hour."""
    while start < end:
        good, bad = start, min(start + _HOUR, end)
        start = bad
        before = _local(good, zone).utcoffset()
        if _local(bad, zone).utcoffset() == before:
            continue
        while bad - good > 1:
            middle = (good + bad) // 2
            same = _local(middle, zone).utcoffset() == before
            good, bad = (middle, bad) if same else (good, middle)
        yield bad


def _local(seconds: int, zone: ZoneInfo) -> datetime.datetime:
    utc = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=seconds)
    return utc.astimezone(zone)
