"""Conditions that relate attributes, by topic, and values that meet their edges."""

from __future__ import annotations

from itertools import product
from typing import Any

MOMENTS = (
    "2026-12-01T11:00:00Z",
    "2026-12-01T11:30:00.000000001Z",
    "2026-12-01T12:00:00Z",
    "2026-12-01T12:59:59.999999999Z",
    "2026-12-01T13:00:00Z",
    "2026-12-01T14:30:00Z",
)

LISTS = tuple(
    [e for e, there in zip("abc", bits, strict=True) if there] for bits in product((0, 1), repeat=3)
)

BAD = (None, {})

DOMAINS: dict[str, tuple[Any, ...]] = {
    "time": (*BAD, *MOMENTS),
    **dict.fromkeys(("s", "u"), (*BAD, *MOMENTS)),
    **dict.fromkeys("abc", (*BAD, 0, 1, 2, 3)),
    **dict.fromkeys("gh", (*BAD, "low", "mid", "high")),
    **dict.fromkeys("nm", (*BAD, 0, 0.5, 1, -1)),
    "d": (*BAD, "0s", "1h", "2h"),
    **dict.fromkeys(("who", "one"), (*BAD, "a", "b", "c", "d")),
    **dict.fromkeys("pqr", (None, 1, *LISTS)),
    "k": (None, 1, [], [0], [1], [0, 2], [1, 3]),
    "times": (None, 1, [], *([each] for each in MOMENTS), [MOMENTS[0], MOMENTS[5]]),
}

AGED = "2020-01-01T00:00:00Z"  # stands for the age of an hour, which only the IR asks of elements

TOPICS = {
    "clock": (
        "age(resource.s) < 1h", "age(resource.s) >= 1h", "age(resource.u) > 30m", "age(resource.u) == 2h",
        "age(resource.s) in [1h, 2h]", "resource.s > now", "resource.s <= now", "now == resource.u",
        "resource.s < resource.u", "resource.s == resource.u", "age(resource.s) < age(resource.u)",
        "age(resource.s) == age(resource.u)", "now < 2026-12-01T12:00:00Z", "now >= 2026-12-01T13:00:00Z",
        "resource.s >= 2026-12-01T12:00:00Z", "resource.u < 2026-12-01T13:00:00Z", "age(now) > 1h",
        "age(now) == 0s", "resource.u == 2026-12-01T12:00:00Z", "now > 2026-12-01T12:00:00Z",
    ),
    "element": (
        f"every resource.times < {AGED}", f"some resource.times > {AGED}", f"some resource.times == {AGED}",
        "every resource.times < now", "some resource.times > now", "resource.s in resource.times",
        "age(resource.s) >= 1h", "now < 2026-12-01T12:00:00Z", "some resource.times <= resource.s",
        f"every resource.times >= {AGED}", "resource.s <= now",
    ),
    "order": (
        "resource.a < resource.b", "resource.b < resource.c", "resource.c <= resource.a", "resource.a >= 2",
        "resource.c <= 3", "resource.a == resource.c", "resource.b == 1", "resource.a in [0, 3]",
        "resource.b != resource.c",
    ),
    "rank": (
        "resource.g < resource.h", "resource.h <= resource.g", "resource.g == resource.h",
        "resource.g >= mid", "resource.h < high", "resource.n < resource.m", "resource.n >= 0.5",
        "resource.m <= 0.5", "resource.m == resource.n", "resource.n > 0",
    ),
    "lists": (
        "every resource.p in resource.q", "some resource.p not in resource.q", "resource.p subset of resource.q",
        "resource.q subset of resource.r", "resource.q contains all resource.r",
        "resource.p contains any resource.r", 'resource.q subset of ["a", "b"]', 'resource.p contains "c"',
        'every resource.r == "a"', 'resource.p subset of ["a", "b"]', 'resource.r contains any ["a"]',
    ),
    "members": (
        "resource.who in resource.p", "resource.one in resource.p", "resource.who == resource.one",
        "some resource.p == resource.who", "every resource.p == resource.who", "some resource.p != resource.who",
        "every resource.p == resource.one", 'resource.who == "a"', 'resource.one in ["a", "b"]',
        'resource.p subset of ["a", "b"]', "every resource.p in resource.q", "resource.one in resource.q",
        'resource.q contains "b"',
    ),
    "numbers": (
        "every resource.k < resource.a", "some resource.k >= resource.b", "resource.a in resource.k",
        "resource.b in resource.k", "resource.a < resource.b", "every resource.k == resource.a",
        "resource.k contains 1", "every resource.k >= 1", "resource.a <= 2",
    ),
}  # fmt: skip
