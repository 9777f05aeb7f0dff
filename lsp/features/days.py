"""How long there still is to an instant, as people say it."""

from __future__ import annotations

from ...compiler.text.counted import counted
from ...runtime.values import NANOSECONDS, read_time

DAY = 86_400


def seconds_left(end: str, now: float) -> float | None:
    """The seconds from now to an instant; None where it is none."""
    value = read_time(end)
    return None if value is None else value / NANOSECONDS - now


def left_in_words(end: str, now: float) -> str:
    """How long it still is, in whole days, or that it is over.

    >>> left_in_words("2026-01-03T00:00:00Z", 1767225600.0)
    '2 days left'
    >>> left_in_words("2025-12-31T00:00:00Z", 1767225600.0)
    'over for 1 day'
    """
    left = seconds_left(end, now)
    if left is None:
        return "no time"
    if left <= 0:
        days = int(-left // DAY)
        return f"over for {counted(days, 'day')}" if days else "over since today"
    days = int(left // DAY)
    return f"{counted(days, 'day')} left" if days else "less than a day left"
