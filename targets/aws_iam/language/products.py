"""What one IAM statement can ask for: tests of condition keys, and patterns of its resource.

A `Product` is a conjunction. A statement can hold each operator once for each key, so joining
two products joins the values of equal operators, or cannot be said.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from ....compiler.structs import Struct
from ....runtime.address_text import write_network
from ....runtime.values import read_time
from ...partial import unique
from .patterns import Glob, intersection

Values: TypeAlias = tuple[Any, ...]
"""Globs for string operators, IAM's own text for all others."""

LIMIT = 64
"""Alternatives that one rule may have on one capability, before it counts as too much to say."""


class KeyTest(Struct):
    """An operator, the key that it looks at, and the values, of which any will do."""

    operator: str
    key: str
    values: Values


class Product(Struct):
    """All the tests hold, and each attribute in the location fits one of its patterns.

    `paths` are attributes in the location whose value must not have an empty, `.` or `..` segment,
    each with the patterns of such values.
    """

    tests: tuple[KeyTest, ...] = ()
    places: tuple[tuple[str, tuple[Glob, ...]], ...] = ()
    paths: tuple[tuple[str, tuple[Glob, ...]], ...] = ()


ALWAYS = Product()


def conjoin(left: Product, right: Product) -> Product | None:
    """Both: None if they contradict each other, Unsayable if one statement cannot hold both."""
    tests = {(each.operator, each.key): each.values for each in left.tests}
    for each in right.tests:
        slot = (each.operator, each.key)
        values = both(each.operator, tests[slot], each.values) if slot in tests else each.values
        if not values and each.operator.endswith("IfExists"):  # both hold of a missing key alone
            del tests[slot]
            slot = ("Null", each.key)
            values = both("Null", tests.get(slot, ("true",)), ("true",))
        if not values:
            return None
        tests[slot] = values
    places = dict(left.places)
    for name, globs in right.places:
        places[name] = common(places[name], globs) if name in places else globs
        if not places[name]:
            return None
    return Product(
        tuple(KeyTest(*slot, tests[slot]) for slot in sorted(tests)),
        tuple((name, places[name]) for name in sorted(places)),
        tuple(sorted({*left.paths, *right.paths}, key=repr)),
    )


def both(operator: str, left: Values, right: Values) -> Values:
    """The values with which one operator says what two of it say; none if no value will do."""
    base = operator.removesuffix("IfExists")
    if "Not" in base:  # none of these and none of those
        return unique((*left, *right))
    if base in ("StringEquals", "StringLike"):
        return common(left, right)
    if base == "IpAddress":
        return common_ranges(left, right)
    if "Than" in base:
        by: Callable[[Any], Any] = read_time if base.startswith("Date") else int
        return ((min if "Less" in base else max)(*left, *right, key=by),)
    return tuple(each for each in left if each in right)


def common(left: Iterable[Glob], right: Iterable[Glob]) -> tuple[Glob, ...]:
    """Globs that match what one of each side matches."""
    right = tuple(right)
    pairs = (intersection(one, other) for one in left for other in right)
    return unique(each for each in pairs if each is not None)


def common_ranges(left: Iterable[str], right: Iterable[str]) -> tuple[str, ...]:
    """The address ranges that are in one of each side: of two that meet, one contains the other."""
    found = []
    for a in map(ipaddress.ip_network, left):
        for b in map(ipaddress.ip_network, right):
            if a.version == b.version and a.overlaps(b):
                found.append(text_of_network(a if a.prefixlen >= b.prefixlen else b))
    return unique(found)


def text_of_network(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    """A range as it is written in a policy, whatever Python writes it."""
    return write_network(network.max_prefixlen, int(network.network_address), network.prefixlen)
