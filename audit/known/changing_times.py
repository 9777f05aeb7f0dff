"""When a lease has to be permitted besides at its ends: at each moment between them at which time alone may change that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from ...runtime.values import NANOSECONDS, read_time
from ...runtime.windows import Window

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir

_MINUTE = 60 * NANOSECONDS
_DAY = 24 * 60 * _MINUTE
_LIKE_ONE = re.compile(r'"(\d{4}-[^"\\]{6,60})"')


def times_in(text: str) -> frozenset[int]:
    """Give the times that stand in JSON, whatever for, in nanoseconds since 1970."""
    found = map(read_time, _LIKE_ONE.findall(text))
    return frozenset(each for each in found if each is not None)


def moments_between(
    windows: Iterable[ir.Window], instants: Iterable[int], start: int, end: int, *, aging: bool
) -> Iterator[int]:
    """Give the moments between two: where windows open or close, at times and right after, and where ages count each minute."""
    for window in windows:
        own = Window(window.days, window.start, window.end, window.zone)
        for day in range(start // _DAY, end // _DAY + 1):
            yield from (each for each in _changes(own, day) if start < each < end)
    for instant in instants:
        yield from (each for each in (instant, instant + 1) if start < each < end)
    if aging:
        yield from range((start // _MINUTE + 1) * _MINUTE, end, _MINUTE)


@lru_cache(maxsize=4096)
def _changes(window: Window, day: int) -> tuple[int, ...]:
    """Give the minutes of a day (UTC) at which a window opens or closes; its zone is not asked how it comes to that."""
    begin = day * _DAY
    holds = [window.holds(begin + number * _MINUTE) for number in range(-1, 24 * 60)]
    return tuple(
        begin + number * _MINUTE for number in range(24 * 60) if holds[number] != holds[number + 1]
    )
