"""Values: constants of a type for policies, and JSON values of a type for requests."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.runtime.glob import quote_glob
from agpc.runtime.time_text import format_time
from agpc.runtime.values import MAX_INT, NANOSECONDS, read_date, read_time, write_date

from .texts import WORDS, hostile_text

Draw: TypeAlias = st.DrawFn
Members: TypeAlias = Mapping[str, tuple[str, ...]]
T = TypeVar("T")

EARLIEST, LATEST = format_time(-(2**63)), format_time(2**63 - 1)
TIMES = (
    "2026-11-24T10:00:00Z",
    "2026-11-24T09:59:59.999999999Z",
    "2026-11-24T11:00:00Z",
    "2026-03-29T00:59:59Z",  # the last second of winter time in Europe
    "2026-10-25T00:30:00Z",  # the first of two times 02:30 in Berlin
    "2026-11-29T23:30:00Z",
    EARLIEST,
    LATEST,
)
INTS = (0, 1, -1, 500, 501, MAX_INT, -MAX_INT)
NUMBERS: tuple[int | float, ...] = (0, 1, -1, 0.8, 500, 500.5, 1e-9, MAX_INT, float(2**80), 1e300)
DURATIONS = (0, 1, 900, 3600, 5400, 86_400, 36_500 * 86_400)
ADDRESSES = ("10.0.0.1", "10.255.255.255", "11.0.0.0", "::1", "2001:db8::1", "255.255.255.255")
NETWORKS = (
    "10.0.0.0/8",
    "10.0.0.0/31",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/32",
    "10.0.0.1",
    "::1/128",
)
GLOBS = ("*", "t*", "t?", "?", "*a*b*", "\\*", "a\\?b", "", "*/b", "**", "\\\\*")
DATES = ("2026-11-24", "2026-11-25", "0001-01-01", "9999-12-31", "2024-02-29")
DOMAINS = ("acme.example", "mail.acme.example", "notacme.example", "example", "a")
HOSTS = (*DOMAINS, "10.0.0.1", "::1")
EMAILS = ("ann@acme.example", "Ann@mail.acme.example", "bob@ACME.example", "ann@a")
URLS = (
    "https://acme.example/a",
    "https://acme.example",
    "http://mail.acme.example:8080/a/b?x=1",
    "https://10.0.0.1/",
    "https://[::1]/?",
    "http://a:443/a//b",
)
PATHS = ("/", "/a", "a", "/a/b", "a/b", "/é x", "/a.b", "..a")


integers = cache(st.integers)  # Hypothesis takes a fifth of a policy to look its own up
BOOLEANS = st.booleans()


def pick(draw: Draw, options: Sequence[T]) -> T:
    """One of the options; shrinks towards the first."""
    return options[draw(integers(0, len(options) - 1))] if len(options) > 1 else options[0]


def chance(draw: Draw, percent: int) -> bool:
    """True about so often; shrinks towards False."""
    return draw(integers(0, 99)) >= 100 - percent


def constant_value(draw: Draw, type_: ir.Type, members: Members) -> ir.Value:
    """A constant of a comparable type, in the form of `ir.Value`; of a part, one of its type."""
    match type_:
        case ir.PartOf(_, "path"):
            return pick(draw, ("/a", "/a/b", "/", "/a//b", "a"))
        case ir.PartOf(_, "port"):
            return pick(draw, (443, 80, 8080, 0, 65_535))
        case ir.PartOf():
            return constant_value(draw, type_.type, members)
        case ir.Scalar("date"):
            return pick(draw, DATES)
        case ir.Scalar("domain"):
            return pick(draw, DOMAINS)
        case ir.Scalar("host"):
            return pick(draw, HOSTS)
        case ir.Scalar("email"):
            return pick(draw, EMAILS)
        case ir.Scalar("url"):
            return pick(draw, URLS)
        case ir.LevelType(name) | ir.EnumType(name):
            return pick(draw, members[name])
        case ir.Scalar("bool"):
            return draw(BOOLEANS)
        case ir.Scalar("int"):
            return pick(draw, INTS)
        case ir.Scalar("number"):
            return pick(draw, NUMBERS)
        case ir.Scalar("time"):
            return pick(draw, TIMES)
        case ir.Scalar("duration"):
            return pick(draw, DURATIONS)
        case ir.Scalar("ip"):
            return pick(draw, ADDRESSES)
    return pick(draw, WORDS) if chance(draw, 80) else draw(hostile_text())


def network_value(draw: Draw) -> str:
    """A range of addresses, or one address, as canonical text."""
    return pick(draw, NETWORKS)


def glob_value(draw: Draw) -> str:
    """A pattern of `like`."""
    return pick(draw, GLOBS) if chance(draw, 75) else quote_glob(draw(hostile_text())) + "*"


def path_value(draw: Draw) -> str:
    """A path of `under`."""
    return pick(draw, PATHS)


def json_of(type_: ir.Type, value: ir.Value) -> Any:
    """A constant as the JSON that a request carries it in."""
    if type_ == ir.DURATION:
        return duration_text(int(value))
    return value


def whole_with(type_: ir.Type, value: Any) -> Any:
    """A JSON value of which a part, or a part of each in a list, is as given; anything else as it is."""
    match type_:
        case ir.ListType(of) if isinstance(value, list):
            return [whole_with(of, each) for each in value]
        case ir.PartOf(_, "domain"):
            return f"ann@{value}"
        case ir.PartOf(_, "scheme"):
            return f"{value}://acme.example/a"
        case ir.PartOf(_, "host"):
            return f"https://{f'[{value}]' if ':' in str(value) else value}/a"
        case ir.PartOf(_, "port"):
            return f"https://acme.example:{value}/a"
        case ir.PartOf(_, "path"):
            return f"https://acme.example{value}"
        case ir.PartOf(_, "query"):
            return f"https://acme.example/?{value}"
    return value


def duration_text(seconds: int) -> str:
    """A duration in the language's own form."""
    return f"{seconds // 60}m{seconds % 60}s" if seconds % 7 else f"{seconds}s"


def neighbours(type_: ir.Type, value: ir.Value, members: Members) -> dict[str, list[Any]]:
    """JSON values just below, equal to and just above a constant of an ordered type.

    Equal values are also written in other ways that mean the same.
    """
    found: dict[str, list[Any]] = {"<": [], "==": [json_of(type_, value)], ">": []}
    match type_:
        case ir.PartOf(_, "port"):
            assert isinstance(value, int)
            found["<"].append(value - 1)
            found[">"].append(value + 1)
        case ir.Scalar("date"):
            day = read_date(value)
            assert day is not None
            found["<"] += [write_date(day - 1)] if day > 1 else []
            found[">"] += [write_date(day + 1)] if value != DATES[3] else []
        case ir.Scalar("email"):
            local, _, domain = str(value).partition("@")
            found["=="].append(f"{local}@{domain.upper()}")
        case ir.Scalar("url"):
            found["=="].append(str(value).replace("//acme.example", "//acme.example:443"))
        case ir.Scalar("int"):
            assert isinstance(value, int)
            found["<"] += [value - 1] if value > -MAX_INT else []
            found[">"] += [value + 1] if value < MAX_INT else []
            found["=="].append(float(value))
        case ir.Scalar("number"):
            double = float(value)
            step = max(abs(double) / 2**52, 5e-324)
            found["<"] += [double - step, double - abs(double) - 1]
            found[">"] += [double + step, double + abs(double) + 1]
            found["=="].append(double)
        case ir.Scalar("time"):
            at = read_time(value)
            assert at is not None
            found["<"] += [
                format_time(at - step) for step in (1, NANOSECONDS) if at - step >= -(2**63)
            ]
            found[">"] += [format_time(at + step) for step in (1, NANOSECONDS) if at + step < 2**63]
            found["=="] += [in_offset(str(value))]
        case ir.Scalar("duration"):
            seconds = int(value)
            found["<"] += [duration_text(seconds - 1)] if seconds else []
            found[">"] += [duration_text(seconds + 1)] if seconds < DURATIONS[-1] else []
            found["=="].append(f"{seconds}s")
        case ir.LevelType(name):
            rank = members[name].index(str(value))
            found["<"] += members[name][:rank]
            found[">"] += members[name][rank + 1 :]
    return found


def in_offset(time: str) -> str:
    """The same instant, written with another offset where the hours allow."""
    hour = int(time[11:13])
    return f"{time[:11]}{hour - 1:02d}{time[13:-1]}-01:00" if hour else time.replace("Z", "+00:00")


def json_value(draw: Draw, type_: ir.Type, members: Members) -> Any:
    """A JSON value of a type, often one that constants of policies are near to."""
    match type_:
        case ir.ListType(of):
            return [json_value(draw, of, members) for _ in range(draw(integers(0, 2)))]
        case ir.RecordType(fields):
            return {
                field.name: json_value(draw, field.type, members)
                for field in fields
                if not field.optional or chance(draw, 70)
            }
        case ir.Scalar("json"):
            return pick(draw, (0, "x", {"a": [1]}, [], True))
    value = constant_value(draw, type_, members)
    if chance(draw, 25):
        near = neighbours(type_, value, members)
        return pick(draw, [*near["=="], *near["<"], *near[">"]])
    return json_of(type_, value)


def mapped(address: str) -> str:
    """An IPv4 address as the IPv6 address that maps it."""
    return f"::ffff:{address}" if ipaddress.ip_address(address).version == 4 else address
