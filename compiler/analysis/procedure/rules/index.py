"""Which rules of a capability may meet some requests: looked up by value, not gone through one by one.

A rule stands in a column for each attribute that it bounds: numbers by their intervals, texts by their
beginnings, the members of a type one by one. Rules are bits of a mask, so that what several attributes
say together is one `&`. What is looked up is never too little; it may be too much.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import is_, or_
from typing import Any, Generic, TypeAlias, TypeVar

from .....runtime.glob import parse_glob
from ....ir import nodes as ir
from ....structs import Struct, field
from ..calls.scope import Scope, bits
from ..cubes.cube import Cube, CubeKey
from ..domains.texts import (
    Glob,
    Language,
    OneOf,
    Path,
    Texts,
)
from ..domains.values import Finite, Intervals, Values
from ..verdict import Undetermined

MANY = 64  # parts of what a rule bounds in an attribute, and cubes of a rule
BLOCK = 64  # entries between two masks that are kept

R = TypeVar("R", ir.Allow, ir.Forbid)


class Prefix(Struct):
    """The texts that begin with one; or, if it is `whole`, that text alone."""

    text: str
    whole: bool = False


class Sorted(Struct, frozen=False):
    """Rules by a value that each has, and which have one up to some value."""

    values: list[Any] = field(default_factory=list)
    masks: list[int] = field(default_factory=list)
    _before: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, entries: Iterable[tuple[Any, int]]) -> Sorted:
        """The rules, as masks, in the order of their values."""
        found = cls()
        mask = 0
        for number, (value, bit) in enumerate(sorted(entries)):
            if number % BLOCK == 0:
                found._before.append(mask)
            mask |= bit
            found.values.append(value)
            found.masks.append(bit)
        found._before.append(mask)
        return found

    def up_to(self, value: Any) -> int:
        """The rules of which a value is not above this one."""
        at = bisect_right(self.values, value)
        start = at // BLOCK
        return reduce(or_, self.masks[start * BLOCK : at], self._before[start])

    def beginning(self, text: str) -> int:
        """The rules of which a value begins with a text."""
        start = bisect_left(self.values, text)
        end = bisect_right(self.values, text, start, key=lambda each: each[: len(text)])
        return reduce(or_, self.masks[start:end], 0)


Part: TypeAlias = Prefix | int | tuple[float, float]
Read: TypeAlias = Callable[[Values], "list[Part] | None"]


class Column:
    """What rules ask of one attribute."""

    def __init__(self, read: Read, entries: Sequence[tuple[int, Sequence[Values]]]) -> None:
        """Take the rules that bound it, as bits, each with what it may be, and how that is read."""
        self._read = read
        self.bounded = 0
        self.absent = self.malformed = 0
        self._ranks: dict[int, int] = {}
        self._wholes: dict[str, int] = {}
        self._beginnings: dict[str, int] = {}
        spans: list[tuple[float, float, int]] = []
        for bit, alternatives in entries:
            listed = [read(each) for each in alternatives]
            parts = [part for each in listed if each is not None for part in each]
            if None in listed:
                continue
            self.bounded |= bit
            for each in alternatives:
                self.absent |= bit if each.absent else 0
                self.malformed |= bit if each.malformed else 0
            for part in parts:
                match part:
                    case Prefix(text, whole):
                        known = self._wholes if whole else self._beginnings
                        known[text] = known.get(text, 0) | bit
                    case int():
                        self._ranks[part] = self._ranks.get(part, 0) | bit
                    case (low, high):
                        spans.append((low, high, bit))
        self._texts = Sorted.of((*self._wholes.items(), *self._beginnings.items()))
        self._longest = max(map(len, self._beginnings), default=0)
        self._lows = Sorted.of((low, bit) for low, _, bit in spans)
        self._highs = Sorted.of((-high, bit) for _, high, bit in spans)

    def apart(self, values: Values) -> int:
        """The rules that surely ask something else of the attribute."""
        parts = self._read(values) if self.bounded else None
        if parts is None:
            return 0
        met = (self.absent if values.absent else 0) | (self.malformed if values.malformed else 0)
        for part in parts:
            match part:
                case Prefix(text, whole):
                    met |= self._met(text, whole)
                case int():
                    met |= self._ranks.get(part, 0)
                case (low, high):
                    met |= self._lows.up_to(high) & self._highs.up_to(-low)
        return self.bounded & ~met

    def _met(self, text: str, whole: bool) -> int:
        found = self._wholes.get(text, 0) if whole else self._texts.beginning(text)
        for length in range(min(len(text), self._longest) + 1):
            found |= self._beginnings.get(text[:length], 0)
        return found


def parts_of(values: Values) -> list[Part] | None:
    """Parts that together hold each value that an attribute may have; None if these are too many."""
    match values.body:
        case None:
            return []
        case Finite() as body:
            return list(body.members()) if body.size <= MANY else None
        case Intervals(_, spans) if spans:
            return list(spans) if len(spans) <= MANY else [(spans[0][0], spans[-1][1])]
        case Texts(inside):
            options = [found for each in inside if (found := _beginnings_of(each)) is not None]
            return min(options, key=_width, default=None)
        case _:
            pass
    return None


def endings_of(values: Values) -> list[Part] | None:
    """The ends of texts, read backwards, as `parts_of`."""
    match values.body:
        case None:
            return []
        case Texts(inside):
            options = [found for each in inside if (found := _endings_of(each)) is not None]
            return min(options, key=_width, default=None)
        case _:
            pass
    return None


def _endings_of(language: Language) -> list[Part] | None:
    match language:
        case OneOf(texts) if len(texts) <= MANY:
            return [Prefix(each[::-1], whole=True) for each in sorted(texts)]
        case Glob(pattern):
            last = (parse_glob(pattern) or ("",))[-1]
            return [Prefix(last[::-1])] if isinstance(last, str) and last else None
        case _:
            pass
    return None


def _width(parts: list[Part]) -> tuple[int, int]:
    """How little parts say: those of whole texts say most, then long beginnings."""
    least = min((len(each.text) for each in parts if isinstance(each, Prefix)), default=0)
    return (len(parts), -least)


def _beginnings_of(language: Language) -> list[Part] | None:
    match language:
        case OneOf(texts) if len(texts) <= MANY:
            return [Prefix(each, whole=True) for each in sorted(texts)]
        case Glob(pattern):
            first = next(iter(parse_glob(pattern)), "")
            return [Prefix(first)] if isinstance(first, str) and first else None
        case Path(outer):
            if outer in ("", "/"):
                return [Prefix(outer)] if outer else None
            return [Prefix(outer, whole=True), Prefix(f"{outer}/")]
        case _:
            pass
    return None


class Index(Generic[R]):
    """The rules of one capability, by whom and why they name and by what they ask of attributes."""

    def __init__(
        self,
        rules: Sequence[R],
        scope: Callable[[R], Scope],
        cubes: Callable[[R], list[Cube]],
    ) -> None:
        """Take rules, and the cubes of the requests that each of them is about."""
        self.rules: Sequence[R] = rules
        self._agents: dict[int, int] = {}
        self._intents: dict[int, int] = {}
        self._around: dict[int, int] = {}
        self._all = 0
        self._named: dict[tuple[int, int], int] = {}
        asked: dict[CubeKey, list[tuple[int, list[Values]]]] = {}
        for number, rule in enumerate(rules):
            bit = 1 << number
            named = scope(rule)
            self._agents[named.agents] = self._agents.get(named.agents, 0) | bit
            self._intents[named.intents] = self._intents.get(named.intents, 0) | bit
            try:
                mine = cubes(rule)
            except Undetermined:  # too many to say: it may meet anything
                self._all |= bit
                continue
            if not mine:
                continue  # it is about no request
            self._all |= bit
            if len(mine) > MANY:
                continue
            for key in mine[0].values:
                if all(key in each.values for each in mine):
                    asked.setdefault(key, []).append((bit, [each.values[key] for each in mine]))
        self._each: list[R] = [self.rules[number] for number in bits(self._all)]
        self._columns = {
            key: [Column(read, entries) for read in (parts_of, endings_of)]
            for key, entries in asked.items()
        }

    def is_of(self, rules: Sequence[R]) -> bool:
        """Whether it has these rules, as the same objects in the same order."""
        return len(rules) == len(self.rules) and all(map(is_, self.rules, rules))

    def meeting(self, scope: Scope | None, cubes: Sequence[Cube] | None) -> int:
        """The rules that may meet a request in a scope and in one of some cubes (None: any)."""
        named = self._all if scope is None else self._naming(scope)
        if cubes is None or len(cubes) > MANY:
            return named & self._all
        return reduce(or_, (self._met(cube, named & self._all) for cube in cubes), 0)

    def _met(self, cube: Cube, left: int) -> int:
        for key, values in cube.values.items():
            if not left:
                break
            for column in self._columns.get(key, ()):
                left &= ~column.apart(values)
        return left

    def _naming(self, scope: Scope) -> int:
        known = (scope.agents, scope.intents)
        if known not in self._named:
            agents = (mask for named, mask in self._agents.items() if named & scope.agents)
            intents = (mask for named, mask in self._intents.items() if named & scope.intents)
            self._named[known] = reduce(or_, agents, 0) & reduce(or_, intents, 0)
        return self._named[known]

    def around(self, agents: int) -> int:
        """The rules that name all of some agents, and more."""
        if agents not in self._around:
            wider = (mask for named, mask in self._agents.items() if named & agents == agents)
            same = self._agents.get(agents, 0)
            self._around[agents] = reduce(or_, wider, 0) & ~same
        return self._around[agents]

    def picked(self, mask: int) -> Iterator[R]:
        """The rules of a mask, in their order."""
        if mask == self._all:
            return iter(self._each)
        return (self.rules[number] for number in bits(mask))


def still_of(indexes: dict[int, Index[R]], rules: Sequence[Sequence[R]]) -> dict[int, Index[R]]:
    """The indexes, by capability, that are of the rules which it has now."""
    return {at: index for at, index in indexes.items() if index.is_of(rules[at])}
