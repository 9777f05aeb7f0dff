"""Instants, days and zones in the form that the IR has."""

from __future__ import annotations

import datetime
from functools import cache

from ...runtime.time_text import format_time
from ...runtime.values import NANOSECONDS, read_time
from ..packaged import packaged


def earlier(time: str, seconds_before: int) -> str:
    """Give the instant so many seconds before another, both as canonical text."""
    value = read_time(time)
    assert value is not None  # canonical text is a time
    return format_time(max(value - seconds_before * NANOSECONDS, -(2**63)))


def local_time(seconds: int, zone: str) -> datetime.datetime:
    """Give what the clocks of a zone show so many seconds after 1970 began in UTC.

    >>> local_time(0, "Asia/Tokyo").isoformat()
    '1970-01-01T09:00:00+09:00'
    """
    from zoneinfo import ZoneInfo  # by policies that have windows

    utc = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=seconds)
    return utc.astimezone(ZoneInfo(zone))


def is_before(first: str, second: str) -> bool:
    """Whether an instant, as canonical text, is not after another."""
    left, right = read_time(first), read_time(second)
    return left is not None and right is not None and left <= right


@cache
def time_zones() -> frozenset[str]:
    """The IANA zones, from the `tzdata` package, so that every machine knows the same ones."""
    return frozenset(packaged("tzdata", "zones").decode("utf-8").split())


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
