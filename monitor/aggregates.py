"""Aggregates that grow and shrink by one call at a time.

Each is a state with `add`, `remove` and `value`; `value` takes what the call at hand would add, or None, and changes
nothing. A monitor keeps the state in memory; a service may keep the same in a database.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from ..runtime.facts import Meter
from ..runtime.time_text import format_time
from ..runtime.values import MAX_INT
from .shares import UNIT, Share

NONE = {"none": True}
"""What a request says of a value that there is none of."""
UNKNOWN = object()


class Aggregate(Protocol):
    """The state of one aggregate. `order` numbers the calls as they were recorded."""

    def add(self, order: int, time: int, share: Share) -> None:
        """Take a call in."""

    def remove(self, order: int, time: int, share: Share) -> None:
        """Take a call that was taken in out again."""

    def value(self, own: Share | None) -> Any:
        """Give what a request says, or UNKNOWN."""


class Sum:
    """The exact sum, in parts of `UNIT` where amounts are decimal."""

    __slots__ = ("_unit", "_whole", "total")

    def __init__(self, unit: int, *, whole: bool, total: int = 0) -> None:
        """Start with nothing, or where another one was."""
        self.total, self._unit, self._whole = total, unit, whole

    def add(self, order: int, time: int, share: Share) -> None:
        """Take a call in."""
        self.total += share.value

    def remove(self, order: int, time: int, share: Share) -> None:
        """Take a call out again."""
        self.total -= share.value

    def value(self, own: Share | None) -> Any:
        """Give what a request says, or UNKNOWN."""
        total = self.total + (0 if own is None else own.value)
        if self._whole:
            found = total // self._unit
            return UNKNOWN if found > MAX_INT else found
        result = total / self._unit  # of two integers: the nearest double
        return int(result) if result.is_integer() and result <= MAX_INT else result


class Greatest:
    """The greatest value; of equal ones, as the first of them was written."""

    __slots__ = ("_ordered", "_times")

    def __init__(self, times: bool) -> None:
        """Start with nothing."""
        self._ordered: list[tuple[Any, int, Any]] = []
        self._times = times

    def add(self, order: int, time: int, share: Share) -> None:
        """Take a call in."""
        insort(self._ordered, (share.value, -order, share.written))

    def remove(self, order: int, time: int, share: Share) -> None:
        """Take a call out again."""
        del self._ordered[bisect_left(self._ordered, (share.value, -order))]

    def value(self, own: Share | None) -> Any:
        """Give what a request says, or UNKNOWN."""
        best = self._ordered[-1] if self._ordered else None
        return greatest(None if best is None else (best[0], best[2]), own, self._times)


class Latest:
    """The time of the latest call."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        """Start with nothing."""
        self._times: list[int] = []

    def add(self, order: int, time: int, share: Share) -> None:
        """Take a call in."""
        insort(self._times, time)

    def remove(self, order: int, time: int, share: Share) -> None:
        """Take a call out again."""
        del self._times[bisect_left(self._times, time)]

    def value(self, own: Share | None) -> Any:
        """Give what a request says, or UNKNOWN."""
        return latest(self._times[-1] if self._times else None)


class Distinct:
    """How many different values."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        """Start with nothing."""
        self._values: Counter[Any] = Counter()

    def add(self, order: int, time: int, share: Share) -> None:
        """Take a call in."""
        self._values.update(share.value)

    def remove(self, order: int, time: int, share: Share) -> None:
        """Take a call out again."""
        for each in share.value:
            self._values[each] -= 1
            if not self._values[each]:
                del self._values[each]

    def value(self, own: Share | None) -> Any:
        """Give what a request says, or UNKNOWN."""
        more = 0 if own is None else sum(each not in self._values for each in own.value)
        return len(self._values) + more


def sum_of(meter: Meter, total: int = 0) -> Sum:
    """Give the state of a meter that counts or sums, of which so much counts."""
    return (
        Sum(UNIT, whole=meter.whole, total=total)
        if meter.aggregate == "sum"
        else Sum(1, whole=True, total=total)
    )


def greatest(best: tuple[Any, Any] | None, own: Share | None, times: bool) -> Any:
    """Give what a request says of the greatest value that counts, as it is compared and as it was written."""
    if own is not None and (best is None or own.value > best[0]):
        best = (own.value, own.written)
    if best is None:
        return NONE
    return format_time(best[0]) if times else best[1]


def latest(time: int | None) -> Any:
    """Give what a request says of the time of the latest call that counts."""
    return NONE if time is None else format_time(time)


def reading_of(
    meter: Meter, value: Callable[[Share | None], Any], own: Share | None
) -> dict[str, Any]:
    """Give both readings of a meter as a request has them; `own` is what its call would add, None if nothing."""
    before = value(None)
    if before is UNKNOWN:
        return {}
    if not meter.has_with or (own is not None and own.broken):
        return {"before": before}
    with_it = before if own is None else value(own)
    return {"before": before} if with_it is UNKNOWN else {"before": before, "with": with_it}


def aggregate_of(meter: Meter) -> Aggregate:
    """Give the state of a meter of which nothing counts yet."""
    match meter.aggregate:
        case "count" | "sum" | "sum size":
            return sum_of(meter)
        case "max":
            return Greatest(meter.times)
        case "distinct":
            return Distinct()
        case "last":
            return Latest()
