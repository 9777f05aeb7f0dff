"""When a rule holds: validity and recurring windows of local time."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from .values import NANOSECONDS

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Validity:
    """From `start`, included, to `end`, excluded, in nanoseconds; None is open."""

    start: int | None
    end: int | None

    def holds(self, now: int | None) -> bool:
        """Whether it is known to be inside."""
        return (
            now is not None
            and (self.start is None or self.start <= now)
            and (self.end is None or now < self.end)
        )


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the local day, `start` included, `end` excluded; `end <= start` is the next day.

    `days` are those on which it starts, 0 for Monday. A zone that this machine does not know is an
    error at once, not a decision later.
    """

    days: tuple[int, ...]
    start: int
    end: int
    zone: str
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look the zone up."""
        object.__setattr__(self, "_zone", ZoneInfo(self.zone))

    def holds(self, now: int | None) -> bool:
        """Whether it is known to be inside."""
        if now is None:
            return False
        utc = _EPOCH + datetime.timedelta(seconds=now // NANOSECONDS)
        local = utc.astimezone(self._zone)
        minute = local.hour * 60 + local.minute
        today = local.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= minute < self.end
        return (today in self.days and minute >= self.start) or (
            (today - 1) % 7 in self.days and minute < self.end
        )
