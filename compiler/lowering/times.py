"""Durations, instants, days, times of day and zones, as literals.

Every function reports what is wrong and then answers None.
"""

from __future__ import annotations

import datetime
import re
from functools import cache

from ...runtime.values import NANOSECONDS, read_duration, read_time
from ..report.diagnostics import Diagnostics, at
from ..syntax import tree as syntax
from .names import did_you_mean

_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")


def seconds(
    node: syntax.Duration, diagnostics: Diagnostics, *, positive: bool = False
) -> int | None:
    """Read a duration as seconds."""
    value = read_duration(node.text)
    if value is None or (positive and value == 0):
        diagnostics.append(
            at(
                "AGP1303",
                node.span,
                f"`{node.text}` is not a duration"
                if value is None
                else "a duration of nothing makes no sense here",
                help="days, hours, minutes, seconds in this order, as in `1d12h`; "
                "at most 36,500 days",
            )
        )
        return None
    return value // NANOSECONDS


def instant(node: syntax.Time, diagnostics: Diagnostics) -> str | None:
    """Read a time as canonical text in UTC."""
    value = read_time(node.text)
    if value is None:
        diagnostics.append(
            at(
                "AGP1304",
                node.span,
                f"`{node.text}` is not a time",
                help="RFC 3339, as in `2026-11-24T10:00:00Z`, from 1678 to 2261",
            )
        )
        return None
    return format_time(value)


def day(node: syntax.Date, diagnostics: Diagnostics, *, next_day: bool = False) -> str | None:
    """Read the first instant of a date in UTC, or of the day after it, as canonical text."""
    try:
        date = datetime.date.fromisoformat(node.text) + datetime.timedelta(days=next_day)
    except (ValueError, OverflowError):
        date = datetime.date.min
    value = read_time(f"{date.isoformat()}T00:00:00Z")
    if value is None:
        diagnostics.append(
            at(
                "AGP1304",
                node.span,
                f"`{node.text}` is not a date",
                help="year, month and day, as in `2027-06-30`, from 1678 to 2261",
            )
        )
        return None
    return format_time(value)


def format_time(value: int) -> str:
    """Write nanoseconds since 1970 as canonical RFC 3339.

    >>> format_time(1_500_000_000)
    '1970-01-01T00:00:01.5Z'
    """
    whole_seconds, fraction = divmod(value, NANOSECONDS)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=whole_seconds)
    digits = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{moment.isoformat()}{digits}Z"


def earlier(time: str, seconds_before: int) -> str:
    """Give the instant so many seconds before another, both as canonical text."""
    value = read_time(time)
    assert value is not None  # canonical text is a time
    return format_time(max(value - seconds_before * NANOSECONDS, -(2**63)))


def is_before(first: str, second: str) -> bool:
    """Whether an instant, as canonical text, is not after another."""
    left, right = read_time(first), read_time(second)
    return left is not None and right is not None and left <= right


def clock(node: syntax.Name, diagnostics: Diagnostics, *, end: bool = False) -> int | None:
    """Read a time of day as minutes; an end may be 24:00."""
    match = _CLOCK.fullmatch(node.text)
    minutes = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else 9999
    if minutes < 24 * 60 or (end and minutes == 24 * 60):
        return minutes
    diagnostics.append(
        at("AGP1304", node.span, f"`{node.text}` is not a time of day", help="write `07:00`")
    )
    return None


def zone(node: syntax.Text, diagnostics: Diagnostics) -> str | None:
    """Check an IANA time zone."""
    if node.value in time_zones():
        return node.value
    diagnostics.append(
        at(
            "AGP1305",
            node.span,
            f"there is no time zone `{node.value}`",
            help=did_you_mean(node.value, time_zones())
            or 'write an IANA name, as in `"Europe/Berlin"`',
        )
    )
    return None


@cache
def time_zones() -> frozenset[str]:
    """The IANA zones, from the `tzdata` package, so that every machine knows the same ones."""
    from importlib.resources import files

    return frozenset((files("tzdata") / "zones").read_text(encoding="utf-8").split())
