"""A cube: for each attribute the values that it may have, and what relates two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import TypeAlias

from ....ir import nodes as ir
from ....ir.walk import NOW, attributes
from ....structs import Struct, field
from ....text.field_names import dotted
from ..domains.texts import OneOf, Texts
from ..domains.values import Finite, Intervals, OrNothing, Values, is_empty
from ..verdict import Undetermined

MAX_CUBES = 512


class CubeKey(Struct):
    """What a cube says something about: an attribute, or the age of one; and its type."""

    root: str
    path: tuple[str, ...]
    type: ir.Type
    aged: bool = False
    of: ir.Attribute | None = field(default=None, compare=False, repr=False)
    """The list that it is read of, to make a request."""

    def __hash__(self) -> int:
        """By what nearly always tells keys apart, since cubes are looked up by them all the time."""
        return hash((self.root, self.path))

    def __str__(self) -> str:
        """The attribute as the language writes it."""
        return dotted(self.root, self.path)


class Growth(Struct):
    """How much more a meter of whole numbers is with the call at hand than without it: at least, and at most."""

    before: ir.Attribute
    after: ir.Attribute
    least: int
    most: int


What: TypeAlias = "ir.Condition | ir.Window | ir.Requirement | Growth"
Relation: TypeAlias = "tuple[What, bool | None]"
"""What is more than the value of one attribute, and whether it holds: a leaf over two or more, a
window of time, a requirement whose evidence is there, the growth of a meter. None is a test of elements
that is unknown, of which one is a time that has not come."""


def read_by(what: What) -> Iterator[ir.Attribute]:
    """The attributes that a relation relates; what it asks of time and evidence is another matter."""
    match what:
        case ir.Window() | ir.Approval() | ir.StepUp() | ir.Confirmation():
            return
        case Growth(before, after):
            yield from (before, after)
        case _:
            yield from (attribute for attribute, _ in attributes(what))


class Cube(Struct):
    """A conjunction of what single attributes may be, and of relations."""

    values: dict[CubeKey, Values] = field(default_factory=dict)
    relations: frozenset[Relation] = frozenset()

    def __and__(self, other: Cube) -> Cube | None:
        """Both; None where they cannot hold together for a reason that is cheap to see."""
        if not other.values and not other.relations:
            return self
        values = dict(self.values)
        for key, theirs in other.values.items():
            mine = values.get(key)
            if mine is not None:
                both = mine & theirs
                if cheaply_empty(both):
                    return None
                values[key] = both
            else:
                values[key] = theirs
        relations = self.relations
        if other.relations - relations:
            if any(
                (what, another) in relations
                for what, truth in other.relations
                for another in (True, False, None)
                if another is not truth
            ):
                return None
            relations |= other.relations
        return Cube(values, relations)


EVERYTHING = Cube()


def cheaply_empty(values: Values) -> bool:
    """Whether nothing is left, as far as can be seen without walking automata."""
    if values.absent or values.malformed:
        return False
    match values.body:
        case None:
            return True
        case Finite(mask):
            return mask == 0
        case Intervals(_, spans):
            return not spans
        case OrNothing() as body:
            return is_empty(body)
        case Texts(inside, _):
            finite = next((each for each in inside if isinstance(each, OneOf)), None)
            return finite is not None and not any(map(values.body.contains, finite.texts))
        case _:
            return False


def key_of(attribute: ir.Attribute) -> CubeKey:
    """The key of an attribute; whether it is optional makes no difference."""
    return CubeKey(attribute.root, attribute.path, attribute.type, of=attribute.of)


def aged_key(attribute: ir.Attribute) -> CubeKey:
    """The key of the age of a time: absent where it is unknown, for whatever reason."""
    return CubeKey(attribute.root, attribute.path, ir.TIME, aged=True)


NOW_KEY = key_of(NOW)


def clock_of(aged: CubeKey) -> tuple[CubeKey, CubeKey]:
    """What ties an age to other attributes: it is what `now` is after the time that it is of."""
    return NOW_KEY, CubeKey(aged.root, aged.path, aged.type)


def conjunction(unions: list[list[Cube]]) -> list[Cube]:
    """The cubes of several unions together."""
    result = [EVERYTHING]
    for union in sorted(unions, key=len):
        result = limited(
            both for left, right in product(result, union) if (both := left & right) is not None
        )
    return result


def union(unions: Iterable[list[Cube]]) -> list[Cube]:
    """The cubes of several unions, any of which will do."""
    return limited(cube for each in unions for cube in each)


def limited(cubes: Iterable[Cube]) -> list[Cube]:
    """A list of cubes that is not too long. Raises `Undetermined`."""
    found: list[Cube] = []
    for each in cubes:
        found.append(each)
        if len(found) > MAX_CUBES:
            raise Undetermined(f"the condition has more than {MAX_CUBES} alternatives")
    return found
