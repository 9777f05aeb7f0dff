"""Durations, instants, days, times of day and zones, as literals.

Every function reports what is wrong and then answers None.
"""

from __future__ import annotations

import datetime
import re

from ....runtime.time_text import format_time
from ....runtime.values import NANOSECONDS, read_duration, read_time
from ...ir.times import time_zones
from ...report.diagnostics import Diagnostics, at
from ...syntax import tree as syntax
from ...text.suggestions import did_you_mean

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
