"""Times that stand somewhere: what is decided may change when one of them comes."""

from __future__ import annotations

import re

from ...runtime.values import read_time

_LIKE_ONE = re.compile(r'"(\d{4}-[^"\\]{6,60})"')


def times_in(text: str) -> frozenset[int]:
    """Give the times that stand in JSON, whatever for, in nanoseconds since 1970.

    >>> times_in('{"until": "1970-01-01T00:00:01Z", "other": "1970-"}')
    frozenset({1000000000})
    """
    found = map(read_time, _LIKE_ONE.findall(text))
    return frozenset(each for each in found if each is not None)
