"""Sets of values of one attribute: the states absent and malformed, and the values of its type.

Values are in the interpreter's comparable form: text, ranks of levels, nanoseconds, numbers,
(bits, number) of addresses. Every operation is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Literal, TypeAlias, assert_never

from .....runtime.values import MAX_DURATION, MAX_INT, NANOSECONDS
from ....ir import nodes as ir
from ....meaning.request import BELOW_ALL
from ....structs import Struct
from ..verdict import Undetermined
from .texts import OneOf, Texts, first_of

Kind: TypeAlias = Literal["int", "number", "time", "date", "duration", "age", "ip"]

V4_END = 2**32 - 1
V6_START = 2**32  # addresses on one line: IPv4, then IPv6
MAPPED = (V6_START + (0xFFFF << 32), V6_START + (0xFFFF << 32) + V4_END)
EDGES: dict[Kind, tuple[tuple[float, float], ...]] = {
    "int": ((-MAX_INT, MAX_INT),),
    "number": ((-math.nextafter(math.inf, 0), math.nextafter(math.inf, 0)),),
    "time": ((-(2**63), 2**63 - 1),),
    "date": ((1, 3_652_059),),
    "duration": ((0, MAX_DURATION),),
    "age": ((0, 2**64 - 1),),
    # An IPv4-mapped address is the IPv4 address, so none of them is an IPv6 one.
    "ip": ((0, MAPPED[0] - 1), (MAPPED[1] + 1, V6_START + 2**128 - 1)),
}
HINTS: dict[Kind, tuple[float, ...]] = {
    "int": (1, 0, 10, 100),
    "number": (1, 0, 10, 0.5),
    "time": (1_796_119_200 * NANOSECONDS,),  # 2026-12-01T10:00:00Z
    "date": (739_951,),  # 2026-12-01
    "duration": (60 * NANOSECONDS, 0),
    "age": (60 * NANOSECONDS, 0),
    "ip": (0x0A010203, 0xC0000207),  # 10.1.2.3, 192.0.2.7
}


class Finite(Struct):
    """Some of a few values, as bits: the members of a type, or that there is a value at all."""

    mask: int
    size: int

    def __and__(self, other: Finite) -> Finite:
        """The values in both."""
        return Finite(self.mask & other.mask, self.size)

    def complement(self) -> tuple[Finite, ...]:
        """The other values."""
        return (Finite((1 << self.size) - 1 & ~self.mask, self.size),)

    def contains(self, value: Any) -> bool:
        """Whether a value is among them, by its rank."""
        return bool(self.mask >> int(value) & 1)

    def members(self) -> Iterator[int]:
        """The values, by rank."""
        return (rank for rank in range(self.size) if self.mask >> rank & 1)


class Intervals(Struct):
    """Numbers of one kind, as sorted closed intervals that do not touch."""

    kind: Kind
    spans: tuple[tuple[float, float], ...]

    def __and__(self, other: Intervals) -> Intervals:
        """The numbers in both."""
        found = []
        mine, theirs = iter(self.spans), iter(other.spans)
        a, b = next(mine, None), next(theirs, None)
        while a is not None and b is not None:
            low, high = max(a[0], b[0]), min(a[1], b[1])
            if low <= high:
                found.append((low, high))
            if a[1] < b[1]:
                a = next(mine, None)
            else:
                b = next(theirs, None)
        return Intervals(self.kind, tuple(found))

    def complement(self) -> tuple[Intervals, ...]:
        """The other numbers of the kind."""
        gaps: list[tuple[float, float]] = []
        for low, high in EDGES[self.kind]:
            at = low
            for start, end in self.spans:
                if end < low or start > high:
                    continue
                if start > at:
                    gaps.append((at, before(start, self.kind)))
                at = after(end, self.kind)
            if at <= high:
                gaps.append((at, high))
        return (Intervals(self.kind, tuple(gaps)),)

    def contains(self, value: Any) -> bool:
        """Whether a number is among them."""
        return any(low <= value <= high for low, high in self.spans)

    def members(self) -> Iterator[float]:
        """Some of the numbers, readable ones and those at edges first; all if they are few."""
        seen: set[float] = set()
        for value in (*HINTS[self.kind], *self._near_edges()):
            if value not in seen and self.contains(value):
                seen.add(value)
                yield value
        for low, high in self.spans:
            value, limit = low, 1000
            while value <= high and limit:
                if value not in seen:
                    seen.add(value)
                    yield value
                value, limit = after(value, self.kind), limit - 1

    def _near_edges(self) -> Iterator[float]:
        for low, high in self.spans:
            if self.kind == "number" and math.isfinite(low) and math.isfinite(high):
                yield from (float(math.ceil(low)), float(math.floor(high)))
            if self.kind == "time" and low == EDGES["time"][0][0]:
                # From the beginning of time: the last second before the end says more.
                yield from (high // NANOSECONDS * NANOSECONDS, high)
            yield from (low, high)
            if self.kind == "number":
                inner = (low + 1, high - 1, low / 2 + high / 2)
                yield from filter(math.isfinite, inner)
            else:
                yield from (after(low, self.kind), before(high, self.kind))


def after(value: float, kind: Kind) -> float:
    """The next number of a kind: doubles are as discrete as whole numbers, durations whole seconds."""
    if kind == "number":
        return math.nextafter(value, math.inf)
    return value + (NANOSECONDS if kind == "duration" else 1)


def before(value: float, kind: Kind) -> float:
    """The number before."""
    if kind == "number":
        return math.nextafter(value, -math.inf)
    return value - (NANOSECONDS if kind == "duration" else 1)


def intervals(kind: Kind, spans: Iterable[tuple[float, float]]) -> Intervals:
    """Sort, merge and clip intervals to what the kind has."""
    merged: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if low > high:
            continue
        if merged and low <= after(merged[-1][1], kind):
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return Intervals(kind, tuple(merged)) & Intervals(kind, EDGES[kind])


class Lists(Struct):
    """Lists whose elements are all in one set, and of which some element is in each of others."""

    every: Body
    some: tuple[Body, ...] = ()

    def __and__(self, other: Lists) -> Lists:
        """The lists in both."""
        more = tuple(each for each in other.some if each not in self.some)
        return Lists(meet(self.every, other.every), (*self.some, *more))

    def complement(self) -> tuple[Lists, ...]:
        """Lists with an element outside, and lists without an element in one of the others."""
        whole = everything(self.every)
        found = [Lists(whole, (outside,)) for outside in self.every.complement()]
        for wanted in self.some:
            outside = wanted.complement()
            if len(outside) > 1:
                raise Undetermined("a test of the elements of a list falls into parts")
            found.extend(Lists(each) for each in outside)
        return tuple(found)

    def contains(self, value: Any) -> bool:
        """Whether a list is among them."""
        return all(holds(self.every, each) for each in value) and all(
            any(holds(wanted, each) for each in value) for wanted in self.some
        )

    def members(self) -> Iterator[list[Any]]:
        """The shortest lists: one element for each that is asked for, then one more."""
        needed: list[Any] = []
        for wanted in self.some:
            if not any(holds(wanted, each) for each in needed):
                found = next(iter(meet(self.every, wanted).members()), None)
                if found is None:
                    return
                needed.append(found)
        yield list(needed)
        for extra in islice(self.every.members(), 3):
            if extra not in needed:
                yield [*needed, extra]


class OrNothing(Struct):
    """Values of a type that has an order, and whether nothing, which is below them all, is among them."""

    nothing: bool
    values: Finite | Intervals

    def __and__(self, other: OrNothing) -> OrNothing:
        """What is in both."""
        return OrNothing(self.nothing and other.nothing, meet(self.values, other.values))  # type: ignore[arg-type]

    def complement(self) -> tuple[OrNothing, ...]:
        """What is not among them."""
        (others,) = self.values.complement()
        return (OrNothing(not self.nothing, others),)

    def contains(self, value: Any) -> bool:
        """Whether a value, or nothing, is among them."""
        return self.nothing if value == BELOW_ALL else self.values.contains(value)

    def members(self) -> Iterator[float]:
        """Nothing first, which is what there is of a task that was just started."""
        if self.nothing:
            yield BELOW_ALL
        yield from self.values.members()


Body: TypeAlias = Finite | Intervals | Texts | Lists | OrNothing


def holds(body: Body, value: Any) -> bool:
    """Whether a value, of the type of a set, is in it."""
    return body.contains(value)


def meet(left: Body, right: Body) -> Body:
    """The values in both of two sets of one type."""
    return left & right  # type: ignore[operator]


def everything(like: Body) -> Body:
    """All values of the type that a set has."""
    match like:
        case Finite(_, size):
            return Finite((1 << size) - 1, size)
        case Intervals(kind):
            return Intervals(kind, EDGES[kind])
        case Texts(form=form):
            return Texts(form=form)
        case Lists(every):
            return Lists(everything(every))
        case OrNothing(_, values):
            return OrNothing(True, everything(values))  # type: ignore[arg-type]


def nothing_of(body: Body) -> Body:
    """What a meter is of no calls: nothing, where there is such a value, else zero."""
    if isinstance(body, OrNothing):
        (none,) = everything(body.values).complement()
        return OrNothing(True, none)  # type: ignore[arg-type]
    assert isinstance(body, Intervals)
    return intervals(body.kind, ((0, 0),))


def is_empty(body: Body) -> bool:
    """Whether a set has no member. Raises `Undetermined` where that takes too many states."""
    match body:
        case Finite(mask):
            return mask == 0
        case Intervals(_, spans):
            return not spans
        case Texts():
            found = first_of(body)
            if isinstance(found, Undetermined):
                raise found
            return found is None
        case Lists():
            return next(body.members(), None) is None
        case OrNothing(nothing, values):
            return not nothing and is_empty(values)


class Values(Struct):
    """What an attribute may be: absent, malformed, or a value in a set."""

    absent: bool
    malformed: bool
    body: Body | None  # None where no value is

    def __and__(self, other: Values) -> Values:
        """What both allow."""
        body = None if self.body is None or other.body is None else meet(self.body, other.body)
        return Values(self.absent and other.absent, self.malformed and other.malformed, body)

    def is_empty(self) -> bool:
        """Whether nothing is left."""
        return not (self.absent or self.malformed) and (self.body is None or is_empty(self.body))


PRESENT = Finite(1, 1)


def body_of(type_: ir.Type, policy: ir.Policy) -> Body:
    """All values of a type."""
    match type_:
        case ir.Scalar("string"):
            return Texts()
        case ir.Scalar("bool"):
            return Finite(0b11, 2)
        case ir.Scalar("json") | ir.RecordType():
            return PRESENT
        case ir.Scalar("domain" | "email" | "url" | "host" as name):
            from .forms import FORMS  # which few policies need

            return Texts(form=FORMS[name])
        case ir.PartOf():
            return body_of(type_.type, policy)
        case ir.Scalar(name):
            kind: Kind = name  # type: ignore[assignment]
            return Intervals(kind, EDGES[kind])
        case ir.LevelType(name) | ir.EnumType(name):
            size = len(policy.members_of[name])
            return Finite((1 << size) - 1, size)
        case ir.ListType(of):
            return Lists(body_of(of, policy))
        case ir.OrNothing(of):
            return OrNothing(True, body_of(of, policy))  # type: ignore[arg-type]
        case _:
            assert_never(type_)


def one_of(values: Iterable[Any], type_: ir.Type, policy: ir.Policy) -> Body:
    """The set of some values of a scalar type."""
    whole = body_of(type_, policy)
    match whole:
        case Texts():
            return Texts(frozenset((OneOf(frozenset(values)),)), form=whole.form)
        case Finite(_, size):
            mask = 0
            for value in values:
                mask |= 1 << rank_of(value, type_, policy)
            return Finite(mask, size)
        case Intervals("ip"):
            return intervals("ip", ((on_line(each), on_line(each)) for each in values))
        case Intervals(kind):
            return intervals(kind, ((each, each) for each in values))
        case OrNothing():
            assert isinstance(type_, ir.OrNothing)
            listed = list(values)
            there = one_of((each for each in listed if each != BELOW_ALL), type_.of, policy)
            return OrNothing(BELOW_ALL in listed, there)  # type: ignore[arg-type]
        case Lists():
            raise AssertionError("lists are not compared with constants")


def rank_of(value: Any, type_: ir.Type, policy: ir.Policy) -> int:
    """The bit of a value of a type with few."""
    if isinstance(type_, ir.EnumType):
        return policy.members_of[type_.name].index(value)
    return int(value)


def on_line(address: tuple[int, int]) -> int:
    """Where an address stands among all, IPv4 first."""
    bits, number = address
    return number if bits == 32 else V6_START + number
