"""How AGP reads the values of a request: text, numbers, times, durations, addresses, paths.

Every function answers `None` for what is not a value of its kind and never raises. The
compiler uses the same functions for the literals of a policy, so that a constant and the
attribute it is compared with are read alike.

Units: a time is nanoseconds since 1970-01-01T00:00:00Z, a duration is nanoseconds.
"""

from __future__ import annotations

import datetime
import gc
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

NANOSECONDS = 1_000_000_000
MAX_INT = 2**53 - 1  # the integers that every JSON reader carries exactly (RFC 8259, section 6)
MAX_DEPTH = 64  # levels of objects and lists in a request; the request itself is the first
MAX_SPIFFE_ID = 2048  # bytes, of which a SPIFFE ID has one a character
MAX_DURATION = 36_500 * 86_400 * NANOSECONDS

_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DURATION = re.compile(r"(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,12})s)?")
_BYTES = {str(byte): byte for byte in range(256)}  # as text, without a zero in front
_SPIFFE_SEGMENT = re.compile(r"[A-Za-z0-9._-]+")
_BROKEN = re.compile("[\ud800-\udfff\ufffd]")
_FEW = (
    MAX_DEPTH - 3
)  # objects and lists, which make no more levels than there may be, even between two others and one that ends there
_EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()


def is_text(value: object) -> bool:
    """Whether a value is a string of whole Unicode text.

    An unpaired surrogate, and U+FFFD, which decoders put in the place of a broken byte, mean
    that something was lost on the way: two different broken strings can look equal.
    """
    return type(value) is str and (value.isascii() or _BROKEN.search(value) is None)


def is_identity(value: object) -> bool:
    """Whether a value names somebody or something: text that is not empty.

    An empty string is what many programs write for a name that they do not have.
    """
    return value != "" and is_text(value)


def read_int(value: object) -> int | None:
    """Read a JSON number that is whole and within ±(2^53−1); a bool is not a number."""
    if type(value) is int:  # the bounds as numbers: a name takes a look-up, and its minus another
        return value if -(2**53) < value < 2**53 else None
    if type(value) is float and value.is_integer():
        return read_int(int(value))
    return None


def read_number(value: object) -> float | None:
    """Read a JSON number that is a finite IEEE 754 double; a bool is not a number.

    An integer that no double equals (2^53+1, 10^400) was not carried as a double, and is none.
    """
    if type(value) is float:
        return value if value - value == 0.0 else None  # neither infinite nor NaN
    if type(value) is int:
        if -MAX_INT <= value <= MAX_INT:
            return float(value)
        try:
            double = float(value)
        except OverflowError:
            return None
        return double if double == value else None
    return None


def read_digits(text: str) -> float | None:
    """Read decimal digits, perhaps with a sign and a fraction, as `read_number` reads a JSON number.

    >>> read_digits("020.50"), read_digits("9007199254740993")
    (20.5, None)
    """
    value = read_number(float(text))
    if value is None or "." in text or abs(value) <= MAX_INT:
        return value
    return value if int(abs(value)) == int(text.lstrip("-0")) else None  # at most 309 digits


def read_time(value: object) -> int | None:
    """Read an RFC 3339 instant as nanoseconds since 1970.

    Upper-case `T` and `Z`, at most nine digits of fraction, no leap second; it has to fit a signed
    64-bit count of nanoseconds, which the years 1678 to 2261 do.

    >>> read_time("1970-01-01T01:00:00.5+01:00")
    500000000
    """
    match = _TIME.fullmatch(value) if type(value) is str else None
    if match is None:
        return None
    date, hour, minute, second, fraction, sign, hours, minutes = match.groups()
    day = _day_of(date)
    if day is None or hour > "23" or minute > "59" or second > "59":
        return None
    seconds = (day - _EPOCH_DAY) * 86_400 + int(hour) * 3_600 + int(minute) * 60 + int(second)
    if sign is not None:
        if hours > "23" or minutes > "59":
            return None
        offset = int(hours) * 3_600 + int(minutes) * 60
        seconds += offset if sign == "-" else -offset
    instant = seconds * NANOSECONDS + (0 if fraction is None else int(fraction.ljust(9, "0")))
    return instant if -(2**63) <= instant < 2**63 else None


@lru_cache(maxsize=64)  # most calls are of today
def _day_of(date: str) -> int | None:
    """Count the days of the Gregorian calendar up to `YYYY-MM-DD`; None if there is no such day."""
    try:
        return datetime.date.fromisoformat(date).toordinal()
    except ValueError:
        return None


def read_date(value: object) -> int | None:
    """Read a date of the Gregorian calendar as its day, of which 0001-01-01 is the first.

    >>> read_date("0001-01-02"), read_date("2027-02-29")
    (2, None)
    """
    return _day_of(value) if type(value) is str and _DATE.fullmatch(value) else None


def write_date(day: int) -> str:
    """Write a day that `read_date` has read."""
    return datetime.date.fromordinal(day).isoformat()


def read_duration(value: object) -> int | None:
    """Read a duration such as `1h30m` as nanoseconds: days, hours, minutes, seconds, each once.

    At most 36,500 days.

    >>> read_duration("1h30m") // NANOSECONDS
    5400
    """
    match = _DURATION.fullmatch(value) if type(value) is str and value else None
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * NANOSECONDS
    return total if total <= MAX_DURATION else None


def read_address(value: object) -> tuple[int, int] | None:
    """Read an IP address as (bits of its family, number).

    An IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) is the IPv4 address that it maps; an address
    with a zone (`fe80::1%eth0`) is none, since the zone means nothing elsewhere.
    """
    if type(value) is not str:
        return None
    number = _ipv4(value)
    if number is not None:
        return (32, number)
    if ":" not in value or "%" in value:
        return None
    import ipaddress  # which only IPv6 needs

    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return (128, int(address)) if mapped is None else (32, int(mapped))
    return (32, int(address))


def _ipv4(text: str) -> int | None:
    try:
        a, b, c, d = text.split(".", 4)
        return _BYTES[a] << 24 | _BYTES[b] << 16 | _BYTES[c] << 8 | _BYTES[d]
    except (ValueError, KeyError):  # not four parts, or not four bytes
        return None


def read_network(value: object) -> tuple[int, int, int] | None:
    """Read a CIDR range, or one address, as (bits of its family, first number, last number).

    The bits after the prefix have to be zero, and an IPv4 range is not written in IPv6.
    """
    if type(value) is not str or "%" in value:
        return None
    start, slash, length = value.rpartition("/") if "/" in value else (value, "", "32")
    if slash and re.fullmatch(r"[0-9]{1,3}", length) is None:
        return None  # Python alone would take a netmask such as 10.0.0.0/255.0.0.0
    number = _ipv4(start)
    if number is not None:
        free = (1 << max(32 - int(length), 0)) - 1
        return None if int(length) > 32 or number & free else (32, number, number | free)
    if ":" not in value:
        return None
    import ipaddress

    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        return None
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped:
        return None
    return (
        network.max_prefixlen,
        int(network.network_address),
        int(network.broadcast_address),
    )


def in_network(address: tuple[int, int], network: tuple[int, int, int]) -> bool:
    """Whether an address (`read_address`) lies in a range (`read_network`)."""
    return address[0] == network[0] and network[1] <= address[1] <= network[2]


def path_segments(value: object) -> tuple[str, ...] | None:
    """Split an absolute path; None if it is not one, or has an empty, `.` or `..` segment.

    >>> path_segments("/a/b")
    ('a', 'b')
    >>> path_segments("/a/../b")
    """
    if type(value) is not str or not value.startswith("/"):
        return None
    segments = tuple(value[1:].split("/"))
    return None if any(segment in ("", ".", "..") for segment in segments) else segments


def relative_segments(value: object) -> tuple[str, ...] | None:
    """Split a relative path; None if it is not one, or has an empty, `.` or `..` segment.

    >>> relative_segments("a/b")
    ('a', 'b')
    >>> relative_segments("/a/b")
    """
    return path_segments(f"/{value}") if type(value) is str else None


def is_spiffe_segment(text: str) -> bool:
    """Whether text is a path segment of a SPIFFE ID (SPIFFE-ID, section 2.2)."""
    return text not in (".", "..") and _SPIFFE_SEGMENT.fullmatch(text) is not None


def _all_may(_: object) -> bool:
    return True


def _found_by(tracked: Callable[[object], bool]) -> Callable[[object], bool]:
    """Give what tells, if it tells here."""
    holders: list[object] = [{"a": {}}, {"a": []}, {"a": 1, "b": {"c": 1}}, {1: 2, "a": ["b"]}]
    tells = sys.implementation.name == "cpython" and all(map(tracked, holders))
    return tracked if tells else _all_may


may_hold_more = _found_by(getattr(gc, "is_tracked", _all_may))
"""Whether an object may hold objects or lists; where it says no it holds none.

CPython's garbage collector does not track a dictionary that only ever held text, numbers, bools and
None (`gc.is_tracked`), so that it tells at once what a look at each value would. Where an interpreter
does not tell, all may, and are looked at.
"""


def is_too_deep(value: object, holders: list[Any] | None = None) -> bool:
    """Whether objects and lists stand in each other on more than `MAX_DEPTH` levels.

    A value that holds itself has no end of levels. A caller who knows the first two levels may give
    (and lose) the `holders` of all that is deeper.
    """
    found: list[Any] = [value] if holders is None else holders
    for holder in found:  # which grows as it is read
        for inner in holder.values() if type(holder) is dict else holder:
            if type(inner) is not str and (
                type(inner) is list or (type(inner) is dict and may_hold_more(inner))
            ):
                found.append(inner)
        if len(found) > _FEW:
            return _has_too_many_levels(value)
    return False  # as almost always


def _has_too_many_levels(value: object) -> bool:
    """Count levels; what stands in many places of one is looked at once, so that it ends in time."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = list(
            {
                id(inner): inner
                for outer in level
                for inner in (outer.values() if type(outer) is dict else outer)
                if type(inner) is dict or type(inner) is list
            }.values()
        )
        if not level:
            return False
    return True


def is_json(value: object) -> bool:
    """Whether a value is of the types that a reader of JSON makes, whatever it holds how often."""
    pending: list[Any] = [value]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if type(each) is dict or type(each) is list:
            if id(each) not in seen:
                seen.add(id(each))
                if type(each) is dict and not all(type(key) is str for key in each):
                    return False
                pending.extend(each.values() if type(each) is dict else each)
        elif each is not None and type(each) not in (str, bool, int, float):
            return False
    return True


def json_equal(left: object, right: object) -> bool:
    """Whether two JSON values are equal: `1` equals `1.0`, and `true` equals only `true`.

    Values that JSON cannot carry, and broken text (`is_text`), equal nothing. Iterative, because a
    value may nest deeper than Python recurses; a pair is compared once, because one object may stand
    in many places, and in itself.
    """
    pending: list[tuple[Any, Any]] = [(left, right)]
    compared: set[tuple[int, int]] = set()
    while pending:
        a, b = pending.pop()
        if type(a) is str:
            if type(b) is not str or a != b or not is_text(a):
                return False
        elif type(a) is list or type(a) is dict:
            if type(a) is not type(b) or len(a) != len(b):
                return False
            pair = (id(a), id(b))
            if pair in compared:
                continue
            compared.add(pair)
            if type(a) is dict:
                for key, value in a.items():
                    if not is_text(key) or key not in b:
                        return False
                    pending.append((value, b[key]))
            else:
                pending.extend(zip(a, b, strict=True))
        elif type(a) is bool or type(b) is bool or a is None or b is None:
            if a is not b:
                return False
        else:
            x, y = read_number(a), read_number(b)
            if x is None or x != y:
                return False
    return True
