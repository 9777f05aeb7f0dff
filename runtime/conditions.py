"""What the compiled conditions of rules are made of.

A reader turns a JSON value into one that Python compares as AGP does, or gives None for what is
missing or malformed: text stays itself, numbers become numbers, times and durations nanoseconds,
levels their rank, addresses pairs, lists lists of such values. A test of something that may be
unknown answers True, False, or None for unknown. Nothing here raises, whatever it is given.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any

from .values import is_text, path_segments, read_address, read_network

REMEMBERED = 1_024  # addresses, of each set of ranges; a full memory is emptied

BELOW_ALL = float("-inf")

Reader = Callable[[object], Any]


def read_text(value: object) -> str | None:
    """Read a string of whole Unicode text."""
    return value if type(value) is str and (value.isascii() or is_text(value)) else None


def read_bool(value: object) -> bool | None:
    """Read a bool."""
    return value if type(value) is bool else None


def read_json(value: object) -> object:
    """Read any value; only whether it is there matters."""
    return value


def read_member(*members: str) -> Callable[[object], str | None]:
    """Make the reader of an enum: one of its members."""
    known = frozenset(members)

    def read(value: object) -> str | None:
        return value if type(value) is str and value in known else None

    return read


def read_rank(*members: str) -> Callable[[object], int | None]:
    """Make the reader of a level: the rank of a member, from 0 for the least."""
    ranks = {member: rank for rank, member in enumerate(members)}

    def read(value: object) -> int | None:
        return ranks.get(value) if type(value) is str else None

    return read


def read_or_nothing(value_reader: Reader) -> Reader:
    """Make the reader of what a meter gives that may be of nothing, which is below every value."""

    def read(value: object) -> Any:
        if type(value) is dict and len(value) == 1 and value.get("none") is True:
            return BELOW_ALL
        return value_reader(value)

    return read


def read_list(element: Reader) -> Callable[[object], list[Any] | None]:
    """Make the reader of a list; one wrong element makes it no list."""

    def read(value: object) -> list[Any] | None:
        if type(value) is not list:
            return None
        found = [element(each) for each in value]
        return None if None in found else found

    return read


def read_texts(value: object) -> list[Any] | None:
    """Read a list of texts."""
    return value if type(value) is list and all(map(is_text, value)) else None


def read_record(*fields: tuple[str, Reader, bool]) -> Callable[[object], dict[str, Any] | None]:
    """Make the reader of a record from (name, reader, optional); other fields are ignored."""

    def read(value: object) -> dict[str, Any] | None:
        if type(value) is not dict:
            return None
        for name, reader, optional in fields:
            inner = value.get(name)
            if inner is None:
                if not optional:
                    return None
            elif reader(inner) is None:
                return None
        return value

    return read


def inside(value: object, *path: str) -> Any:
    """Give what stands at a path of nested objects, None if there is none."""
    for step in path:
        if type(value) is not dict:
            return None
        value = value.get(step)
    return value


def names_of(request: dict[str, Any]) -> Any:
    """Give the names of the arguments; what is no object is no list of names."""
    arguments = request["action"].get("properties")
    if arguments is None:
        return []
    return list(arguments) if type(arguments) is dict else None


def size(elements: list[Any] | None) -> int | None:
    """Give how many elements a list has."""
    return None if elements is None else len(elements)


def gathered(value: object, *way: str) -> list[Any] | None:
    """Give what stands at the end of a way through lists of records; None where a part of it is not of its type.

    A step is `[]` for each element, `.name` for a field, or `?name` for one that is left out where it is absent.
    """
    found = [value]
    for step in way:
        if step == "[]":
            if not all(type(each) is list for each in found):
                return None
            found = [element for each in found for element in each]  # type: ignore[attr-defined]
            continue
        if not all(type(each) is dict for each in found):
            return None
        name = step[1:]
        found = [each.get(name) for each in found]  # type: ignore[attr-defined]
        if step[0] == "?":
            found = [each for each in found if each is not None]
    return found


def is_absent(value: object, *path: str) -> bool:
    """Whether a path ends at nothing, or at null, and never at something that is not an object."""
    for step in path:
        if value is None:
            return True
        if type(value) is not dict:
            return False
        value = value.get(step)
    return value is None


def age(now: int | None, time: int | None) -> int | None:
    """Give the nanoseconds since a time; None if either is unknown or the time has not come."""
    return None if now is None or time is None or time > now else now - time


def is_under(value: object, outer: tuple[str, ...]) -> bool | None:
    """Whether a path lies under another, given as segments; unknown if it is not a clean absolute path."""
    inner = path_segments(value) if read_text(value) is not None else None
    return None if inner is None else inner[: len(outer)] == outer


def is_under_relative(value: str | None, outer: tuple[str, ...]) -> bool | None:
    """Whether a path lies under a relative one, given as segments; unknown if it is not a clean relative path."""
    return None if value is None else is_under(f"/{value}", outer)


def is_under_path(value: str | None, outer: str | None) -> bool | None:
    """Whether a path lies under another; unknown if either is not clean, or only one is absolute."""
    if value is None or outer is None:
        return None
    if outer == "/":
        return is_under(value, ())
    if outer.startswith("/"):
        around = path_segments(outer)
        return None if around is None else is_under(value, around)
    around = path_segments(f"/{outer}")
    return None if around is None else is_under_relative(value, around)


def member(item: object, of: list[Any] | None) -> bool | None:
    """Whether a value is in a list; unknown if either is."""
    return None if item is None or of is None else item in of


def subset_of(have: list[Any] | None, of: Iterable[Any] | None) -> bool | None:
    """Whether every element of a list is in another; unknown if either is."""
    return None if have is None or of is None else frozenset(of).issuperset(have)


def contains_all(have: list[Any] | None, of: Iterable[Any] | None) -> bool | None:
    """Whether a list has every element of another; unknown if either is."""
    return None if have is None or of is None else frozenset(have).issuperset(of)


def contains_any(have: list[Any] | None, of: Iterable[Any] | None) -> bool | None:
    """Whether two lists have an element in common; unknown if either is."""
    return None if have is None or of is None else not frozenset(of).isdisjoint(have)


class _Held(dict[str, bool | None]):
    """The answers of some ranges to addresses, each worked out when it is first asked for."""

    def __init__(self, ranges: Ranges) -> None:
        super().__init__()
        self._ranges = ranges

    def __missing__(self, address: str) -> bool | None:
        read = read_address(address)
        if read is None:
            return None
        if len(self) >= REMEMBERED:
            self.clear()
        answer = self[address] = read in self._ranges
        return answer


class Ranges:
    """Address ranges, merged and sorted, so that many cost little more than one.

    Callers come from few addresses, so that the answers to those asked about are remembered.
    """

    __slots__ = ("_ends", "_starts", "hold")

    hold: Callable[[str], bool | None]
    """Whether an address, which is a `str` and of no other class, lies in one of them; unknown if it is none."""

    def __init__(self, *networks: str) -> None:
        """Take ranges in CIDR notation; what is none is a ValueError."""
        self._starts: dict[int, list[int]] = {}
        self._ends: dict[int, list[int]] = {}
        found = []
        for network in networks:
            read = read_network(network)
            if read is None:
                raise ValueError(f"{network!r} is not a range of addresses")
            found.append(read)
        for bits, first, last in sorted(found):
            starts = self._starts.setdefault(bits, [])
            ends = self._ends.setdefault(bits, [])
            if ends and first <= ends[-1]:
                ends[-1] = max(ends[-1], last)
            else:
                starts.append(first)
                ends.append(last)
        self.hold = _Held(self).__getitem__  # which takes no call of a function where it is known

    def __contains__(self, address: tuple[int, int]) -> bool:
        """Whether an address (`read_address`) lies in one of them."""
        bits, number = address
        at = bisect_right(self._starts.get(bits, ()), number) - 1
        return at >= 0 and number <= self._ends[bits][at]
