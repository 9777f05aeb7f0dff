"""Conditions as cubes: for each attribute the values that it may have, and what relates two of them.

A condition is a union of cubes, one union for each thing that may be asked of it: that it is true,
false, not true, or not false. What a leaf asks of one attribute is exact; what it asks of two
(`agent.tenant == resource.tenant`) is kept as a relation, which `solve` takes care of.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, assert_never

from ....ir import nodes as ir
from ....ir.definite import Sign, answer, comparison, definitely
from ....ir.walk import aged, attributes
from ....meaning.request import constant
from ....structs import Struct
from ..domains.values import (
    EDGES,
    Body,
    Intervals,
    Lists,
    Values,
    body_of,
    everything,
    one_of,
)
from .cube import EVERYTHING, Cube, aged_key, conjunction, key_of, limited, union
from .values_asked import lists_asked, ordered, scalars_asked

Ask: TypeAlias = Literal["true", "false", "not true", "not false"]


class Cubes(Struct, frozen=False):
    """Turns the conditions of one policy into cubes."""

    policy: ir.Policy

    def of(self, condition: ir.Condition | None, ask: Ask) -> list[Cube]:
        """The cubes in which a condition (None is true) is as asked.

        That it is *not false* is that it is possibly true: as it is true if its leaves are, so it is
        possibly true if its leaves possibly are. Raises `Undetermined` if there are too many.
        """
        wanted = ask in ("true", "not false")
        if condition is None:
            return [EVERYTHING] if wanted else []
        definite = ask in ("true", "false")

        def asked(leaf: ir.Condition, wanted: bool) -> list[Cube]:
            if definite:
                return self._leaf(leaf, "true" if wanted else "false")
            return self._leaf(leaf, "not false" if wanted else "not true")

        return answer(definitely(condition, wanted), asked, conjunction, union)

    def _leaf(self, leaf: ir.Condition, ask: Ask) -> list[Cube]:
        if isinstance(leaf, ir.Has):
            return [self._has(leaf.attribute, ask)]
        if isinstance(leaf, ir.In) and isinstance(leaf.item, ir.NameOf):
            assert isinstance(leaf.of, ir.Attribute)
            return self._from(leaf.item, leaf.of, ask)
        read = [attribute for attribute, _ in attributes(leaf)]
        aged = ages_in(leaf)
        if len(read) == 1 and not aged and not compares_paths(leaf):
            return self._unary(leaf, read[0], ask)
        read = list(dict.fromkeys(read))
        if isinstance(leaf, ir.Compare):
            simple = _age_and_constant(leaf)
            if simple is not None:
                return self._age(*simple, ask)
        return self._relation(leaf, read, aged, ask)

    def _from(self, argument: ir.NameOf, listed: ir.Attribute, ask: Ask) -> list[Cube]:
        """An argument that is there, and whose name is listed; unknown where either is not well-formed."""
        test = ir.In(ir.Constant(ir.STRING, argument.name), listed)
        there = self._has(argument.of, "true")
        found = [each & there for each in self._unary(test, listed, ask)]
        known = [each for each in found if each is not None]
        if ask in ("true", "false"):
            return known
        return limited([*known, self.cube(argument.of, Values(True, True, None))])

    def _has(self, attribute: ir.Attribute, ask: Ask) -> Cube:
        present = self.body(attribute) if ask in ("true", "not false") else None
        absent, malformed = ask in ("false", "not true"), ask in ("not true", "not false")
        return self.cube(attribute, Values(absent, malformed, present))

    def _unary(self, leaf: ir.Condition, attribute: ir.Attribute, ask: Ask) -> list[Cube]:
        if not isinstance(attribute.type, ir.ListType):
            true, false = scalars_asked(leaf, attribute.type, self.policy)
            return self._asked(attribute, [true], false, ask)
        trues, falses = lists_asked(leaf, attribute.type.of, self.policy)
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
        rest: list[Body] = [everything(self.body(attribute))]
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
        if values.body is not None and self._is_amount(attribute):
            values &= Values(True, True, self.body(attribute))
        return Cube({key_of(attribute): values})

    def body(self, attribute: ir.Attribute) -> Body:
        """All that an attribute may be; what counts or sums is never less than nothing."""
        whole = body_of(attribute.type, self.policy)
        if not self._is_amount(attribute):
            return whole
        assert isinstance(whole, Intervals)
        return ordered(whole, ">=", 0)

    def _is_amount(self, attribute: ir.Attribute) -> bool:
        if attribute.of is not None and not attribute.beyond:  # the size of a list
            return True
        if not (ir.is_fact(attribute) and attribute.path[0] == "meters"):
            return False
        meter = self.policy.meters_by_key.get(attribute.path[1])
        return meter is not None and meter.aggregate not in ("max", "last")

    # --- ages and relations ---

    def _age(self, attribute: ir.Attribute, sign: Sign, seconds: int, ask: Ask) -> list[Cube]:
        """An age compared with a constant; it is unknown while the time has not come."""
        key = aged_key(attribute)
        true = ordered(
            Intervals("age", EDGES["age"]), sign, constant(ir.DURATION, seconds, self.policy)
        )
        (false,) = true.complement()
        known = Cube({key: Values(False, False, true if ask in ("true", "not false") else false)})
        if ask in ("true", "false"):
            return [known]
        return [known, Cube({key: Values(True, False, None)})]

    def _relation(
        self, leaf: ir.Condition, read: list[ir.Attribute], aged: list[ir.Attribute], ask: Ask
    ) -> list[Cube]:
        values = {key_of(each): Values(False, False, self.body(each)) for each in read}
        for each in aged:
            values[aged_key(each)] = Values(False, False, Intervals("age", EDGES["age"]))
        there = Cube(values, frozenset(((leaf, ask in ("true", "not false")),)))
        if aged and not isinstance(leaf, ir.Quantified):
            # An age is unknown for whatever reason, so its time and `now` need not be named again.
            read = [each for each in read if each in directly_read(leaf)]
        bad = [self.cube(each, Values(True, True, None)) for each in read]
        bad += [Cube({aged_key(each): Values(True, False, None)}) for each in aged]
        unknown = [] if ask in ("true", "false") else bad
        if unknown and (reads_age_of_element(leaf) or compares_paths(leaf)):
            unknown.append(Cube(values, frozenset(((leaf, None),))))
        if isinstance(leaf, ir.Quantified):
            return [there, *self._of_empty(leaf, ask), *self._of_elements(leaf, unknown)]
        return [there, *unknown]

    def _of_empty(self, leaf: ir.Quantified, ask: Ask) -> list[Cube]:
        """Of no elements nothing else is read: `every` is true, and `some` false."""
        if leaf.is_every != (ask in ("true", "not false")):
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
    return [each for each in aged(leaf) if isinstance(each, ir.Attribute)]


def directly_read(leaf: ir.Condition) -> list[object]:
    """What a leaf over single values reads beside ages."""
    match leaf:
        case ir.Compare(_, left, right):
            return [left, right]
        case ir.In(item, of):
            return [item, of]
        case _:
            return [each for each, _ in attributes(leaf)]


def compares_paths(leaf: ir.Condition) -> bool:
    """Whether a test, or one of elements, is of a path under another: unknown also of texts that are no paths."""
    match leaf:
        case ir.Under(_, path):
            return isinstance(path, ir.Attribute)
        case ir.Quantified(_, _, test) | ir.Not(test):
            return compares_paths(test)
        case (
            ir.And()
            | ir.Or()
            | ir.Compare()
            | ir.In()
            | ir.ListTest()
            | ir.Like()
            | ir.Within()
            | ir.Has()
        ):
            return False
        case _:
            assert_never(leaf)


def reads_age_of_element(leaf: ir.Condition) -> bool:
    """Whether a test of elements, or of one, reads its age."""
    return any(isinstance(each, ir.Element) for each in aged(leaf))


def _age_and_constant(leaf: ir.Compare) -> tuple[ir.Attribute, Sign, int] | None:
    """The attribute, sign and seconds of `age(x) < CONSTANT`, either way round."""
    left, sign, right = comparison(leaf, True)
    if (
        isinstance(left, ir.Age)
        and isinstance(left.of, ir.Attribute)
        and isinstance(right, ir.Constant)
    ):
        return left.of, sign, int(right.value)
    return None
