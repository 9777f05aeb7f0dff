"""Instants as canonical text."""

from __future__ import annotations

import datetime
from functools import lru_cache

from .values import NANOSECONDS


def format_time(value: int) -> str:
    """Write nanoseconds since 1970 as canonical RFC 3339.

    >>> format_time(1_500_000_000)
    '1970-01-01T00:00:01.5Z'
    """
    whole_seconds, fraction = divmod(value, NANOSECONDS)
    digits = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{_second(whole_seconds)}{digits}Z"


@lru_cache(maxsize=16)  # much of what is written happens in the same second
def _second(number: int) -> str:
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=number)).isoformat()
