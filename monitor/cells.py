"""The state of one meter for one value of its keys: what counts, since when that is known, and what it comes to.

Three steps, each on its own: `count` and `discount` take a record in or out, `pass_time` lets the window move, and
`read` says what a request carries.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import Any

from ..runtime.facts import Meter
from .aggregates import aggregate_of, reading_of
from .shares import Share

FOREVER = float("inf")


class Cell:
    """What counts of one meter, for the calls that share their keys.

    Of records up to `known_from` it does not tell whether it has all that count.
    """

    __slots__ = ("_aggregate", "_broken", "_entries", "_times", "known_from", "latest", "meter")

    def __init__(self, meter: Meter, known_from: float) -> None:
        """Start with nothing."""
        self.meter = meter
        self.known_from = known_from
        self.latest: float = -FOREVER
        self._aggregate = aggregate_of(meter)
        self._broken = 0
        self._entries: dict[int, tuple[int, Share]] = {}
        self._times: list[tuple[int, int]] = []  # of those with a window; a verdict comes late

    def count(self, order: int, time: int, share: Share, at: int) -> None:
        """Take a call in that counts from `at` on."""
        self.latest = max(self.latest, at)
        self._entries[order] = (time, share)
        if self.meter.within is not None:
            insort(self._times, (time, order))
        if share.broken:
            self._broken += 1
        else:
            self._aggregate.add(order, time, share)

    def discount(self, order: int, at: float) -> None:
        """Take a call out that counts no longer from `at` on, if it is still there."""
        found = self._entries.get(order)
        if found is not None:
            self.latest = max(self.latest, at)
            if self.meter.within is not None:
                del self._times[bisect_left(self._times, (found[0], order))]
            self._take_out(order)

    def _take_out(self, order: int) -> None:
        time, share = self._entries.pop(order)
        if share.broken:
            self._broken -= 1
        else:
            self._aggregate.remove(order, time, share)

    def forget(self, order: int, time: int) -> None:
        """Lose a call of which nobody will tell any more whether it counts."""
        self.discount(order, time)
        self.known_from = max(self.known_from, time)

    def pass_time(self, now: int) -> None:
        """Let go what has left the window; if time goes back, it is not known any more what was in it."""
        if self._times and self._times[0][0] <= (starts := start_of(self.meter, now)):
            self.known_from = max(self.known_from, starts)
            gone = bisect_right(self._times, (starts, FOREVER))
            for _, order in self._times[:gone]:
                self._take_out(order)
            del self._times[:gone]

    def read(self, now: int, own: Share | None) -> dict[str, Any]:
        """Give what a request says of the meter; `own` is what its call would add, None if nothing."""
        if start_of(self.meter, now) < self.known_from or self.latest > now:
            return {}
        self.pass_time(now)
        if self._broken:
            return {}
        return reading_of(self.meter, self._aggregate.value, own)


def start_of(meter: Meter, now: int) -> float:
    """Give the time after which records count."""
    return -FOREVER if meter.within is None else now - meter.within
