"""Constants moved by one step: to the next value that somebody could have written instead."""

from __future__ import annotations

import ipaddress
import math
from decimal import Decimal

from ...runtime.time_text import format_time
from ...runtime.values import MAX_INT, NANOSECONDS, read_time
from ..ir import nodes as ir

MINUTE, HOUR, DAY = 60, 3600, 86400


def moved(constant: ir.Constant, up: bool, policy: ir.Policy) -> ir.Constant | None:
    """The constant a step higher or lower; None if there is none, or its type has no order."""
    value, type_ = constant.value, constant.type
    found: ir.Value | None = None
    match type_:
        case ir.LevelType(name):
            members = policy.members_of[name]
            at = members.index(str(value)) + (1 if up else -1)
            found = members[at] if 0 <= at < len(members) else None
        case ir.Scalar("int" | "number") if not isinstance(value, str):
            found = _number(value, up)
        case ir.Scalar("duration") if not isinstance(value, str):
            found = longer(int(value)) if up else shorter(int(value))
        case ir.Scalar("time"):
            found = moved_time(str(value), up)
        case _:
            pass
    return None if found is None else ir.Constant(type_, found)


def _number(value: float, up: bool) -> int | float | None:
    """One more or less in the last place that is written: 0.95 becomes 0.96."""
    if isinstance(value, int):
        found = value + (1 if up else -1)
        return found if abs(found) <= MAX_INT else None
    written = Decimal(repr(value))
    exponent = written.as_tuple().exponent
    step = Decimal(1).scaleb(min(exponent, 0) if isinstance(exponent, int) else 0)
    near = float(written + (step if up else -step))
    return near if math.isfinite(near) and near != value else None


def unit(seconds: int) -> int:
    """The largest unit that a duration is whole in.

    >>> unit(900), unit(7200), unit(90)
    (60, 3600, 1)
    """
    return next(each for each in (DAY, HOUR, MINUTE, 1) if seconds % each == 0)


def longer(seconds: int) -> int:
    """A duration and one of its unit: 15m becomes 16m."""
    return seconds + (unit(seconds) if seconds else 1)


def shorter(seconds: int) -> int | None:
    """A duration less one of its unit; None below nothing."""
    return seconds - unit(seconds) if seconds else None


def moved_time(time: str, later: bool) -> str | None:
    """An instant a day, an hour, a minute or a second on, whichever it is whole in."""
    value = read_time(time)
    assert value is not None  # canonical text is a time
    step = unit(value // NANOSECONDS) * NANOSECONDS
    near = value + (step if later else -step)
    try:
        return format_time(near) if -(2**63) <= near < 2**63 else None
    except OverflowError:  # before the first year, or after the last one
        return None


def wider_range(text: str) -> str | None:
    """A range of addresses of twice the size; None for all of them."""
    network = ipaddress.ip_network(text, strict=False)
    return None if network.prefixlen == 0 else str(network.supernet())


def parent(path: str) -> str | None:
    """The directory that a path is in; None for the root, and for one relative segment."""
    above, slash, name = path.rpartition("/")
    return (above or slash) if slash and name else None
