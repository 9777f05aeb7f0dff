"""Conditions as cubes: for each attribute the values that it may have, and what relates two of them.

A condition is a union of cubes, one union for each thing that may be asked of it: that it is true,
false, not true, or not false. What a leaf asks of one attribute is exact; what it asks of two
(`agent.tenant == resource.tenant`) is kept as a relation, which `solve` takes care of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from itertools import product
from typing import Any, Literal, TypeAlias, assert_never

from .....runtime.glob import Wildcard, parse_glob
from .....runtime.values import read_network
from ....ir import nodes as ir
from ....ir.walk import attributes
from ....meaning.request import constant
from ....records import dataclass
from ....text.field_names import dotted
from ..domains.texts import (
    CLEAN,
    Glob,
    Language,
    OneOf,
    Path,
    Texts,
)
from ..domains.values import (
    EDGES,
    V6_START,
    Body,
    Finite,
    Intervals,
    Lists,
    Values,
    after,
    before,
    body_of,
    everything,
    intervals,
    one_of,
)
from ..verdict import Undetermined

MAX_CUBES = 512
Ask: TypeAlias = Literal["true", "false", "not true", "not false"]

OPPOSITE: dict[Ask, Ask] = {
    "true": "false",
    "false": "true",
    "not true": "not false",
    "not false": "not true",
}


@dataclass(frozen=True, slots=True)
class Key:
    """What a cube says something about: an attribute, or the age of one; and its type."""

    root: str
    path: tuple[str, ...]
    type: ir.Type
    aged: bool = False

    def __hash__(self) -> int:
        """By what nearly always tells keys apart, since cubes are looked up by them all the time."""
        return hash((self.root, self.path))

    def __str__(self) -> str:
        """The attribute as the language writes it."""
        return dotted(self.root, self.path)


Relation: TypeAlias = "tuple[ir.Condition | ir.Window | ir.Requirement, bool | None]"
"""What is more than the value of one attribute, and whether it holds: a leaf over two or more, a
window of time, a requirement whose evidence is there. None is a test of elements that is unknown, of
which one is a time that has not come."""


@dataclass(frozen=True, slots=True)
class Cube:
    """A conjunction of what single attributes may be, and of relations."""

    values: dict[Key, Values] = field(default_factory=dict)
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
        case Texts(inside, _):
            finite = next((each for each in inside if isinstance(each, OneOf)), None)
            return finite is not None and not any(map(values.body.contains, finite.texts))
        case _:
            return False


@dataclass(slots=True)
class Cubes:
    """Turns the conditions of one policy into cubes."""

    policy: ir.Policy

    def of(self, condition: ir.Condition | None, ask: Ask) -> list[Cube]:
        """The cubes in which a condition (None is true) is as asked.

        Raises `Undetermined` if there are too many.
        """
        if condition is None:
            return [EVERYTHING] if ask in ("true", "not false") else []
        match condition:
            case ir.Not(part):
                return self.of(part, OPPOSITE[ask])
            case ir.And(parts) | ir.Or(parts):
                joined = isinstance(condition, ir.And) == (ask in ("true", "not false"))
                cubes = [self.of(part, ask) for part in parts]
                return conjunction(cubes) if joined else limited(c for each in cubes for c in each)
            case _:
                return self._leaf(condition, ask)

    def _leaf(self, leaf: ir.Condition, ask: Ask) -> list[Cube]:
        if isinstance(leaf, ir.Has):
            return [self._has(leaf.attribute, ask)]
        read = [attribute for attribute, _ in attributes(leaf)]
        aged = ages_in(leaf)
        if len(read) == 1 and not aged:
            return self._unary(leaf, read[0], ask)
        read = list(dict.fromkeys(read))
        if isinstance(leaf, ir.Compare):
            simple = _age_and_constant(leaf)
            if simple is not None:
                return self._age(*simple, ask)
        return self._relation(leaf, read, aged, ask)

    def _has(self, attribute: ir.Attribute, ask: Ask) -> Cube:
        present = body_of(attribute.type, self.policy) if ask in ("true", "not false") else None
        absent, malformed = ask in ("false", "not true"), ask in ("not true", "not false")
        return self.cube(attribute, Values(absent, malformed, present))

    def _unary(self, leaf: ir.Condition, attribute: ir.Attribute, ask: Ask) -> list[Cube]:
        if not isinstance(attribute.type, ir.ListType):
            true, false = self.test(leaf, attribute.type)
            return self._asked(attribute, [true], false, ask)
        trues, falses = self._list(leaf, attribute.type.of)
        return self._asked(attribute, trues, falses, ask)

    def _asked(
        self, attribute: ir.Attribute, true: list[Body], false: list[Body], ask: Ask
    ) -> list[Cube]:
        """Cubes for the sets in which a leaf is true and false; in all others it is unknown."""
        if ask == "true":
            return [self.cube(attribute, Values(False, False, each)) for each in true]
        if ask == "false":
            return [self.cube(attribute, Values(False, False, each)) for each in false]
        other = true if ask == "not true" else false
        rest: list[Body] = [everything(body_of(attribute.type, self.policy))]
        for each in other:
            rest = [
                left & piece  # type: ignore[operator]
                for left in rest
                for piece in each.complement()
            ]
        cubes = [self.cube(attribute, Values(False, False, each)) for each in rest]
        return limited([*cubes, self.cube(attribute, Values(True, True, None))])

    def cube(self, attribute: ir.Attribute, values: Values) -> Cube:
        """The cube that says one thing of one attribute."""
        return Cube({key_of(attribute): values})

    # --- tests of one value ---

    def test(self, leaf: ir.Condition, type_: ir.Type) -> tuple[Body, list[Body]]:
        """The values of a scalar for which a leaf is true, and those for which it is false."""
        match leaf:
            case ir.Not(part):
                true, false = self.test(part, type_)
                if len(false) == 1:
                    return false[0], [true]
                raise Undetermined("a negated test of elements falls into parts")
            case ir.Like(_, pattern):
                language: Language = Glob(pattern)
                if not any(isinstance(part, Wildcard) for part in parse_glob(pattern)):
                    language = OneOf(frozenset(("".join(map(str, parse_glob(pattern))),)))
                return Texts(frozenset((language,))), [Texts(outside=frozenset((language,)))]
            case ir.Under(_, path):
                inside: Language = Path(path)
                return (
                    Texts(frozenset((inside,))),
                    [Texts(frozenset((CLEAN,)), frozenset((inside,)))],
                )
            case ir.Within(_, ranges):
                spans = []
                for value in ranges.values:
                    network = read_network(value)
                    assert network is not None  # the compiler has checked it
                    base = 0 if network[0] == 32 else V6_START
                    spans.append((base + network[1], base + network[2]))
                true = intervals("ip", spans)
                return true, list(true.complement())
            case ir.In(item, of) if not isinstance(item, ir.Constant):
                assert isinstance(of, ir.Constants)
                body = one_of((self.value(type_, each) for each in of.values), type_, self.policy)
                return body, list(body.complement())
            case ir.Compare(op, left, right):
                true = self._compared(op, left, right, type_)
                return true, list(true.complement())
            case ir.And() | ir.Or() | ir.In() | ir.ListTest() | ir.Has() | ir.Quantified():
                pass
            case _:
                assert_never(leaf)
        raise AssertionError(f"no test of one value: {leaf}")

    def _compared(self, op: str, left: ir.Term, right: ir.Term, type_: ir.Type) -> Body:
        if isinstance(left, ir.Constant):
            op = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
            value = self.value(type_, left.value)
        else:
            assert isinstance(right, ir.Constant)
            value = self.value(type_, right.value)
        if op == "==":
            return one_of((value,), type_, self.policy)
        whole = body_of(type_, self.policy)
        if isinstance(whole, Finite):
            ranks = range(whole.size)
            keep = {
                "<": [r for r in ranks if r < value],
                "<=": [r for r in ranks if r <= value],
                ">": [r for r in ranks if r > value],
                ">=": [r for r in ranks if r >= value],
            }[op]
            return Finite(sum(1 << rank for rank in keep), whole.size)
        assert isinstance(whole, Intervals)
        return ordered(whole, op, value)

    def value(self, type_: ir.Type, value: ir.Value) -> Any:
        """A constant in comparable form."""
        return constant(type_, value, self.policy)

    # --- lists ---

    def _list(self, leaf: ir.Condition, of: ir.Type) -> tuple[list[Body], list[Body]]:
        """The lists for which a leaf is true, and those for which it is false."""
        whole = body_of(of, self.policy)
        match leaf:
            case ir.In(ir.Constant(_, value), ir.Attribute()):
                one = one_of((self.value(of, value),), of, self.policy)
                return [Lists(whole, (one,))], [Lists(each) for each in one.complement()]
            case ir.ListTest(op, _, ir.Constants(_, values)):
                found = [self.value(of, each) for each in values]
                body = one_of(found, of, self.policy)
                outside = body.complement()
                if op == "subset of":
                    return [Lists(body)], [Lists(whole, (each,)) for each in outside]
                if op == "contains any":
                    return [Lists(whole, (body,))], [Lists(each) for each in outside]
                ones = [one_of((each,), of, self.policy) for each in found]
                return (
                    [Lists(whole, tuple(dict.fromkeys(ones)))],
                    [Lists(each) for one in dict.fromkeys(ones) for each in one.complement()],
                )
            case ir.Quantified(kind, _, test):
                true, false = self.test(test, of)
                if kind == "every":
                    return [Lists(true)], [Lists(whole, (each,)) for each in false]
                if len(false) != 1:
                    raise Undetermined("a test of elements falls into parts")
                return [Lists(whole, (true,))], [Lists(false[0])]
            case (
                ir.And()
                | ir.Or()
                | ir.Not()
                | ir.Compare()
                | ir.In()
                | ir.ListTest()
                | ir.Like()
                | ir.Under()
                | ir.Within()
                | ir.Has()
            ):
                pass
            case _:
                assert_never(leaf)
        raise AssertionError(f"no test of a list: {leaf}")

    # --- ages and relations ---

    def _age(self, attribute: ir.Attribute, op: str, seconds: int, ask: Ask) -> list[Cube]:
        """An age compared with a constant; it is unknown while the time has not come."""
        key = aged_key(attribute)
        true = ordered(Intervals("age", EDGES["age"]), op, self.value(ir.DURATION, seconds))
        (false,) = true.complement()
        known = Cube({key: Values(False, False, true if ask in ("true", "not false") else false)})
        if ask in ("true", "false"):
            return [known]
        return [known, Cube({key: Values(True, False, None)})]

    def _relation(
        self, leaf: ir.Condition, read: list[ir.Attribute], aged: list[ir.Attribute], ask: Ask
    ) -> list[Cube]:
        values = {
            key_of(each): Values(False, False, body_of(each.type, self.policy)) for each in read
        }
        for each in aged:
            values[aged_key(each)] = Values(False, False, Intervals("age", EDGES["age"]))
        there = Cube(values, frozenset(((leaf, ask in ("true", "not false")),)))
        if aged and not isinstance(leaf, ir.Quantified):
            # An age is unknown for whatever reason, so its time and `now` need not be named again.
            read = [each for each in read if each in directly_read(leaf)]
        bad = [self.cube(each, Values(True, True, None)) for each in read]
        bad += [Cube({aged_key(each): Values(True, False, None)}) for each in aged]
        unknown = [] if ask in ("true", "false") else bad
        if unknown and reads_age_of_element(leaf):
            unknown.append(Cube(values, frozenset(((leaf, None),))))
        if isinstance(leaf, ir.Quantified):
            return [there, *self._of_empty(leaf, ask), *self._of_elements(leaf, unknown)]
        return [there, *unknown]

    def _of_empty(self, leaf: ir.Quantified, ask: Ask) -> list[Cube]:
        """Of no elements nothing else is read: `every` is true, and `some` false."""
        if (leaf.kind == "every") != (ask in ("true", "not false")):
            return []
        assert isinstance(leaf.list.type, ir.ListType)
        nothing = Lists(one_of((), leaf.list.type.of, self.policy))
        return [self.cube(leaf.list, Values(False, False, nothing))]

    def _of_elements(self, leaf: ir.Quantified, unknown: list[Cube]) -> list[Cube]:
        """What makes a test of elements unknown: a bad list, or else, where there are elements."""
        assert isinstance(leaf.list.type, ir.ListType)
        whole = body_of(leaf.list.type.of, self.policy)
        filled = self.cube(leaf.list, Values(False, False, Lists(whole, (whole,))))
        key = key_of(leaf.list)
        found = (each if key in each.values else each & filled for each in unknown)
        return [each for each in found if each is not None]


def ages_in(leaf: ir.Condition) -> list[ir.Attribute]:
    """The attributes whose age a leaf reads."""
    terms: tuple[ir.Term, ...] = ()
    match leaf:
        case ir.Compare(_, left, right):
            terms = (left, right)
        case ir.In(item, _):
            terms = (item,)
        case ir.Quantified(_, _, test):
            return ages_in(test)
        case ir.Not(part):
            return ages_in(part)
        case ir.And() | ir.Or() | ir.ListTest() | ir.Like() | ir.Under() | ir.Within() | ir.Has():
            pass
        case _:
            assert_never(leaf)
    return [
        each.of for each in terms if isinstance(each, ir.Age) and isinstance(each.of, ir.Attribute)
    ]


def directly_read(leaf: ir.Condition) -> list[object]:
    """What a leaf over single values reads beside ages."""
    match leaf:
        case ir.Compare(_, left, right):
            return [left, right]
        case ir.In(item, of):
            return [item, of]
        case _:
            return [each for each, _ in attributes(leaf)]


def reads_age_of_element(leaf: ir.Condition) -> bool:
    """Whether a test of elements, or of one, reads its age."""
    match leaf:
        case ir.Compare(_, left, right):
            return any(
                isinstance(each, ir.Age) and isinstance(each.of, ir.Element)
                for each in (left, right)
            )
        case ir.In(item, _):
            return isinstance(item, ir.Age) and isinstance(item.of, ir.Element)
        case ir.Quantified(_, _, test) | ir.Not(test):
            return reads_age_of_element(test)
        case ir.And() | ir.Or() | ir.ListTest() | ir.Like() | ir.Under() | ir.Within() | ir.Has():
            pass
        case _:
            assert_never(leaf)
    return False


def ordered(whole: Intervals, op: str, value: float) -> Intervals:
    """The numbers of a kind on one side of a value."""
    low, high = whole.spans[0][0], whole.spans[-1][1]
    span = {
        "==": (value, value),
        "<": (low, before(value, whole.kind)),
        "<=": (low, value),
        ">": (after(value, whole.kind), high),
        ">=": (value, high),
    }[op]
    return intervals(whole.kind, (span,))


def _age_and_constant(leaf: ir.Compare) -> tuple[ir.Attribute, str, int] | None:
    """The attribute, operator and seconds of `age(x) OP constant`, either way round."""
    left, right, op = leaf.left, leaf.right, leaf.op
    flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
    for aged, other, way in ((left, right, op), (right, left, flipped)):
        if (
            isinstance(aged, ir.Age)
            and isinstance(aged.of, ir.Attribute)
            and isinstance(other, ir.Constant)
        ):
            return aged.of, way, int(other.value)
    return None


def key_of(attribute: ir.Attribute) -> Key:
    """The key of an attribute; whether it is optional makes no difference."""
    return Key(attribute.root, attribute.path, attribute.type)


def aged_key(attribute: ir.Attribute) -> Key:
    """The key of the age of a time: absent where it is unknown, for whatever reason."""
    return Key(attribute.root, attribute.path, ir.TIME, aged=True)


def conjunction(unions: list[list[Cube]]) -> list[Cube]:
    """The cubes of several unions together."""
    result = [EVERYTHING]
    for union in sorted(unions, key=len):
        result = limited(
            both for left, right in product(result, union) if (both := left & right) is not None
        )
    return result


def limited(cubes: Iterable[Cube]) -> list[Cube]:
    """A list of cubes that is not too long. Raises `Undetermined`."""
    found: list[Cube] = []
    for each in cubes:
        found.append(each)
        if len(found) > MAX_CUBES:
            raise Undetermined(f"the condition has more than {MAX_CUBES} alternatives")
    return found
