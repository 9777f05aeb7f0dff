"""What ties attributes together, as facts about single values.

Lists are sets of elements, and what is asked of them is that some element exists, or something of all
elements. So a list may hold just the values that it has to hold: an element for each that is asked for,
and the attributes that are said to be in it. What is asked of all elements is asked of each of these,
and nothing is left but sets, equality and differences of single values.
"""

from __future__ import annotations

from typing import TypeAlias

from ....ir import nodes as ir
from ....ir.definite import MIRRORED, OPPOSITE, Sign, comparison
from ....meaning.request import constant
from ....structs import Struct, field
from ..cubes.conditions import reads_age_of_element
from ..cubes.cube import NOW_KEY, CubeKey, key_of
from ..cubes.values_asked import ordered
from ..domains.values import (
    EDGES,
    Body,
    Intervals,
    Lists,
    body_of,
    intervals,
    meet,
)
from .differences import Spans

NEVER = float("inf")
FUTURE = (-NEVER, -1)  # now minus a time that has not come
ANY_AGE: Spans = ((0, NEVER),)
AFTER: dict[str, Spans] = {  # left - right, in steps of the line
    "==": ((0, 0),),
    "<": ((-NEVER, -1),),
    "<=": ((-NEVER, 0),),
    ">": ((1, NEVER),),
    ">=": ((0, NEVER),),
}
AGE_TYPE = ir.Scalar("age")  # type: ignore[arg-type]

Truths: TypeAlias = frozenset[bool | None]
TRUE, FALSE = frozenset((True,)), frozenset((False,))


class Value(Struct):
    """A value that is no attribute: an element of a list, or an age."""

    number: int
    type: ir.Type


Term: TypeAlias = CubeKey | Value


class ValueFacts(Struct, frozen=False):
    """What is asked of single values. `is_loose` says that something is asked that is not in here."""

    policy: ir.Policy
    bodies: dict[Term, Body]
    limits: list[tuple[Term, Term, Spans]] = field(default_factory=list)  # of left - right
    equal: list[tuple[Term, Term]] = field(default_factory=list)
    unequal: list[tuple[Term, Term]] = field(default_factory=list)
    sums: list[tuple[Term, Term, Term]] = field(default_factory=list)
    is_impossible: bool = False
    is_loose: bool = False
    members: dict[CubeKey, list[Term]] = field(default_factory=dict)
    _outside: list[tuple[Term, CubeKey]] = field(default_factory=list)
    _apart: list[tuple[CubeKey, CubeKey]] = field(default_factory=list)
    _within: dict[CubeKey, list[CubeKey]] = field(default_factory=dict)
    _tests: dict[CubeKey, list[tuple[ir.Condition, Truths]]] = field(default_factory=dict)
    _ages: dict[Term, Value] = field(default_factory=dict)
    _waiting: list[tuple[Term, CubeKey]] = field(default_factory=list)
    _count: int = 0

    def settle(self) -> None:
        """Say of the lists what there is to say of the values that they hold."""
        for key, body in list(self.bodies.items()):
            if isinstance(body, Lists) and isinstance(key, CubeKey):
                self.members.setdefault(key, [])
                for wanted in body.some:
                    self._hold(key, meet(body.every, wanted))
        while self._waiting:
            term, list_ = self._waiting.pop()
            held = self.members.setdefault(list_, [])
            if term in held:
                continue
            held.append(term)
            body = self.bodies[list_]
            assert isinstance(body, Lists)
            self._narrow(term, body.every)
            for other in self._within.get(list_, ()):
                self._waiting.append((term, other))
            for test, truths in self._tests.get(list_, ()):
                self._test(test, truths, term)
        for term, list_ in self._outside:
            self.unequal += [(term, each) for each in self.members.get(list_, ())]
        for one, other in self._apart:
            self.unequal += [
                (mine, theirs)
                for mine in self.members.get(one, ())
                for theirs in self.members.get(other, ())
            ]

    def _hold(self, list_: CubeKey, body: Body | None = None) -> Value:
        """An element of a list, of which nothing is known but what it may be."""
        assert isinstance(list_.type, ir.ListType)
        term = self._value(list_.type.of, body or body_of(list_.type.of, self.policy))
        self._waiting.append((term, list_))
        return term

    def _value(self, type_: ir.Type, body: Body) -> Value:
        self._count += 1
        term = Value(self._count, type_)
        self.bodies[term] = body
        return term

    def _narrow(self, term: Term, body: Body) -> None:
        self.bodies[term] = meet(self.bodies[term], body)

    # --- leaves ---

    def ask(self, leaf: ir.Condition, truth: bool | None) -> None:
        """A leaf is true, false, or (of a test of elements, whose ages may be) unknown."""
        match leaf:
            case ir.Not(part):
                self.ask(part, None if truth is None else not truth)
            case ir.ListTest("subset of", one, ir.Attribute() as other):
                self._subset(key_of(one), key_of(other), truth is True)
            case ir.ListTest("contains all", one, ir.Attribute() as other):
                self._subset(key_of(other), key_of(one), truth is True)
            case ir.ListTest("contains any", one, ir.Attribute() as other):
                if truth:
                    self._waiting.append((self._hold(key_of(one)), key_of(other)))
                else:
                    self._apart.append((key_of(one), key_of(other)))
            case ir.Quantified(_, list_, test):
                key = key_of(list_)
                usual = TRUE if leaf.is_every else FALSE
                if truth is leaf.is_every:
                    self._tests.setdefault(key, []).append((test, usual))
                    return
                if truth is None:
                    self._tests.setdefault(key, []).append((test, usual | {None}))
                wanted: Truths = frozenset((truth,))
                self._test(test, wanted, self._hold(key))
            case _:
                self._test(leaf, frozenset((truth,)), None)

    def _subset(self, inner: CubeKey, outer: CubeKey, truth: bool) -> None:
        if truth:
            self._within.setdefault(inner, []).append(outer)
        else:
            self._outside.append((self._hold(inner), outer))

    def _test(self, leaf: ir.Condition, truths: Truths, element: Term | None) -> None:
        """A test of one value (of an element, where it reads one) has one of some truths."""
        match leaf:
            case ir.Not(part):
                opposite = frozenset(None if each is None else not each for each in truths)
                self._test(part, opposite, element)
            case ir.Compare():
                left, sign, right = comparison(leaf, True)
                if isinstance(left, ir.Age) and isinstance(right, ir.Constant):
                    span = ordered(
                        Intervals("age", EDGES["age"]),
                        sign,
                        constant(ir.DURATION, right.value, self.policy),
                    )
                    self._aged(self._term(left.of, element), span, truths)
                elif isinstance(right, ir.Constant) or len(truths) != 1 or None in truths:
                    self._is_more(leaf, truths, element)
                else:
                    self._compared(sign if True in truths else OPPOSITE[sign], left, right, element)
            case ir.In(ir.Age(of), ir.Constants(_, values)):
                points = [constant(ir.DURATION, each, self.policy) for each in values]
                span = intervals("age", ((each, each) for each in points))
                self._aged(self._term(of, element), span, truths)
            case ir.In(item, ir.Attribute() as list_) if len(truths) == 1 and None not in truths:
                term, key = self._term(item, element), key_of(list_)
                if False in truths:
                    self._outside.append((term, key))
                elif isinstance(
                    item, ir.Age
                ):  # an element is in whole seconds, as an age need not be
                    self.limits.append((term, self._hold(key), AFTER["=="]))
                else:
                    self._waiting.append((term, key))
            case ir.Under(item, ir.Attribute() as outer):
                self.is_loose = True
                if truths == FALSE and ir.value_type(item.type) == ir.value_type(outer.type):
                    # What is known not to lie in another is not that other.
                    self.unequal.append((self._term(item, element), key_of(outer)))
            case _:
                self._is_more(leaf, truths, element)

    def _is_more(self, leaf: ir.Condition, truths: Truths, element: Term | None) -> None:
        """More than one truth, of a test that only the age of an element can leave unknown."""
        if truths != {None} or element is None:
            self.is_loose = True
        elif reads_age_of_element(leaf):
            self.limits.append((NOW_KEY, element, (FUTURE,)))
        else:
            self.is_impossible = True

    def _aged(self, time: Term, ages: Intervals, truths: Truths) -> None:
        """The age of a time is one of some (true), another one (false), or has not begun."""
        spans: list[tuple[float, float]] = []
        if None in truths:
            spans.append(FUTURE)
        if True in truths and False in truths:
            spans.append(ANY_AGE[0])
        elif True in truths:
            spans += ages.spans
        elif False in truths:
            spans += ages.complement()[0].spans
        self.limits.append((NOW_KEY, time, spans))

    def _compared(self, sign: Sign, left: ir.Term, right: ir.Term, element: Term | None) -> None:
        if isinstance(left, ir.Age) and isinstance(right, ir.Age):
            sign = MIRRORED[sign]  # the younger is the later
            for each in (left, right):
                self.limits.append((NOW_KEY, self._term(each.of, element), ANY_AGE))
            left, right = left.of, right.of
        one, other = self._term(left, element), self._term(right, element)
        if sign == "==":
            self.equal.append((one, other))
        elif sign == "!=":
            self.unequal.append((one, other))
        else:
            self.limits.append((one, other, AFTER[sign]))

    def _term(self, term: ir.Term, element: Term | None) -> Term:
        match term:
            case ir.Attribute():
                return key_of(term)
            case ir.Age(of):
                time = self._term(of, element)
                if time not in self._ages:
                    self.limits.append((NOW_KEY, time, ANY_AGE))
                    age = self._value(AGE_TYPE, Intervals("age", EDGES["age"]))
                    self._ages[time] = age
                    self.sums.append((age, NOW_KEY, time))
                return self._ages[time]
            case _:
                assert isinstance(term, ir.Element)
                assert element is not None
                return element
