"""When a rule holds: validity and recurring windows of local time."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from .values import NANOSECONDS, read_time

_ALWAYS = 2**64  # nanoseconds, beyond every time that can be read
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Validity:
    """From `start`, included, to `end`, excluded, as RFC 3339 (`read_time`); None is open.

    What is not a time is an error at once, not a rule that is always valid.
    """

    start: str | None
    end: str | None
    _start: int = field(init=False, repr=False, compare=False)
    _end: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the times."""
        for name, text, open_end in (("_start", self.start, -_ALWAYS), ("_end", self.end, _ALWAYS)):
            time = open_end if text is None else read_time(text)
            if time is None:
                raise ValueError(f"{text!r} is not a time")
            object.__setattr__(self, name, time)

    def holds(self, now: int | None) -> bool:
        """Whether it is known to be inside."""
        return now is not None and self._start <= now < self._end

    def excludes(self, now: int | None) -> bool:
        """Whether it is known to be outside."""
        return now is not None and not self.holds(now)


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

    def excludes(self, now: int | None) -> bool:
        """Whether it is known to be outside."""
        return now is not None and not self.holds(now)
